//! `qga write`: our standard input to a file of the guest.

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::files::CopyOptions;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::input::Input;
use crate::interrupt::Interrupt;
use crate::output::{Report, Text};

/// Write standard input to a file of the guest.
#[derive(Args, Debug)]
pub(crate) struct Write {
    /// The file. What was in it is gone.
    path: String,

    /// Write a new file and put it in the place of the old one when it is complete; needs a POSIX guest.
    #[arg(long)]
    replace: bool,

    /// Permissions of the file, in octal; needs a POSIX guest. Without, a new file can be read and written by everybody in the
    /// guest.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<u32>,
}

impl Write {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let target = context.one()?;
        // What is interrupted closes the file in the guest, which the agent would keep open.
        let interrupt = Interrupt::watch()?;
        context.with(&target, |guest| {
            let options = CopyOptions::new().replace(self.replace);
            let options = match self.mode {
                Some(mode) => options.permissions(mode),
                None => options,
            };
            guest.agent.interrupted_by(&interrupt);
            let mut input = Input::new(&interrupt);
            let copied = guest.agent.files().copy_in(&mut input, &self.path, options);
            let interrupted = |exit| Failure::with_exit("interrupted", exit);
            let copied = copied
                .map_err(|error| interrupt.exit().map_or_else(|| error.into(), interrupted))?;
            input.whole()?;
            // Nothing is to be told to people: it has worked.
            context
                .output
                .report(&Report::new(&json!({ "bytes": copied.bytes }), Text::default())?)?;
            Ok(exit::DONE)
        })
    }
}

/// Reads permissions such as 640.
pub(super) fn mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o7777 => Ok(mode),
        _ => Err("permissions are written in octal, such as 640".to_owned()),
    }
}
