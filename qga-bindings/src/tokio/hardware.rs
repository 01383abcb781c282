//! The guest's processors and memory, for agents that are awaited.

use std::fmt;

use super::helpers::Awaited;
use crate::hardware::{self, HardwareError, Memory};
use crate::types::GuestLogicalProcessor;
use crate::{Error, ExecuteAsync};

/// The guest's processors and memory; from [`Helpers::hardware`](super::Helpers::hardware).
pub struct Hardware<'a, E> {
    agent: Awaited<'a, E>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Hardware<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Awaited(agent) }
    }

    /// Lists the processors. Since QEMU 1.5.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub async fn processors(&mut self) -> Result<Vec<GuestLogicalProcessor>, HardwareError> {
        hardware::processors(&mut self.agent).await
    }

    /// Switches processors, by their numbers, on or off. Those before one that cannot be switched are switched all
    /// the same. Since QEMU 1.5; Linux guests only.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub async fn switch_processors(&mut self, wanted: &[(i64, bool)]) -> Result<(), HardwareError> {
        hardware::switch_processors(&mut self.agent, wanted).await
    }

    /// Lists the blocks of memory. Since QEMU 2.3; Linux guests only.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub async fn memory(&mut self) -> Result<Memory, HardwareError> {
        hardware::memory(&mut self.agent).await
    }

    /// Switches blocks of memory, by their numbers, on or off. All of them are tried. Since QEMU 2.3; Linux guests
    /// only.
    ///
    /// # Errors
    /// See [`HardwareError`].
    pub async fn switch_memory(&mut self, wanted: &[(u64, bool)]) -> Result<(), HardwareError> {
        hardware::switch_memory(&mut self.agent, wanted).await
    }
}

impl<E> fmt::Debug for Hardware<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hardware").finish_non_exhaustive()
    }
}
