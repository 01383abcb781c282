//! A client's end of the connection to a fake agent.

use std::io::{self, Read, Write};
#[cfg(feature = "tokio")]
use std::pin::Pin;
#[cfg(feature = "tokio")]
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::agent::Agent;
use super::state::Readable;
use crate::blocking::Stream;

/// A client's end of a connection to a fake [`Agent`].
///
/// The agent runs inside of writes, in the thread of the client; reads wait no longer than the limit they were given.
#[derive(Debug)]
pub struct Connection {
    agent: Agent,
    number: u64,
    read_limit: Duration,
    /// Wakes an asynchronous reader when something is due.
    #[cfg(feature = "tokio")]
    timer: Option<Pin<Box<::tokio::time::Sleep>>>,
}

impl Connection {
    pub(super) fn new(agent: Agent, number: u64) -> Self {
        Self {
            agent,
            number,
            read_limit: Duration::MAX,
            #[cfg(feature = "tokio")]
            timer: None,
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let limit = Instant::now().checked_add(self.read_limit);
        let mut state = self.agent.lock();
        loop {
            let readable =
                if state.connection == self.number { state.read(buf) } else { Readable::End };
            let due = match readable {
                Readable::Bytes(n) => return Ok(n),
                Readable::End => return Ok(0),
                Readable::NotBefore(due) => due,
            };
            let now = Instant::now();
            if limit.is_some_and(|limit| limit <= now) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let until = [due, limit].into_iter().flatten().min();
            let time = until
                .map_or(Duration::from_secs(3600), |until| until.saturating_duration_since(now));
            state = self.agent.wait(state, time);
        }
    }
}

impl Write for Connection {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut state = self.agent.lock();
        if state.connection != self.number {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let size = state.piece_size.unwrap_or(usize::MAX).min(buf.len());
        state.receive(buf.get(..size).unwrap_or(buf));
        self.agent.notify(&mut state);
        Ok(size)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Connection {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.read_limit = limit;
        Ok(())
    }

    fn set_write_limit(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "tokio")]
impl ::tokio::io::AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ::tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let due = {
            let mut state = self.agent.lock();
            let readable = if state.connection == self.number {
                state.read(buf.initialize_unfilled())
            } else {
                Readable::End
            };
            match readable {
                Readable::Bytes(n) => {
                    buf.advance(n);
                    return Poll::Ready(Ok(()));
                }
                Readable::End => return Poll::Ready(Ok(())),
                Readable::NotBefore(due) => {
                    state.reader = Some(cx.waker().clone());
                    due
                }
            }
        };
        let Some(due) = due else { return Poll::Pending };
        let timer = self.timer.insert(Box::pin(::tokio::time::sleep_until(due.into())));
        if timer.as_mut().poll(cx).is_ready() {
            // It is due by now, or the clock of the runtime is ahead of ours; to wait here would keep other tasks waiting.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

#[cfg(feature = "tokio")]
impl ::tokio::io::AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(buf))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
