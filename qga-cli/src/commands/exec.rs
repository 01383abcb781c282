//! `qga exec`: a program in the guest, as if it ran here.

pub(super) mod program;
pub(super) mod report;
pub(super) mod run;
mod start;

use clap::Args;

use crate::context::Context;
use crate::failure::Failure;
use program::Settings;

/// Run a program in the guest: its output is ours, and so is its exit code.
///
/// The exit code is the program's, 128 and the number of the signal that ended it, 124 if its time was over, 125 if it could
/// not be run for reasons of ours, 126 if it is no program and 127 if there is none of that name. Ctrl-C ends the program.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Exec {
    #[command(flatten)]
    settings: Settings,

    /// Tell how a program that was started with --detach has ended; an agent tells this once.
    #[arg(long, value_name = "PID", conflicts_with_all = ["program", "detach", "stdin", "env", "dir", "limit"])]
    status: Option<i64>,

    /// The program.
    #[arg(required_unless_present = "status")]
    program: Option<String>,

    /// Its arguments, which no shell looks at.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Exec {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        match self.status {
            Some(pid) => run::status(context, pid),
            None => run::everywhere(context, &self.settings, &|_| Ok(self.words())),
        }
    }
    fn words(&self) -> Vec<String> {
        self.program.iter().chain(&self.args).cloned().collect()
    }
}
