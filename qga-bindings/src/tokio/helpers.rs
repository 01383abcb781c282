//! The helpers, as futures.

use std::io;
use std::time::{Duration, Instant};

use super::{Clock, Files, Frozen, Hardware, Networking, Processes, Storage, Users};
use crate::exec::{Chunk, Exec, ExecError, Exit, Output};
use crate::freeze::{Freeze, Held, NotFrozen};
use crate::guest::Guest;
use crate::overview::Overview;
use crate::power::{Outcome, Power, PowerError};
use crate::ready::{NotReady, Ready};
use crate::{Command, Error, ExecuteAsync, exec, overview, power, ready};

/// What takes more than one command, for everything that can execute commands and tells errors as a
/// [`Client`](super::Client) does. The futures need a tokio runtime with time.
pub trait Helpers: ExecuteAsync<Error = Error> + Sized + Send {
    /// Waits until the agent answers. What is written to a connection waits for the guest to read it, so one connection is kept
    /// open and asked again and again, more and more patiently; where it ends, or stays silent for half a minute, another one
    /// takes its place.
    ///
    /// # Errors
    /// Why the agent is not ready, as far as that can be known.
    fn ready(&mut self, ready: &Ready) -> impl Future<Output = Result<(), NotReady>> + Send {
        async { ready::wait(&mut Awaited(self), ready).await }
    }

    /// Runs a program in the guest and waits for its end. A program that does not end within its
    /// [limit](Exec::within) is killed, where the guest has the means.
    ///
    /// # Errors
    /// See [`ExecError`].
    fn exec(&mut self, program: &Exec) -> impl Future<Output = Result<Output, ExecError>> + Send {
        async { exec::run(&mut Awaited(self), program).await }
    }

    /// Freezes file systems, until the guard that is returned is told to thaw them or is dropped, or its time is over. See
    /// [`freeze`](crate::freeze). If the future is dropped, what it froze is thawed.
    ///
    /// # Errors
    /// Nothing is frozen; see [`FreezeError`](crate::freeze::FreezeError). The error has the agent.
    fn freeze(
        self,
        freeze: &Freeze,
    ) -> impl Future<Output = Result<Frozen<Self>, NotFrozen<Self>>> + Send
    where
        Self: 'static,
    {
        Frozen::begin(self, freeze.clone())
    }

    /// Works while file systems are frozen, and thaws them afterwards, also if the work panics or the future is dropped. It is
    /// not stopped when the time is over, but [`Held::thawed`] says so.
    ///
    /// # Errors
    /// Nothing is frozen, and no work was done.
    fn freeze_while<T: Send>(
        self,
        freeze: &Freeze,
        work: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Result<Held<Self, T>, NotFrozen<Self>>> + Send
    where
        Self: 'static,
    {
        let frozen = self.freeze(freeze);
        async move {
            let frozen = frozen.await?;
            let value = work.await;
            let (agent, thawed) = frozen.thaw().await;
            Ok(Held { agent, value, thawed })
        }
    }

    /// Has the guest shut down, restart or go to sleep, and waits until that can be seen. See [`power`](crate::power).
    ///
    /// # Errors
    /// The agent refuses or cannot do it, or what was waited for is not seen in time.
    fn power(&mut self, power: &Power) -> impl Future<Output = Result<Outcome, PowerError>> + Send {
        async { power::run(&mut Awaited(self), power).await }
    }

    /// Runs a program in the guest and hands on what it writes while it runs, however much it is. An error of `sink` ends the
    /// program.
    ///
    /// The program is started through the guest's shell, which redirects its output to files that have no name any more when it
    /// begins; they take room in the guest's directory for temporary files until it has ended. What children of it write later
    /// is lost. Needs `guest-exec` and `guest-file-read`, and a POSIX guest. A program that is not there ends with exit code 127.
    /// If the future is dropped, the program goes on, and the agent keeps its output open.
    ///
    /// # Errors
    /// See [`ExecError`].
    fn exec_streaming(
        &mut self,
        program: &Exec,
        mut sink: impl FnMut(Chunk<'_>) -> io::Result<()> + Send,
    ) -> impl Future<Output = Result<Exit, ExecError>> + Send {
        async move { exec::stream(&mut Awaited(self), program, &mut sink).await }
    }

    /// Files in the guest.
    fn files(&mut self) -> Files<'_, Self> {
        Files::new(self)
    }

    /// The guest's clock.
    fn clock(&mut self) -> Clock<'_, Self> {
        Clock::new(self)
    }

    /// The guest's users.
    fn users(&mut self) -> Users<'_, Self> {
        Users::new(self)
    }

    /// The guest's processors and memory.
    fn hardware(&mut self) -> Hardware<'_, Self> {
        Hardware::new(self)
    }

    /// The guest's network.
    fn network(&mut self) -> Networking<'_, Self> {
        Networking::new(self)
    }

    /// The guest's file systems.
    fn storage(&mut self) -> Storage<'_, Self> {
        Storage::new(self)
    }

    /// Asks the agent for everything that it tells of its guest. What it cannot tell is left out.
    ///
    /// # Errors
    /// The agent does not answer.
    fn overview(&mut self) -> impl Future<Output = Result<Overview, Error>> + Send {
        async { overview::overview(&mut Awaited(self)).await }
    }

    /// Programs that go on while other things are done.
    fn processes(&mut self) -> Processes<'_, Self> {
        Processes::new(self)
    }
}

impl<E: ExecuteAsync<Error = Error> + Send> Helpers for E {}

/// An agent that is awaited.
pub(super) struct Awaited<'a, E>(pub(super) &'a mut E);

impl<E: ExecuteAsync<Error = Error> + Send> Guest for Awaited<'_, E> {
    async fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error> {
        match limit {
            None => self.0.execute(command).await,
            Some(limit) => self.0.execute_within(command, limit).await,
        }
    }

    async fn reconnect(&mut self) {
        self.0.reconnect().await;
    }

    async fn pause(&mut self, time: Duration) {
        ::tokio::time::sleep(time).await;
    }

    fn now(&self) -> Instant {
        ::tokio::time::Instant::now().into_std()
    }
}
