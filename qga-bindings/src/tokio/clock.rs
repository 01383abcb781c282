//! The guest's clock, for agents that are awaited.

use std::fmt;
use std::time::SystemTime;

use super::helpers::Awaited;
use crate::clock::{self, ClockError, Reading};
use crate::{Error, ExecuteAsync};

/// The guest's clock; from [`Helpers::clock`](super::Helpers::clock).
pub struct Clock<'a, E> {
    agent: Awaited<'a, E>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Clock<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Awaited(agent) }
    }

    /// Reads the guest's clock, three times, and returns the most accurate reading. Since QEMU 1.5.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub async fn read(&mut self) -> Result<Reading, ClockError> {
        clock::read(&mut self.agent).await
    }

    /// Sets the guest's clock, and its hardware clock with it. Programs in the guest see the time jump. Since QEMU
    /// 1.5.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub async fn set(&mut self, time: SystemTime) -> Result<(), ClockError> {
        clock::set(&mut self.agent, time).await
    }

    /// Sets the guest's clock by the host's, and reads it again. Since QEMU 1.5.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub async fn set_from_host(&mut self) -> Result<Reading, ClockError> {
        clock::set_from_host(&mut self.agent).await
    }

    /// Sets the guest's clock by its hardware clock, which is what a guest needs that was suspended or restored, and
    /// reads it again. Since QEMU 2.0; Windows agents refuse it.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub async fn set_from_hardware(&mut self) -> Result<Reading, ClockError> {
        clock::set_from_hardware(&mut self.agent).await
    }
}

impl<E> fmt::Debug for Clock<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}
