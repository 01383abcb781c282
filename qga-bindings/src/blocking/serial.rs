//! A serial line with limits in time, which lines themselves do not have.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Stream;

/// A serial line that is waited for before it is read or written.
#[derive(Debug)]
pub(super) struct SerialLine {
    line: File,
    read_limit: Duration,
    write_limit: Duration,
}

impl SerialLine {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let line = crate::serial::open_raw(path)?;
        Ok(Self { line, read_limit: Duration::MAX, write_limit: Duration::MAX })
    }

    fn wait(&self, for_what: PollFlags, limit: Duration) -> io::Result<()> {
        let limit = Timespec::try_from(limit).ok();
        match poll(&mut [PollFd::new(&self.line, for_what)], limit.as_ref())? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            _ => Ok(()),
        }
    }
}

impl Read for SerialLine {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.wait(PollFlags::IN, self.read_limit)?;
        self.line.read(buf)
    }
}

impl Write for SerialLine {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.wait(PollFlags::OUT, self.write_limit)?;
        self.line.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for SerialLine {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.read_limit = limit;
        Ok(())
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.write_limit = limit;
        Ok(())
    }
}
