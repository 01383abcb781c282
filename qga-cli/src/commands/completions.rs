//! `qga completions` and `qga man`: what goes with the program, from the same source.

use std::io;
use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::complete;

use crate::context::Context;
use crate::failure::{Failure, exit};

/// Print a script that completes this program's arguments in a shell.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

/// Write the manual pages to a folder, one for each command.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The folder.
    folder: PathBuf,
}

impl Completions {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let script = match self.shell {
            Shell::Bash => complete::Shell::Bash.script().into(),
            Shell::Zsh => complete::Shell::Zsh.script().into(),
            Shell::Fish => complete::Shell::Fish.script().into(),
            // These know the program's own words only, and no names or paths of guests.
            shell => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut crate::command(), "qga", &mut script);
                script
            }
        };
        context.output.guest_stdout(&script)?;
        Ok(exit::DONE)
    }
}

impl Man {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let write = || {
            std::fs::create_dir_all(&self.folder)?;
            clap_mangen::generate_to(crate::command(), &self.folder)
        };
        write().map_err(|error: io::Error| {
            Failure::host(format!("{} cannot be written: {error}", self.folder.display()))
        })?;
        context.output.remark(&format!("manual pages are in {}", self.folder.display()));
        Ok(exit::DONE)
    }
}
