//! What is copied from and to on this side: streams that block, or that are awaited.

use std::io::{self, Read, Write};

/// Where bytes come from.
pub(crate) trait Source {
    /// Reads some bytes; none at the end.
    async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize>;
}

/// Where bytes go.
pub(crate) trait Sink {
    /// Writes all of the bytes.
    async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Hands on what was written and kept back.
    async fn flush(&mut self) -> io::Result<()>;
}

/// A stream that blocks.
#[derive(Debug)]
pub(crate) struct Waiting<T>(pub(crate) T);

impl<T: Read> Source for Waiting<T> {
    async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buf) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

impl<T: Write> Sink for Waiting<T> {
    async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Fills a buffer, unless the source ends before.
pub(super) async fn fill(source: &mut impl Source, buf: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest).await? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}
