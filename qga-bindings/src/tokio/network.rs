//! The guest's network, for agents that are awaited.

use std::fmt;

use super::helpers::Awaited;
use crate::network::{self, Interface, Routes};
use crate::{Error, ExecuteAsync};

/// The guest's network; from [`Helpers::network`](super::Helpers::network).
pub struct Networking<'a, E> {
    agent: Awaited<'a, E>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Networking<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Awaited(agent) }
    }

    /// Lists the interfaces. Since QEMU 1.1.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn interfaces(&mut self) -> Result<Vec<Interface>, Error> {
        network::interfaces(&mut self.agent).await
    }

    /// Lists the routes. Since QEMU 9.1.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn routes(&mut self) -> Result<Routes, Error> {
        network::routes(&mut self.agent).await
    }
}

impl<E> fmt::Debug for Networking<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Networking").finish_non_exhaustive()
    }
}
