//! A question before something that cannot be taken back.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::failure::Failure;
use crate::output::escape;

/// Asks whether to go on, unless that was said already. Where there is nobody to ask, the answer is no.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(
            Failure::usage(format!("{question} There is nobody to ask")).next("say so with --yes")
        );
    }
    let mut stderr = io::stderr().lock();
    // If the question cannot be read, neither can it be answered.
    let asked = write!(stderr, "{} [y/N] ", escape(question)).and_then(|()| stderr.flush());
    let mut answer = String::new();
    let read = asked.and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) => Ok(()),
        _ => Err(Failure::new("nothing was done")),
    }
}
