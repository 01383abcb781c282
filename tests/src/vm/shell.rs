//! A shell in the guest, beside the agent: a line in, what it prints and its exit code out.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// What follows the output of each line.
const END: &str = "--- exit code ";

/// A connection to the guest's shell.
#[derive(Debug)]
pub struct Shell(BufReader<UnixStream>);

/// What a line came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What it printed, without the last line's end.
    pub text: String,
    /// Its exit code.
    pub code: i32,
}

impl Shell {
    pub(crate) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(super::PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Waits until the machine that the guest runs on has ended.
    pub(crate) fn wait_until_gone(&mut self) {
        // However reading ends: there is nothing more to be known of it.
        let _ = self.0.get_ref().set_read_timeout(Some(super::PATIENCE));
        let _ = io::copy(&mut self.0, &mut io::sink());
    }

    /// Runs a line, which must not read its input.
    ///
    /// # Panics
    /// The guest does not answer in time.
    #[expect(clippy::panic, reason = "a test whose guest does not answer has failed")]
    pub fn run(&mut self, line: &str, limit: Duration) -> Output {
        match self.try_run(line, limit) {
            Ok(output) => output,
            Err(error) => panic!("`{line}` in the guest: {error}"),
        }
    }

    fn try_run(&mut self, line: &str, limit: Duration) -> io::Result<Output> {
        self.0.get_ref().set_read_timeout(Some(limit))?;
        writeln!(self.0.get_mut(), "{line}")?;
        let mut text = String::new();
        loop {
            let mut next = String::new();
            if self.0.read_line(&mut next)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // What a line printed may lack the end of its last line.
            if let Some((rest, code)) = next.split_once(END) {
                text.push_str(rest);
                let code = code.trim().parse().map_err(io::Error::other)?;
                text.truncate(text.trim_end().len());
                return Ok(Output { text, code });
            }
            text.push_str(&next);
        }
    }
}
