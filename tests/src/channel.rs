//! A channel to a fake agent on which something happens after a chosen number of bytes.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::io::{AsyncRead, ReadBuf};
use qga_bindings::blocking;
use qga_bindings::fake::{Agent, Connection};

type Incident = Box<dyn FnMut(&Agent) + Send>;

/// A connection that carries one byte at a time, until its incident has happened.
pub struct Channel {
    agent: Agent,
    connection: Connection,
    bytes_before: usize,
    incident: Option<Incident>,
}

impl Channel {
    /// A connection to an agent; after so many bytes, in both directions together, `incident` happens, once.
    pub fn new(
        agent: &Agent,
        bytes_before: usize,
        incident: impl FnMut(&Agent) + Send + 'static,
    ) -> Self {
        Self {
            agent: agent.clone(),
            connection: agent.connect(),
            bytes_before,
            incident: Some(Box::new(incident)),
        }
    }

    /// How much of so many bytes may pass now.
    fn admit(&mut self, bytes: usize) -> usize {
        if self.bytes_before == 0
            && let Some(mut incident) = self.incident.take()
        {
            incident(&self.agent);
        }
        if self.incident.is_some() { bytes.min(1) } else { bytes }
    }

    fn passed(&mut self, bytes: usize) {
        self.bytes_before = self.bytes_before.saturating_sub(bytes);
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("bytes_before", &self.bytes_before).finish_non_exhaustive()
    }
}

impl Read for Channel {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let admitted = self.admit(buf.len());
        let read = self.connection.read(&mut buf[..admitted])?;
        self.passed(read);
        Ok(read)
    }
}

impl Write for Channel {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let admitted = self.admit(buf.len());
        let written = self.connection.write(&buf[..admitted])?;
        self.passed(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.connection.flush()
    }
}

impl blocking::Stream for Channel {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.connection.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.connection.set_write_limit(limit)
    }
}

impl AsyncRead for Channel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let admitted = self.admit(buf.remaining());
        let mut piece = buf.take(admitted);
        let result = Pin::new(&mut self.connection).poll_read(cx, &mut piece);
        let read = piece.filled().len();
        buf.advance(read);
        self.passed(read);
        result
    }
}

crate::writes_at_once!(Channel);
