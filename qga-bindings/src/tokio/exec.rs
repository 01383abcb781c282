//! Programs in the guest, for agents that are awaited.

use std::fmt;
use std::time::Duration;

use super::helpers::Awaited;
use crate::exec::{self, Exec, ExecError, Output, Process};
use crate::{Error, ExecuteAsync};

/// Programs that go on while other things are done; from [`Helpers::processes`](super::Helpers::processes).
pub struct Processes<'a, E> {
    agent: Awaited<'a, E>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Processes<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Awaited(agent) }
    }

    /// Starts a program. Its limit is that for starting it.
    ///
    /// # Errors
    /// See [`ExecError`].
    pub async fn spawn(&mut self, program: &Exec) -> Result<Process, ExecError> {
        exec::spawn(&mut self.agent, program).await
    }

    /// Asks whether a program has ended; then [`Process::output`] says how. What is known is not asked again.
    ///
    /// # Errors
    /// See [`ExecError`]; unless it is [`ExecError::Lost`], asking again makes sense.
    pub async fn try_wait(&mut self, process: &mut Process) -> Result<bool, ExecError> {
        exec::try_wait(&mut self.agent, process).await
    }

    /// Waits for the end of a program, for at most the given time, and takes what is known of it out of the process. If the time
    /// is over, the program goes on.
    ///
    /// # Errors
    /// See [`ExecError`]; unless it is [`ExecError::Lost`], waiting again makes sense.
    pub async fn wait(
        &mut self,
        process: &mut Process,
        limit: Option<Duration>,
    ) -> Result<Output, ExecError> {
        exec::wait(&mut self.agent, process, limit).await
    }

    /// Kills a program and its children, with signal 9 in a POSIX guest; its children only on Linux and Windows. It is an error if
    /// that cannot be done, and none if the program has ended before. Wait for it all the same: the agent keeps its output until then.
    ///
    /// # Errors
    /// See [`ExecError`].
    pub async fn kill(&mut self, process: &mut Process) -> Result<(), ExecError> {
        exec::kill(&mut self.agent, process).await
    }
}

impl<E> fmt::Debug for Processes<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Processes").finish_non_exhaustive()
    }
}
