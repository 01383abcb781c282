//! What the helpers need of an agent: the one thing that differs between the faces.

use std::time::{Duration, Instant};

use crate::{Command, Error};

/// An agent, and the time that passes while waiting for it.
///
/// Helpers are written once, as asynchronous functions over this trait. The blocking face blocks inside of these methods, so
/// that a helper's future is ready when it is first polled; see [`block_on`].
pub(crate) trait Guest {
    /// Executes a command, within the time that its class is given, or else within `limit`.
    async fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error>;

    /// Gives up a connection that stays silent, where another can take its place.
    async fn reconnect(&mut self);

    /// Lets time pass.
    async fn pause(&mut self, time: Duration);

    /// The time, as timers tell it.
    fn now(&self) -> Instant;
}

/// A helper may use another one.
impl<G: Guest> Guest for &mut G {
    async fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error> {
        (**self).execute(command, limit).await
    }

    async fn reconnect(&mut self) {
        (**self).reconnect().await;
    }

    async fn pause(&mut self, time: Duration) {
        (**self).pause(time).await;
    }

    fn now(&self) -> Instant {
        (**self).now()
    }
}

/// Runs a future whose every part blocks, and which is therefore ready whenever it is polled.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}
