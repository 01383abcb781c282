//! The two streams: what is written goes out in one piece, so that it stays together whoever else writes.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::bytes;

/// Writes our own text to standard output; styles are left out where they would not be understood.
pub(super) fn stdout(text: &str) -> io::Result<()> {
    write(io::stdout().lock(), &styled(&io::stdout(), text))
}

/// Writes our own text to standard error. There is nowhere left to say that it failed.
pub(super) fn stderr(text: &str) {
    drop(write(io::stderr().lock(), &styled(&io::stderr(), text)));
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
