//! The guest's network, for agents that are waited for.

use std::fmt;

use super::helpers::Waited;
use crate::guest::block_on;
use crate::network::{self, Interface, Routes};
use crate::{Error, Execute};

/// The guest's network; from [`Helpers::network`](super::Helpers::network).
pub struct Networking<'a, E> {
    agent: Waited<'a, E>,
}

impl<'a, E: Execute<Error = Error>> Networking<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Waited(agent) }
    }

    /// Lists the interfaces. Since QEMU 1.1.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn interfaces(&mut self) -> Result<Vec<Interface>, Error> {
        block_on(network::interfaces(&mut self.agent))
    }

    /// Lists the routes. Since QEMU 9.1.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn routes(&mut self) -> Result<Routes, Error> {
        block_on(network::routes(&mut self.agent))
    }
}

impl<E> fmt::Debug for Networking<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Networking").finish_non_exhaustive()
    }
}
