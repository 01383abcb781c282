//! `qga cat`: what is in files of the guest.

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::files::CopyOptions;

use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::interrupt::Interrupt;

/// Show files of the guest.
#[derive(Args, Debug)]
pub(crate) struct Cat {
    /// The files.
    #[arg(required = true)]
    path: Vec<String>,
}

impl Cat {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let target = context.one()?;
        let interrupt = Interrupt::watch()?;
        context.with(&target, |guest| {
            // What is interrupted closes the file in the guest, which the agent would keep open.
            guest.agent.interrupted_by(&interrupt);
            let mut files = guest.agent.files();
            for path in &self.path {
                let copied =
                    files.copy_out(path, context.output.guest_writer(), CopyOptions::new());
                copied.map_err(|error| {
                    interrupt.exit().map_or_else(|| error.into(), Failure::silent)
                })?;
            }
            Ok(exit::DONE)
        })
    }
}
