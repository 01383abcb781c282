//! A stream that blocks, as the driver sees it.

use std::io;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::stream::Stream;
use crate::client::{Link, Transfer};

/// How long a write may block before it is seen whether there is something to read instead.
const WRITE_PATIENCE: Duration = Duration::from_millis(100);

/// How long is looked for something to read while a write waits.
const GLANCE: Duration = Duration::from_millis(1);

/// How much is written at once, so that a write cannot take many times its limit by going on slowly.
const WRITE_SIZE: usize = 64 * 1024;

/// How often something may be there to read when time is over already: a flood must not go on without end.
const LATE_READS: u32 = 32;

type Open<S> = Box<dyn FnMut(Duration) -> io::Result<S> + Send>;

pub(super) struct BlockingLink<S> {
    stream: Option<Limited<S>>,
    open: Option<Open<S>>,
    socket: Option<PathBuf>,
}

impl<S: Stream> BlockingLink<S> {
    pub(super) fn over(stream: S) -> Self {
        Self { stream: Some(Limited::new(stream)), open: None, socket: None }
    }

    pub(super) fn opening(open: Open<S>) -> Self {
        Self { stream: None, open: Some(open), socket: None }
    }

    /// Says which unix socket it connects to, if it is one.
    pub(super) fn set_socket(&mut self, path: Option<PathBuf>) {
        self.socket = path;
    }

    pub(super) fn take(&mut self) -> Option<S> {
        self.stream.take().map(|limited| limited.stream)
    }

    /// Whether reads end in time.
    pub(super) fn is_timed(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.timed)
    }
}

impl<S: Stream> Link for BlockingLink<S> {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    fn can_reopen(&self) -> bool {
        self.open.is_some()
    }

    fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    fn poll_open(&mut self, _: &mut Context<'_>, deadline: Instant) -> Poll<io::Result<()>> {
        let Some(open) = &mut self.open else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Ready(open(left).map(|stream| self.stream = Some(Limited::new(stream))))
    }

    fn poll_transfer(
        &mut self,
        _: &mut Context<'_>,
        outgoing: &[u8],
        incoming: &mut [u8],
        deadline: Instant,
        left: Option<Duration>,
    ) -> Poll<io::Result<Transfer>> {
        Poll::Ready(match &mut self.stream {
            Some(stream) => stream.transfer(outgoing, incoming, deadline, left),
            None => Err(io::ErrorKind::NotConnected.into()),
        })
    }

    fn close(&mut self) {
        self.stream = None;
    }
}

/// A stream and the limits it was last given: setting one is a system call, and in the ordinary case it is right already.
struct Limited<S> {
    stream: S,
    read: Option<Limit>,
    write: Option<Limit>,
    timed: bool,
    unflushed: bool,
    /// Whether the agent writes instead of reading: then it is let finish before it is written to again.
    talking: bool,
    /// How often it was read from after the end of the time that ended last.
    late: Option<(Instant, u32)>,
}

impl<S: Stream> Limited<S> {
    fn new(stream: S) -> Self {
        Self {
            stream,
            read: None,
            write: None,
            timed: true,
            unflushed: false,
            talking: false,
            late: None,
        }
    }

    fn transfer(
        &mut self,
        outgoing: &[u8],
        incoming: &mut [u8],
        deadline: Instant,
        mut left: Option<Duration>,
    ) -> io::Result<Transfer> {
        let mut has_read = false;
        loop {
            let left =
                left.take().unwrap_or_else(|| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return if has_read {
                    Err(io::ErrorKind::TimedOut.into())
                } else {
                    self.read_late(incoming, deadline)
                };
            }
            let mut must_write = !outgoing.is_empty() || self.unflushed;
            if must_write && !self.talking {
                self.limit_writes(left.min(WRITE_PATIENCE))?;
                match self.write(outgoing)? {
                    Some(0) if outgoing.is_empty() => must_write = false,
                    Some(written) => return Ok(Transfer::Written(written)),
                    None => {}
                }
            }
            self.limit_reads(if must_write { left.min(GLANCE) } else { left })?;
            let read = in_time(self.stream.read(incoming))?;
            self.talking = read.is_some() && !outgoing.is_empty();
            if let Some(read) = read {
                return Ok(Transfer::Read(read));
            }
            has_read = true;
        }
    }

    /// Takes what has come when time is over: the process may have been kept from it.
    #[cold]
    fn read_late(&mut self, incoming: &mut [u8], deadline: Instant) -> io::Result<Transfer> {
        let before = self.late.filter(|(at, _)| *at == deadline).map_or(0, |(_, reads)| reads);
        self.late = Some((deadline, before + 1));
        if before < LATE_READS {
            self.limit_reads(GLANCE)?;
            if self.timed
                && let Some(read) = in_time(self.stream.read(incoming))?
            {
                return Ok(Transfer::Read(read));
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Writes a piece, or flushes where everything has been written; nothing if that could not be done at once.
    fn write(&mut self, outgoing: &[u8]) -> io::Result<Option<usize>> {
        if outgoing.is_empty() {
            let flushed = in_time(self.stream.flush().map(|()| 0))?;
            self.unflushed = flushed.is_none();
            return Ok(flushed);
        }
        self.unflushed = true;
        in_time(self.stream.write(outgoing.get(..WRITE_SIZE).unwrap_or(outgoing)))
    }

    fn limit_reads(&mut self, limit: Duration) -> io::Result<()> {
        if self.timed && !self.read.is_some_and(|set| set.serves(limit)) {
            let result = self.stream.set_read_limit(limit);
            self.read = Some(Limit::new(limit));
            self.accept_untimed(result)?;
        }
        Ok(())
    }

    fn limit_writes(&mut self, limit: Duration) -> io::Result<()> {
        if self.timed && !self.write.is_some_and(|set| set.serves(limit)) {
            let result = self.stream.set_write_limit(limit);
            self.write = Some(Limit::new(limit));
            self.accept_untimed(result)?;
        }
        Ok(())
    }

    fn accept_untimed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                self.timed = false;
                Ok(())
            }
            result => result,
        }
    }
}

/// A limit that was set, by what it serves for: for each limit wanted that it exceeds by a little at most, and of which it is not
/// so small a part that ending and beginning again would cost anything.
#[derive(Clone, Copy)]
struct Limit {
    least: Duration,
    most: Duration,
}

impl Limit {
    fn new(set: Duration) -> Self {
        const LONG: Duration = Duration::from_secs(5);
        let least = set.saturating_sub(set / 100 + Duration::from_millis(1));
        let most = if set >= LONG { Duration::MAX } else { set.saturating_mul(2) };
        Self { least, most }
    }

    fn serves(self, wanted: Duration) -> bool {
        self.least <= wanted && wanted <= self.most
    }
}

/// The result of a read or write, or nothing if its time limit passed.
fn in_time(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(n) => Ok(Some(n)),
        Err(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => {
                Ok(None)
            }
            _ => Err(error),
        },
    }
}
