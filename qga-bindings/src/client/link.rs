//! What the driver needs of a connection: the one thing that differs between the faces.

use std::io;
use std::path::Path;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A connection that can be used, closed and perhaps opened again.
///
/// A blocking link blocks inside these methods and never returns `Pending`; so a future made of them is ready when it is
/// first polled.
pub(crate) trait Link {
    /// The time, as the link's timers tell it.
    fn now(&self) -> Instant;

    /// Whether there is a connection.
    fn is_open(&self) -> bool;

    /// Whether there can be another connection after this one.
    fn can_reopen(&self) -> bool;

    /// The unix socket that it connects to, if it is one.
    fn socket(&self) -> Option<&Path>;

    /// Makes a connection; `TimedOut` when the deadline passes first.
    fn poll_open(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<io::Result<()>>;

    /// Writes some of `outgoing` or reads some bytes into `incoming`, whichever can be done first; `TimedOut` when the
    /// deadline passes before either, and before anything is written once it has passed. It reads also while bytes wait to be
    /// written, because an agent that cannot get rid of its output does not read. `left` is the time until the deadline, where
    /// that is known without a look at the clock.
    fn poll_transfer(
        &mut self,
        cx: &mut Context<'_>,
        outgoing: &[u8],
        incoming: &mut [u8],
        deadline: Instant,
        left: Option<Duration>,
    ) -> Poll<io::Result<Transfer>>;

    /// Gives up the connection.
    fn close(&mut self);
}

/// What a transfer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// So many bytes were written.
    Written(usize),
    /// So many bytes were read; none at the end of the stream.
    Read(usize),
}
