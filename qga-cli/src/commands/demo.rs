//! `qga demo`: a tour of a guest that is made up.

use clap::{Args, Parser as _};

use crate::args::Cli;
use crate::context::Context;
use crate::failure::{Failure, exit};

/// Show what this program does, with a guest that is made up; `-c demo:` tries anything else with it.
#[derive(Args, Debug)]
pub(crate) struct Demo {}

/// What is shown, as it would be typed.
const TOUR: &[&[&str]] = &[
    &["ping"],
    &["info"],
    &["fs"],
    &["exec", "--", "echo", "hello from the guest"],
    &["sh", "exit 3"],
    &["cat", "/etc/motd"],
    &["freeze", "--while", "--", "true"],
    &["call", "guest-get-host-name"],
    &["--json", "load"],
    &["doctor"],
];

/// Shows the tour.
pub(crate) fn run(context: &Context) -> Result<u8, Failure> {
    for words in TOUR {
        let words = [&["qga", "-c", "demo:"], *words].concat();
        let cli = Cli::try_parse_from(&words).map_err(|error| Failure::new(error.to_string()))?;
        let Some(command) = cli.command else { continue };
        let shown: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        context.output.heading(&format!("$ {}", shown.join(" ")))?;
        let code = Context::new(cli.global).run(&command);
        if code != exit::DONE {
            context.output.heading(&format!("(exit code {code})"))?;
        }
    }
    Ok(exit::DONE)
}

/// A word as a shell would have it.
fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("'{word}'") } else { word.to_owned() }
}
