//! The guest's processors and memory, for agents that are waited for.

use std::fmt;

use super::helpers::Waited;
use crate::guest::block_on;
use crate::hardware::{self, HardwareError, Memory};
use crate::types::GuestLogicalProcessor;
use crate::{Error, Execute};

/// The guest's processors and memory; from [`Helpers::hardware`](super::Helpers::hardware).
pub struct Hardware<'a, E> {
    agent: Waited<'a, E>,
}

impl<'a, E: Execute<Error = Error>> Hardware<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Waited(agent) }
    }

    /// Lists the processors. Since QEMU 1.5.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub fn processors(&mut self) -> Result<Vec<GuestLogicalProcessor>, HardwareError> {
        block_on(hardware::processors(&mut self.agent))
    }

    /// Switches processors, by their numbers, on or off. Those before one that cannot be switched are switched all
    /// the same. Since QEMU 1.5; Linux guests only.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub fn switch_processors(&mut self, wanted: &[(i64, bool)]) -> Result<(), HardwareError> {
        block_on(hardware::switch_processors(&mut self.agent, wanted))
    }

    /// Lists the blocks of memory. Since QEMU 2.3; Linux guests only.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub fn memory(&mut self) -> Result<Memory, HardwareError> {
        block_on(hardware::memory(&mut self.agent))
    }

    /// Switches blocks of memory, by their numbers, on or off. All of them are tried. Since QEMU 2.3; Linux guests
    /// only.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub fn switch_memory(&mut self, wanted: &[(u64, bool)]) -> Result<(), HardwareError> {
        block_on(hardware::switch_memory(&mut self.agent, wanted))
    }
}

impl<E> fmt::Debug for Hardware<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hardware").finish_non_exhaustive()
    }
}
