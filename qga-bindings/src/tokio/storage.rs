//! The guest's file systems, for agents that are awaited.

use std::fmt;

use super::helpers::Awaited;
use crate::storage::{self, FileSystem, Trim};
use crate::{Error, ExecuteAsync};

/// The guest's file systems; from [`Helpers::storage`](super::Helpers::storage).
pub struct Storage<'a, E> {
    agent: Awaited<'a, E>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Storage<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Awaited(agent) }
    }

    /// Lists the mounted file systems. Since QEMU 2.2.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn file_systems(&mut self) -> Result<Vec<FileSystem>, Error> {
        storage::file_systems(&mut self.agent).await
    }

    /// Gives the blocks that no file system uses back to the host, in free ranges of at least so many bytes, or in
    /// all. It can take minutes, and file systems fail on their own. Since QEMU 1.2; the list is empty before 2.4.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn trim(&mut self, minimum: Option<u64>) -> Result<Vec<Trim>, Error> {
        storage::trim(&mut self.agent, minimum).await
    }
}

impl<E> fmt::Debug for Storage<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").finish_non_exhaustive()
    }
}
