//! `qga tail`: the end of a file of the guest, and what is added to it.

use std::time::Duration;

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::files::CopyOptions;

use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::interrupt::Interrupt;

/// Show the end of a file of the guest, and with -f what is added to it.
#[derive(Args, Debug)]
pub(crate) struct Tail {
    /// The file.
    path: String,

    /// How many lines.
    #[arg(short = 'n', long, default_value_t = 10, value_name = "NUMBER")]
    lines: usize,

    /// Go on until interrupted.
    #[arg(short, long)]
    follow: bool,

    /// How often to look.
    #[arg(long, default_value = "500ms", value_name = "TIME", value_parser = humantime::parse_duration)]
    interval: Duration,
}

/// How far from the end lines are looked for.
const FAR: u64 = 1 << 20;

impl Tail {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let target = context.one()?;
        let interrupt = Interrupt::watch()?;
        context.with(&target, |guest| {
            let mut files = guest.agent.files();
            let length = files.length(&self.path)?;
            let mut end = Vec::new();
            let from = length.saturating_sub(FAR);
            let copied = files.copy_out(
                &self.path,
                &mut end,
                CopyOptions::new().offset(from).limit(2 * FAR),
            )?;
            context.output.guest_stdout(last_lines(&end, self.lines))?;
            let mut offset = from + copied.bytes;
            while self.follow && interrupt.pause(self.interval) {
                let length = files.length(&self.path)?;
                if length < offset {
                    context.output.remark(&format!("{} was cut off or begun anew", self.path));
                    offset = 0;
                }
                if length > offset {
                    let options = CopyOptions::new().offset(offset);
                    offset +=
                        files.copy_out(&self.path, context.output.guest_writer(), options)?.bytes;
                }
            }
            Ok(interrupt.exit().unwrap_or(exit::DONE))
        })
    }
}

/// The last lines of a text.
fn last_lines(text: &[u8], count: usize) -> &[u8] {
    if count == 0 {
        return &[];
    }
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let ends = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    match ends.map(|(at, _)| at + 1).nth(count - 1) {
        Some(start) => text.get(start..).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_whole_lines() {
        let text = b"a\nb\nc\n";
        assert_eq!(last_lines(text, 1), b"c\n");
        assert_eq!(last_lines(text, 2), b"b\nc\n");
        assert_eq!(last_lines(text, 9), text);
        assert_eq!(last_lines(text, 0), b"");
        assert_eq!(last_lines(b"a\nb", 1), b"b");
        assert_eq!(last_lines(b"\n\n\n", 2), b"\n\n");
    }
}
