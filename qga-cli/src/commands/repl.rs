//! `qga repl`: a prompt for the guest's shell, which keeps its folder and its variables from line to line.

mod session;
mod split;

use std::path::PathBuf;

use clap::Args;
use etcetera::BaseStrategy as _;
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};

use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::interrupt::Interrupt;
use crate::output::escape;
use session::Session;

/// Type lines for the guest's shell; its folder and exported variables stay from line to line. Needs a POSIX guest.
///
/// Ctrl-C ends what runs in the guest, Ctrl-D the prompt. Programs have no input; their output
/// is shown as it comes.
#[derive(Args, Debug)]
pub(crate) struct Repl {}

/// Reads lines and has the guest run them.
pub(crate) fn run(context: &Context) -> Result<u8, Failure> {
    let target = context.one()?;
    let interrupt = Interrupt::watch()?;
    let failed = |error: ReadlineError| Failure::host(format!("lines cannot be read: {error}"));
    let mut editor = DefaultEditor::with_config(Config::builder().auto_add_history(true).build())
        .map_err(failed)?;
    let history = history();
    if let Some(history) = &history {
        // There is none yet when this is used for the first time.
        drop(editor.load_history(history));
    }
    let ended = context.with(&target, |guest| {
        let mut session = Session::begin(&mut guest.agent)?;
        let mut last = exit::DONE;
        loop {
            let prompt = format!("{}:{}$ ", escape(&target.name), escape(session.folder()));
            // There is nothing to clean up, and reading a line goes on whatever is noted.
            interrupt.end_at_once();
            match editor.readline(&prompt) {
                Ok(line) if line.trim().is_empty() => {}
                Ok(line) => {
                    last = session.run(&mut guest.agent, &line, context, &interrupt)?;
                    if session.has_ended() {
                        return Ok(last);
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(last),
                Err(error) => return Err(failed(error)),
            }
        }
    });
    if let Some(history) = &history {
        // It is only a convenience.
        drop(history.parent().map(std::fs::create_dir_all));
        drop(editor.save_history(history));
    }
    ended
}

/// Where lines are remembered.
fn history() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Some(folder.join("qga").join("history"))
}
