//! Files in the guest, for agents that are waited for.

use std::fmt;
use std::io::{Read, Write};
use std::path::Path;

use super::helpers::Waited;
use crate::files::{Copied, CopyOptions, Core, DirOptions, FileError, Leak, Tree, Waiting};
use crate::guest::block_on;
use crate::{Error, Execute};

/// Files in the guest; from [`Helpers::files`](super::Helpers::files). See [`files`](crate::files).
///
/// It remembers what earlier calls could not close and tries again, so keep it for as long as files are worked with.
pub struct Files<'a, E> {
    core: Core<Waited<'a, E>>,
}

impl<'a, E: Execute<Error = Error>> Files<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { core: Core::new(Waited(agent)) }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// It is longer than `limit`, in bytes; or see [`FileError`].
    pub fn read(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        block_on(self.core.read(path, limit))
    }

    /// Writes a whole file, in place of what was in it.
    ///
    /// # Errors
    /// See [`FileError`]; the file may be incomplete then.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        block_on(self.core.write(path, bytes))
    }

    /// How long a file is, in bytes.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn length(&mut self, path: &str) -> Result<u64, FileError> {
        block_on(self.core.length(path))
    }

    /// The permissions of a file, as in `0o640`, in a POSIX guest where programs may be run.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn permissions(&mut self, path: &str) -> Result<u32, FileError> {
        block_on(self.core.permissions(path))
    }

    /// Whether there is a directory of this name, in a POSIX guest where programs may be run.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn is_dir(&mut self, path: &str) -> Result<bool, FileError> {
        block_on(self.core.is_dir(path))
    }

    /// Copies a file out of the guest, with as much memory as one piece of it takes.
    ///
    /// # Errors
    /// See [`FileError`]; [`FileError::done`] says from where the copy can be resumed.
    pub fn copy_out(
        &mut self,
        path: &str,
        to: impl Write,
        options: CopyOptions<'_>,
    ) -> Result<Copied, FileError> {
        block_on(self.core.copy_out(path, &mut Waiting(to), options))
    }

    /// Copies into a file of the guest, with as much memory as one piece of it takes.
    ///
    /// # Errors
    /// See [`FileError`]; [`FileError::done`] says from where the copy can be resumed.
    pub fn copy_in(
        &mut self,
        from: impl Read,
        path: &str,
        options: CopyOptions<'_>,
    ) -> Result<Copied, FileError> {
        block_on(self.core.copy_in(&mut Waiting(from), path, options))
    }

    /// Copies what is in a directory of the guest into one on this side, which is made if need be. Files and directories are
    /// copied, with their permissions; links and devices are left out and told. What is on this side already stays, unless
    /// there is a file of that name in the guest.
    ///
    /// Nothing that the guest sends is trusted: nothing is written outside of the directory, through links or past the limits.
    /// Needs a POSIX guest with `tar`, where programs may be run, and room for an archive in its directory for temporary files.
    ///
    /// # Errors
    /// See [`FileError`]; what was copied until then is left as it is.
    pub fn copy_dir_out(
        &mut self,
        path: &str,
        to: impl AsRef<Path>,
        options: DirOptions<'_>,
    ) -> Result<Tree, FileError> {
        block_on(self.core.copy_dir_out(path, to.as_ref(), options))
    }

    /// Copies what is in a directory on this side into one of the guest, which is made if need be. Symbolic links are copied as
    /// such, and not followed; what is neither file, directory nor link is left out and told.
    ///
    /// Needs a POSIX guest with `tar`, where programs may be run, and room for an archive in its directory for temporary files.
    ///
    /// # Errors
    /// See [`FileError`]; what was copied until then is left as it is.
    pub fn copy_dir_in(
        &mut self,
        from: impl AsRef<Path>,
        path: &str,
        options: DirOptions<'_>,
    ) -> Result<Tree, FileError> {
        block_on(self.core.copy_dir_in(from.as_ref(), path, options))
    }

    /// What may be open in the guest although nobody uses it any more. Handles that can be closed safely are closed by the next
    /// call.
    pub fn leaked(&self) -> Vec<Leak> {
        self.core.leaked()
    }
}

impl<E> fmt::Debug for Files<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}
