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
    let cli = args::Cli::parse();
    let Some(command) = cli.command else {
        return usage();
    };
    ExitCode::from(context::Context::new(cli.global).run(&command))
}

/// What a terminal gets of the program with these arguments, the first of which is its name. For tests, of what is asked of one
/// guest.
#[doc(hidden)]
pub fn shown(arguments: &[&str]) -> String {
    let Ok(cli) = args::Cli::try_parse_from(arguments) else { return String::new() };
    output::captured(|| {
        if let Some(command) = &cli.command {
            context::Context::new(cli.global).run(command);
        }
    })
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
