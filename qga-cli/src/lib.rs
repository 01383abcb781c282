//! `qga`, the command line of the QEMU guest agent, as a library, so that its manual pages and completions are made from the
//! same source.
//!
//! | what | where |
//! | --- | --- |
//! | one file per command | `commands/` |
//! | which guests, and how they are reached | `target/` |
//! | what people and programs see | `output/` |
//! | what went wrong, what to do next, exit codes | `failure/` |

mod agent;
mod args;
mod commands;
mod confirm;
mod context;
pub mod demo;
mod failure;
mod input;
mod interrupt;
mod output;
mod progress;
mod side_by_side;
mod target;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let Some(command) = cli.command else {
        return usage();
    };
    ExitCode::from(context::Context::new(cli.global).run(&command))
}

/// A command line that is read once and run as often as wanted, for tests of what is shown of a guest.
#[doc(hidden)]
#[derive(Debug)]
pub struct Question(context::Context, commands::Command);

#[doc(hidden)]
impl Question {
    /// From the program's arguments, the first of which is its name; nothing if they are not understood.
    pub fn new(arguments: &[&str]) -> Option<Self> {
        let cli = args::Cli::try_parse_from(arguments).ok()?;
        Some(Self(context::Context::new(cli.global), cli.command?))
    }

    /// What a terminal gets of it now.
    pub fn shown(&self) -> String {
        output::captured(|| {
            self.0.run(&self.1);
        })
    }
}

/// Tells what is wrong with the command line, or the help that it asks for. The exit codes of what runs programs in a guest
/// belong to those programs, up to a few.
fn misused(error: &clap::Error) -> ExitCode {
    // There is nowhere left to say that this failed.
    drop(error.print());
    if error.exit_code() == 0 {
        return ExitCode::SUCCESS;
    }
    let words = command().ignore_errors(true).try_get_matches();
    let runs_program =
        words.is_ok_and(|words| matches!(words.subcommand_name(), Some("exec" | "sh")));
    ExitCode::from(if runs_program { failure::exit::OURS } else { failure::exit::USAGE })
}

/// What is said to somebody who says nothing.
fn usage() -> ExitCode {
    // There is nowhere left to say that this failed.
    let _ = writeln!(std::io::stderr(), "{}", command().render_help());
    ExitCode::from(failure::exit::USAGE)
}

/// The command line as data.
pub fn command() -> clap::Command {
    args::Cli::command()
}
