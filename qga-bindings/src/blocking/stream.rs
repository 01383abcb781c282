//! Streams whose reads and writes can be limited in time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A stream whose reads and writes can be limited in time, as sockets can.
pub trait Stream: Read + Write {
    /// Limits how long a read may block: then it fails with `WouldBlock` or `TimedOut`.
    ///
    /// # Errors
    /// `Unsupported` if the stream has no such limit; deadlines then cannot end a read. Any other error means that the
    /// stream cannot be used.
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()>;

    /// Limits how long a write may block, in the same way.
    ///
    /// # Errors
    /// As for reads.
    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(limit))
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(limit))
    }
}

#[cfg(unix)]
impl Stream for std::os::unix::net::UnixStream {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(limit))
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(limit))
    }
}

#[cfg(all(target_os = "linux", feature = "vsock"))]
impl Stream for vsock::VsockStream {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(limit))
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(limit))
    }
}

impl<S: Stream + ?Sized> Stream for Box<S> {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        (**self).set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        (**self).set_write_limit(limit)
    }
}

/// Any stream, without limits in time.
///
/// A client over it looks at the clock between reads and writes only: a deadline passes unnoticed while a read or a write
/// blocks, so an agent that is silent blocks the thread until the stream ends. Nor does dropping the client wait for an answer
/// that is still due. Implement [`Stream`] for whatever has limits of its own.
#[derive(Clone, Copy, Debug)]
pub struct Untimed<S>(
    /// The stream.
    pub S,
);

impl<S: Read> Read for Untimed<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<S: Write> Write for Untimed<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<S: Read + Write> Stream for Untimed<S> {
    fn set_read_limit(&mut self, _: Duration) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn set_write_limit(&mut self, _: Duration) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
