//! Files in the guest, for agents that are awaited.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::helpers::Awaited;
use crate::files::{Copied, CopyOptions, Core, DirOptions, FileError, Leak, Sink, Source, Tree};
use crate::{Error, ExecuteAsync};

/// Files in the guest; from [`Helpers::files`](super::Helpers::files). See [`files`](crate::files).
///
/// It remembers what earlier calls could not close and tries again, so keep it for as long as files are worked with.
pub struct Files<'a, E> {
    core: Core<Awaited<'a, E>>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Files<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { core: Core::new(Awaited(agent)) }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// It is longer than `limit`, in bytes; or see [`FileError`].
    pub async fn read(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        self.core.read(path, limit).await
    }

    /// Writes a whole file, in place of what was in it.
    ///
    /// # Errors
    /// See [`FileError`]; the file may be incomplete then.
    pub async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        self.core.write(path, bytes).await
    }

    /// How long a file is, in bytes.
    ///
    /// # Errors
    /// See [`FileError`].
    pub async fn length(&mut self, path: &str) -> Result<u64, FileError> {
        self.core.length(path).await
    }

    /// The permissions of a file, as in `0o640`, in a POSIX guest where programs may be run.
    ///
    /// # Errors
    /// See [`FileError`].
    pub async fn permissions(&mut self, path: &str) -> Result<u32, FileError> {
        self.core.permissions(path).await
    }

    /// Whether there is a directory of this name, in a POSIX guest where programs may be run.
    ///
    /// # Errors
    /// See [`FileError`].
    pub async fn is_dir(&mut self, path: &str) -> Result<bool, FileError> {
        self.core.is_dir(path).await
    }

    /// Copies a file out of the guest, with as much memory as one piece of it takes.
    ///
    /// # Errors
    /// See [`FileError`]; [`FileError::done`] says from where the copy can be resumed.
    pub async fn copy_out(
        &mut self,
        path: &str,
        to: impl AsyncWrite + Unpin + Send,
        options: CopyOptions<'_>,
    ) -> Result<Copied, FileError> {
        self.core.copy_out(path, &mut Streaming(to), options).await
    }

    /// Copies into a file of the guest, with as much memory as one piece of it takes.
    ///
    /// # Errors
    /// See [`FileError`]; [`FileError::done`] says from where the copy can be resumed.
    pub async fn copy_in(
        &mut self,
        from: impl AsyncRead + Unpin + Send,
        path: &str,
        options: CopyOptions<'_>,
    ) -> Result<Copied, FileError> {
        self.core.copy_in(&mut Streaming(from), path, options).await
    }

    /// Copies what is in a directory of the guest into one on this side, which is made if need be. Files and directories are
    /// copied, with their permissions; links and devices are left out and told. What is on this side already stays, unless
    /// there is a file of that name in the guest.
    ///
    /// Nothing that the guest sends is trusted: nothing is written outside of the directory, through links or past the limits.
    /// Needs a POSIX guest with `tar`, where programs may be run, and room for an archive in its directory for temporary files.
    /// Files on this side are written by calls that block.
    ///
    /// # Errors
    /// See [`FileError`]; what was copied until then is left as it is.
    pub async fn copy_dir_out(
        &mut self,
        path: &str,
        to: impl AsRef<Path> + Send,
        options: DirOptions<'_>,
    ) -> Result<Tree, FileError> {
        self.core.copy_dir_out(path, to.as_ref(), options).await
    }

    /// Copies what is in a directory on this side into one of the guest, which is made if need be. Symbolic links are copied as
    /// such, and not followed; what is neither file, directory nor link is left out and told.
    ///
    /// Needs a POSIX guest with `tar`, where programs may be run, and room for an archive in its directory for temporary files.
    /// Files on this side are read by calls that block.
    ///
    /// # Errors
    /// See [`FileError`]; what was copied until then is left as it is.
    pub async fn copy_dir_in(
        &mut self,
        from: impl AsRef<Path> + Send,
        path: &str,
        options: DirOptions<'_>,
    ) -> Result<Tree, FileError> {
        self.core.copy_dir_in(from.as_ref(), path, options).await
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

/// A stream that is awaited.
struct Streaming<T>(T);

impl<T: AsyncRead + Unpin> Source for Streaming<T> {
    async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        poll_fn(|cx| Pin::new(&mut self.0).poll_read(cx, &mut buf)).await?;
        Ok(buf.filled().len())
    }
}

impl<T: AsyncWrite + Unpin> Sink for Streaming<T> {
    async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| Pin::new(&mut self.0).poll_write(cx, bytes)).await?;
            bytes = bytes.get(written..).unwrap_or_default();
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut self.0).poll_flush(cx)).await
    }
}
