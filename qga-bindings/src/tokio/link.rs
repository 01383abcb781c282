//! An asynchronous stream, as the driver sees it.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ::tokio::io::ReadBuf;
use ::tokio::runtime::{Handle, Id};
use ::tokio::time::{Instant, Sleep, sleep_until};

use super::Stream;
use crate::client::{Link, Transfer};

/// How often a stream may be ready in a row before other tasks have their turn: one that always is would keep them from it, and
/// the clock from being looked at.
const READY_IN_A_ROW: u32 = 32;

type Opening<S> = Pin<Box<dyn Future<Output = io::Result<S>> + Send>>;
type Open<S> = Box<dyn FnMut() -> Opening<S> + Send + Sync>;

pub(super) struct TokioLink<S> {
    stream: Option<S>,
    open: Option<Open<S>>,
    socket: Option<PathBuf>,
    /// The runtime that what follows belongs to.
    runtime: Option<Id>,
    opening: Option<Opening<S>>,
    timer: Option<Pin<Box<Sleep>>>,
    unflushed: bool,
    /// How often the stream has been ready without letting wait once.
    ready_in_a_row: u32,
}

impl<S: Stream> TokioLink<S> {
    pub(super) fn closed() -> Self {
        Self {
            stream: None,
            open: None,
            socket: None,
            runtime: None,
            opening: None,
            timer: None,
            unflushed: false,
            ready_in_a_row: 0,
        }
    }

    pub(super) fn over(stream: S) -> Self {
        Self { stream: Some(stream), ..Self::closed() }
    }

    pub(super) fn opening(open: Open<S>) -> Self {
        Self { open: Some(open), ..Self::closed() }
    }

    /// Says which unix socket it connects to, if it is one.
    pub(super) fn set_socket(&mut self, path: Option<PathBuf>) {
        self.socket = path;
    }

    pub(super) fn take(&mut self) -> Option<S> {
        self.stream.take()
    }

    /// Lets go of what belongs to another runtime than the one that polls now: that may have ended, or stand still.
    fn enter_runtime(&mut self) {
        let Ok(runtime) = Handle::try_current() else { return };
        if self.runtime != Some(runtime.id()) {
            self.runtime = Some(runtime.id());
            self.opening = None;
            self.timer = None;
        }
    }

    /// Ready when the deadline has passed.
    fn poll_deadline(
        &mut self,
        cx: &mut Context<'_>,
        deadline: std::time::Instant,
    ) -> Poll<io::Error> {
        self.enter_runtime();
        let deadline = Instant::from_std(deadline);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        // Setting it costs as much as a whole call. One that was set for an earlier call does until it is over.
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(cx));
        if timer.deadline() < deadline {
            timer.as_mut().reset(deadline);
            ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    fn poll_stream(
        &mut self,
        cx: &mut Context<'_>,
        outgoing: &[u8],
        incoming: &mut [u8],
    ) -> Poll<io::Result<Transfer>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        if !outgoing.is_empty() {
            if let Poll::Ready(written) = Pin::new(&mut *stream).poll_write(cx, outgoing) {
                self.unflushed = true;
                return Poll::Ready(written.map(Transfer::Written));
            }
        } else if self.unflushed {
            if let Poll::Ready(flushed) = Pin::new(&mut *stream).poll_flush(cx) {
                self.unflushed = false;
                flushed?;
            }
        }
        let mut buf = ReadBuf::new(incoming);
        ready!(Pin::new(stream).poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(Transfer::Read(buf.filled().len())))
    }
}

impl<S: Stream> Link for TokioLink<S> {
    fn now(&self) -> std::time::Instant {
        Instant::now().into_std()
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

    fn poll_open(
        &mut self,
        cx: &mut Context<'_>,
        deadline: std::time::Instant,
    ) -> Poll<io::Result<()>> {
        self.enter_runtime();
        let Some(open) = &mut self.open else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        let opening = self.opening.get_or_insert_with(open);
        if let Poll::Ready(result) = opening.as_mut().poll(cx) {
            self.opening = None;
            self.unflushed = false;
            return Poll::Ready(result.map(|stream| self.stream = Some(stream)));
        }
        let error = ready!(self.poll_deadline(cx, deadline));
        self.opening = None;
        Poll::Ready(Err(error))
    }

    fn poll_transfer(
        &mut self,
        cx: &mut Context<'_>,
        outgoing: &[u8],
        incoming: &mut [u8],
        deadline: std::time::Instant,
        left: Option<Duration>,
    ) -> Poll<io::Result<Transfer>> {
        let is_over =
            |link: &Self| left.map_or_else(|| link.now() >= deadline, |left| left.is_zero());
        if self.ready_in_a_row >= READY_IN_A_ROW {
            self.ready_in_a_row = 0;
            if is_over(self) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // Nothing is written too late. What has come is taken however late it is: other tasks may have kept this one from it.
        let is_late = !outgoing.is_empty() && is_over(self);
        let result = self.poll_stream(cx, if is_late { &[] } else { outgoing }, incoming);
        if result.is_ready() {
            self.ready_in_a_row += 1;
            return result;
        }
        // Without a wait, next to no time has passed.
        let has_waited = std::mem::take(&mut self.ready_in_a_row) == 0;
        if is_late || has_waited && outgoing.is_empty() && is_over(self) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.poll_deadline(cx, deadline).map(Err)
    }

    fn close(&mut self) {
        self.stream = None;
        self.opening = None;
        self.timer = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ::tokio::io::{AsyncRead, AsyncWrite};
    use ::tokio::runtime::Builder;
    use ::tokio::task::{spawn, yield_now};

    use super::*;
    use crate::commands::GuestPing;
    use crate::tokio::Client;

    /// Noise that never lets wait for it.
    struct Noise;

    impl AsyncRead for Noise {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            buf.initialize_unfilled().fill(b'x');
            buf.advance(buf.remaining());
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Noise {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn a_stream_that_is_always_ready_lets_other_tasks_have_their_turn_and_ends_in_time() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let call = spawn(async {
                let limit = Duration::from_millis(100);
                Client::new(Noise).execute_within(&GuestPing::new(), limit).await
            });
            let mut turns = 0;
            while !call.is_finished() {
                yield_now().await;
                turns += 1;
            }
            assert!(call.await.unwrap().unwrap_err().is_timeout());
            assert!(turns > 3, "{turns} turns");
        });
    }

    #[test]
    fn a_call_whose_time_is_over_before_it_begins_is_not_sent() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let result =
            runtime.block_on(Client::new(Noise).execute_within(&GuestPing::new(), Duration::ZERO));
        let error = result.unwrap_err();
        assert!(error.is_timeout() && !error.may_have_run(), "{error}");
    }
}
