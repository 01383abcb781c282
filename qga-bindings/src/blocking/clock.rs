//! The guest's clock, for agents that are waited for.

use std::fmt;
use std::time::SystemTime;

use super::helpers::Waited;
use crate::clock::{self, ClockError, Reading};
use crate::guest::block_on;
use crate::{Error, Execute};

/// The guest's clock; from [`Helpers::clock`](super::Helpers::clock).
pub struct Clock<'a, E> {
    agent: Waited<'a, E>,
}

impl<'a, E: Execute<Error = Error>> Clock<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Waited(agent) }
    }

    /// Reads the guest's clock, three times, and returns the most accurate reading. Since QEMU 1.5.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub fn read(&mut self) -> Result<Reading, ClockError> {
        block_on(clock::read(&mut self.agent))
    }

    /// Sets the guest's clock, and its hardware clock with it. Programs in the guest see the time jump. Since QEMU
    /// 1.5.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub fn set(&mut self, time: SystemTime) -> Result<(), ClockError> {
        block_on(clock::set(&mut self.agent, time))
    }

    /// Sets the guest's clock by the host's, and reads it again. Since QEMU 1.5.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub fn set_from_host(&mut self) -> Result<Reading, ClockError> {
        block_on(clock::set_from_host(&mut self.agent))
    }

    /// Sets the guest's clock by its hardware clock, which is what a guest needs that was suspended or restored, and
    /// reads it again. Since QEMU 2.0; Windows agents refuse it.
    ///
    /// # Errors
    /// See [`ClockError`].
    pub fn set_from_hardware(&mut self) -> Result<Reading, ClockError> {
        block_on(clock::set_from_hardware(&mut self.agent))
    }
}

impl<E> fmt::Debug for Clock<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}
