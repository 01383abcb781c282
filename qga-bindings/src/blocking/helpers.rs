//! The helpers, for agents that are waited for.

use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Clock, Files, Frozen, Hardware, Networking, Processes, Storage, Users};
use crate::exec::{Chunk, Exec, ExecError, Exit, Output};
use crate::freeze::{Freeze, Held, NotFrozen};
use crate::guest::{Guest, block_on};
use crate::overview::Overview;
use crate::power::{Outcome, Power, PowerError};
use crate::ready::{NotReady, Ready};
use crate::{Command, Error, Execute, exec, overview, power, ready};

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

    /// Runs a program in the guest and waits for its end. A program that does not end within its
    /// [limit](Exec::within) is killed, where the guest has the means.
    ///
    /// # Errors
    /// See [`ExecError`].
    fn exec(&mut self, program: &Exec) -> Result<Output, ExecError> {
        block_on(exec::run(&mut Waited(self), program))
    }

    /// Freezes file systems, until the guard that is returned is told to thaw them or is dropped, or its time is over. See
    /// [`freeze`](crate::freeze).
    ///
    /// # Errors
    /// Nothing is frozen; see [`FreezeError`](crate::freeze::FreezeError). The error has the agent.
    fn freeze(self, freeze: &Freeze) -> Result<Frozen<Self>, NotFrozen<Self>>
    where
        Self: Send + 'static,
    {
        Frozen::begin(self, freeze)
    }

    /// Works while file systems are frozen, and thaws them afterwards, also if the work panics. It is not stopped when the time
    /// is over, but [`Held::thawed`] says so.
    ///
    /// # Errors
    /// Nothing is frozen, and no work was done.
    fn freeze_while<T>(
        self,
        freeze: &Freeze,
        work: impl FnOnce() -> T,
    ) -> Result<Held<Self, T>, NotFrozen<Self>>
    where
        Self: Send + 'static,
    {
        let frozen = self.freeze(freeze)?;
        let value = work();
        let (agent, thawed) = frozen.thaw();
        Ok(Held { agent, value, thawed })
    }

    /// Has the guest shut down, restart or go to sleep, and waits until that can be seen. See [`power`](crate::power).
    ///
    /// # Errors
    /// The agent refuses or cannot do it, or what was waited for is not seen in time.
    fn power(&mut self, power: &Power) -> Result<Outcome, PowerError> {
        block_on(power::run(&mut Waited(self), power))
    }

    /// Runs a program in the guest and hands on what it writes while it runs, however much it is. An error of `sink` ends the
    /// program.
    ///
    /// The program is started through the guest's shell, which redirects its output to files that have no name any more when it
    /// begins; they take room in the guest's directory for temporary files until it has ended. What children of it write later
    /// is lost. Needs `guest-exec` and `guest-file-read`, and a POSIX guest. A program that is not there ends with exit code 127.
    ///
    /// # Errors
    /// See [`ExecError`].
    fn exec_streaming(
        &mut self,
        program: &Exec,
        mut sink: impl FnMut(Chunk<'_>) -> io::Result<()>,
    ) -> Result<Exit, ExecError> {
        block_on(exec::stream(&mut Waited(self), program, &mut sink))
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
    fn overview(&mut self) -> Result<Overview, Error> {
        block_on(overview::overview(&mut Waited(self)))
    }

    /// Programs that go on while other things are done.
    fn processes(&mut self) -> Processes<'_, Self> {
        Processes::new(self)
    }
}

impl<E: Execute<Error = Error>> Helpers for E {}

/// An agent that blocks the thread.
pub(super) struct Waited<'a, E>(pub(super) &'a mut E);

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
