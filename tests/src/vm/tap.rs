//! A connection whose incoming bytes are kept, since clients do not tell what they skip.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use qga_bindings::blocking::Stream;

/// A connection that keeps what comes in.
#[derive(Debug)]
pub struct Tap {
    stream: UnixStream,
    heard: Heard,
}

/// What came in so far.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Vec<u8>>>);

impl Tap {
    /// Puts itself below a client of this connection.
    pub fn new(stream: UnixStream) -> Self {
        Self { stream, heard: Heard::default() }
    }

    /// What comes in, also after a client has taken the connection.
    pub fn heard(&self) -> Heard {
        self.heard.clone()
    }
}

impl Heard {
    /// How many bytes came in.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether nothing came in.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// How often these bytes came in.
    pub fn count(&self, piece: &[u8]) -> usize {
        self.bytes().windows(piece.len().max(1)).filter(|window| *window == piece).count()
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Read for Tap {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buf)?;
        self.heard.bytes().extend_from_slice(buf.get(..length).unwrap_or_default());
        Ok(length)
    }
}

impl Write for Tap {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.stream.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Stream for Tap {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.stream.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.stream.set_write_limit(limit)
    }
}
