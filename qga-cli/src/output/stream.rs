//! The two streams: what is written goes out in one piece, so that it stays together whoever else writes.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::bytes;

thread_local! {
    /// What goes to neither stream, while there is something here to go to.
    static CAPTURED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What is written by this thread while `work` lasts, as on a terminal, in place of being written.
pub(crate) fn captured(work: impl FnOnce()) -> String {
    CAPTURED.set(Some(String::new()));
    work();
    CAPTURED.take().unwrap_or_default()
}

/// Keeps text if it is to be captured, and says whether it was.
fn capture(text: &str) -> bool {
    CAPTURED.with_borrow_mut(|captured| captured.as_mut().map(|all| all.push_str(text)).is_some())
}

/// Writes our own text to standard output; styles are left out where they would not be understood.
pub(super) fn stdout(text: &str) -> io::Result<()> {
    if capture(text) {
        return Ok(());
    }
    write(io::stdout().lock(), &styled(&io::stdout(), text))
}

/// Writes our own text to standard error. There is nowhere left to say that it failed.
pub(super) fn stderr(text: &str) {
    if !capture(text) {
        drop(write(io::stderr().lock(), &styled(&io::stderr(), text)));
    }
}

/// Writes text that has no styles of ours, as it is.
pub(super) fn raw_stdout(text: &str) -> io::Result<()> {
    write(io::stdout().lock(), text.as_bytes())
}

/// Writes what the guest wrote: as it is, unless a terminal would act on it.
pub(super) fn guest(stream: impl Write + IsTerminal, bytes: &[u8], raw: bool) -> io::Result<()> {
    if raw || !stream.is_terminal() {
        return write(stream, bytes);
    }
    write(stream, bytes::for_terminal(bytes).as_bytes())
}

/// A stream for what the guest wrote, piece by piece.
#[derive(Debug)]
pub(crate) struct GuestWriter<W> {
    stream: W,
    raw: bool,
    /// The beginning of a character whose end has not come yet.
    rest: Vec<u8>,
}

impl<W: Write + IsTerminal> GuestWriter<W> {
    pub(super) fn new(stream: W, raw: bool) -> Self {
        Self { raw: raw || !stream.is_terminal(), rest: Vec::new(), stream }
    }
}

impl<W: Write> Write for GuestWriter<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.raw {
            return self.stream.write(buf);
        }
        self.rest.extend_from_slice(buf);
        let whole = whole_characters(&self.rest);
        let text: Vec<u8> = self.rest.drain(..whole).collect();
        write(&mut self.stream, bytes::for_terminal(&text).as_bytes())?;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // What is no character by now will not become one.
        let rest = std::mem::take(&mut self.rest);
        write(&mut self.stream, bytes::for_terminal(&rest).as_bytes())
    }
}

/// The two streams of a program in the guest.
#[derive(Debug)]
pub(crate) struct Streamed {
    pub(super) stdout: GuestWriter<io::Stdout>,
    pub(super) stderr: GuestWriter<io::Stderr>,
}

impl Streamed {
    /// Shows a piece of standard output.
    pub(crate) fn stdout(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stdout.write_all(bytes)?;
        // What a terminal shows is written whole; a pipe wants to be told.
        if self.stdout.raw { self.stdout.stream.flush() } else { Ok(()) }
    }

    /// Shows a piece of standard error. If nobody reads it any more, the program's end is still told.
    pub(crate) fn stderr(&mut self, bytes: &[u8]) {
        drop(self.stderr.write_all(bytes));
    }
}

impl Drop for Streamed {
    /// Shows what began a character that did not come.
    fn drop(&mut self) {
        drop(self.stdout.flush());
        drop(self.stderr.flush());
    }
}

/// How many bytes there are up to the last whole character, or what cannot become one.
fn whole_characters(text: &[u8]) -> usize {
    let begins = |byte: &u8| *byte >= 0xc0;
    let last = text.iter().rev().take(3).position(begins).map(|back| text.len() - 1 - back);
    match last {
        Some(at) => match std::str::from_utf8(text.get(at..).unwrap_or_default()) {
            Err(error) if error.error_len().is_none() => at,
            _ => text.len(),
        },
        None => text.len(),
    }
}

fn styled(stream: &impl anstream::stream::RawStream, text: &str) -> Vec<u8> {
    match AutoStream::choice(stream) {
        ColorChoice::Never => anstream::adapter::strip_str(text).to_string().into_bytes(),
        _ => text.as_bytes().to_vec(),
    }
}

fn write(mut stream: impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_not_complete_waits_for_its_end() {
        for (text, whole) in [
            (&b"abc"[..], 3),
            (b"ab\xc3", 2),
            (b"ab\xc3\xa9", 4),
            (b"a\xf0\x9f\x98", 1),
            (b"a\xf0\x9f\x98\x80", 5),
            (b"a\xff", 2),
            (b"\x80\x80\x80\x80", 4),
            (b"", 0),
        ] {
            assert_eq!(whole_characters(text), whole, "{text:?}");
        }
    }
}
