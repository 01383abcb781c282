//! The helpers, for agents that are waited for.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::exec::{Exec, ExecError, Output};
use crate::guest::{Guest, block_on};
use crate::ready::{NotReady, Ready};
use crate::{Command, Error, Execute, exec, ready};

/// What takes more than one command, for everything that can execute commands and tells errors as a
/// [`Client`](super::Client) does.
pub trait Helpers: Execute<Error = Error> + Sized {
    /// Waits until the agent answers. What is written to a connection waits for the guest to read it, so one connection is kept
    /// open and asked again and again, more and more patiently; where it ends, or stays silent for half a minute, another one
    /// takes its place.
    ///
    /// # Errors
    /// Why the agent is not ready, as far as that can be known.
    fn ready(&mut self, ready: &Ready) -> Result<(), NotReady> {
        block_on(ready::wait(&mut Waited(self), ready))
    }

    /// Runs a program in the guest and waits for its end.
    ///
    /// # Errors
    /// See [`ExecError`].
    fn exec(&mut self, program: &Exec) -> Result<Output, ExecError> {
        block_on(exec::run(&mut Waited(self), program))
    }
}

impl<E: Execute<Error = Error>> Helpers for E {}

/// An agent that blocks the thread.
struct Waited<'a, E>(&'a mut E);

impl<E: Execute<Error = Error>> Guest for Waited<'_, E> {
    async fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error> {
        match limit {
            None => self.0.execute(command),
            Some(limit) => self.0.execute_within(command, limit),
        }
    }

    async fn reconnect(&mut self) {
        self.0.reconnect();
    }

    async fn pause(&mut self, time: Duration) {
        sleep(time);
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}
