//! `qga cat`: what is in files of the guest.

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::files::CopyOptions;

use crate::context::Context;
use crate::failure::{Failure, exit};

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
        context.with(&target, |guest| {
            let mut files = guest.agent.files();
            for path in &self.path {
                files.copy_out(path, context.output.guest_writer(), CopyOptions::new())?;
            }
            Ok(exit::DONE)
        })
    }
}
