//! Bytes between files in the guest and streams on this side.

use std::time::Duration;

use super::handles::Handles;
use super::local::{Sink, Source, Waiting, fill};
use super::sha256::Sha256;
use super::{Copied, CopyOptions, FileError, FileProblem, Leak, Verified};
use crate::commands;
use crate::guest::Guest;

/// How long closing a file may take when something has failed already.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

// The numbers of the points that `guest-file-seek` counts from: older agents know no names.
const FROM_START: i64 = 0;
const FROM_HERE: i64 = 1;
const FROM_END: i64 = 2;

/// Fits a request of 4 KiB: there are agents that throw longer ones away without a word.
const SMALL_CHUNK: usize = 2800;

/// What the faces have in common: an agent, and what is open in the guest.
pub(crate) struct Core<G> {
    pub(super) guest: G,
    handles: Handles,
}

impl<G: Guest> Core<G> {
    pub(crate) fn new(guest: G) -> Self {
        Self { guest, handles: Handles::default() }
    }

    pub(crate) fn leaked(&self) -> Vec<Leak> {
        self.handles.leaked()
    }

    pub(crate) async fn read(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        let options = CopyOptions::new().limit(limit);
        self.copy_out(path, &mut Waiting(&mut bytes), options).await?;
        Ok(bytes)
    }

    pub(crate) async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        self.copy_in(&mut Waiting(bytes), path, CopyOptions::new()).await?;
        Ok(())
    }

    pub(crate) async fn length(&mut self, path: &str) -> Result<u64, FileError> {
        let result = self.measure(path).await;
        self.explain(path, 0, result)
    }

    pub(crate) async fn copy_out(
        &mut self,
        path: &str,
        sink: &mut impl Sink,
        mut options: CopyOptions<'_>,
    ) -> Result<Copied, FileError> {
        let mut done = options.offset;
        let result = self.pull(path, sink, &mut options, &mut done).await;
        self.explain(path, done, result)
    }

    pub(crate) async fn copy_in(
        &mut self,
        source: &mut impl Source,
        path: &str,
        mut options: CopyOptions<'_>,
    ) -> Result<Copied, FileError> {
        let mut done = options.offset;
        let result = if options.replace {
            self.push_beside(source, path, &mut options, &mut done).await
        } else {
            self.push_in_place(source, path, &mut options, &mut done).await
        };
        self.explain(path, done, result)
    }

    pub(super) fn explain<T>(
        &self,
        path: &str,
        done: u64,
        result: Result<T, FileProblem>,
    ) -> Result<T, FileError> {
        result.map_err(|problem| {
            let (path, problem) = (path.to_owned(), Box::new(problem));
            FileError { path, done, problem, leaked: self.leaked() }
        })
    }

    pub(super) async fn measure(&mut self, path: &str) -> Result<u64, FileProblem> {
        self.handles.close_left(&mut self.guest).await;
        let handle = self.handles.open(&mut self.guest, path, "r").await?;
        let result = self.seek(handle, 0, FROM_END).await;
        self.end(handle, result).await
    }

    async fn pull(
        &mut self,
        path: &str,
        sink: &mut impl Sink,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
    ) -> Result<Copied, FileProblem> {
        let mut digest = options.verify.then(Sha256::new);
        self.pull_all(path, sink, options, done, digest.as_mut()).await?;
        sink.flush().await.map_err(FileProblem::Local)?;
        let verified = match digest {
            Some(digest) => self.compare(path, options, digest.finish()).await?,
            None => Verified::No,
        };
        Ok(Copied { bytes: done.saturating_sub(options.offset), verified })
    }

    /// Reads a file from the offset to its end.
    pub(super) async fn pull_all(
        &mut self,
        path: &str,
        sink: &mut impl Sink,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
        digest: Option<&mut Sha256>,
    ) -> Result<(), FileProblem> {
        self.handles.close_left(&mut self.guest).await;
        let handle = self.handles.open(&mut self.guest, path, "r").await?;
        let result = self.pull_open(handle, sink, options, done, digest).await;
        self.end(handle, result).await
    }

    async fn pull_open(
        &mut self,
        handle: i64,
        sink: &mut impl Sink,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
        mut digest: Option<&mut Sha256>,
    ) -> Result<(), FileProblem> {
        if options.offset > 0 {
            self.go_to(handle, options.offset).await?;
        }
        let chunk = options.read_chunk();
        let read = commands::GuestFileRead::new(handle).count(as_count(chunk));
        loop {
            let piece = self.guest.execute(&read, None).await?;
            let bytes = piece.buf_b64.as_slice();
            if piece.count != as_count(bytes.len()) || bytes.len() > chunk {
                return Err(FileProblem::WrongCount { bytes: bytes.len(), count: piece.count });
            }
            if bytes.is_empty() {
                return Ok(());
            }
            let after = *done + bytes.len() as u64;
            if let Some(limit) = options.limit.filter(|limit| after - options.offset > *limit) {
                return Err(FileProblem::TooLong { limit });
            }
            sink.write_all(bytes).await.map_err(FileProblem::Local)?;
            if let Some(digest) = &mut digest {
                digest.update(bytes);
            }
            *done = after;
            options.progress.tell(after);
            if piece.eof {
                return Ok(());
            }
        }
    }

    /// Writes a file, and compares it.
    pub(super) async fn push(
        &mut self,
        source: &mut impl Source,
        path: &str,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
    ) -> Result<Copied, FileProblem> {
        self.handles.close_left(&mut self.guest).await;
        let mode = if options.offset == 0 { "w" } else { "r+" };
        let handle = self.handles.open(&mut self.guest, path, mode).await?;
        let mut digest = options.verify.then(Sha256::new);
        let mut result = self.push_open(source, handle, options, done, digest.as_mut()).await;
        if result.is_ok() {
            // What the agent cannot write shows here while the handle is still good.
            let flush = commands::GuestFileFlush::new(handle);
            result = self.guest.execute(&flush, None).await.map(|_| ()).map_err(Into::into);
        }
        self.end(handle, result).await?;
        let verified = match digest {
            Some(digest) => self.compare(path, options, digest.finish()).await?,
            None => Verified::No,
        };
        Ok(Copied { bytes: done.saturating_sub(options.offset), verified })
    }

    async fn push_open(
        &mut self,
        source: &mut impl Source,
        handle: i64,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
        mut digest: Option<&mut Sha256>,
    ) -> Result<(), FileProblem> {
        if options.offset > 0 {
            self.go_to(handle, options.offset).await?;
        }
        let mut write = commands::GuestFileWrite::new(handle, Vec::new());
        loop {
            write.buf_b64.resize(options.write_chunk(), 0);
            let filled = fill(source, &mut write.buf_b64).await.map_err(FileProblem::Local)?;
            write.buf_b64.truncate(filled);
            if filled == 0 {
                break;
            }
            let after = *done + filled as u64;
            if let Some(limit) = options.limit.filter(|limit| after - options.offset > *limit) {
                return Err(FileProblem::TooLong { limit });
            }
            if let Some(digest) = &mut digest {
                digest.update(&write.buf_b64);
            }
            if let Err(problem) = self.write_out(&mut write, done).await {
                self.go_on_in_small_pieces(&mut write, done, problem).await?;
                options.chunk_size = Some(SMALL_CHUNK);
            }
            options.progress.tell(*done);
        }
        if options.offset > 0 {
            let length = self.seek(handle, 0, FROM_END).await?;
            if length > *done {
                return Err(FileProblem::TailLeft { length });
            }
        }
        Ok(())
    }

    /// Writes all of a piece, however little of it the agent takes at once.
    async fn write_out(
        &mut self,
        write: &mut commands::GuestFileWrite,
        done: &mut u64,
    ) -> Result<(), FileProblem> {
        while !write.buf_b64.is_empty() {
            let count = self.guest.execute(&*write, None).await?.count;
            let bytes = write.buf_b64.len();
            let taken = usize::try_from(count).ok().filter(|taken| *taken <= bytes);
            match taken {
                Some(0) => return Err(FileProblem::NothingWritten),
                Some(taken) => {
                    write.buf_b64.drain(..taken);
                    *done += taken as u64;
                }
                None => return Err(FileProblem::WrongCount { bytes, count }),
            }
        }
        Ok(())
    }

    /// Writes the rest of a piece after nothing was heard of it in time, where the agent says how much of it was written: its
    /// place in the file is told after whatever it did with the request.
    async fn go_on_in_small_pieces(
        &mut self,
        write: &mut commands::GuestFileWrite,
        done: &mut u64,
        problem: FileProblem,
    ) -> Result<(), FileProblem> {
        let bytes = write.buf_b64.len();
        let is_lost = matches!(&problem, FileProblem::Agent(error) if error.is_timeout() && error.may_have_run());
        if !is_lost || bytes <= SMALL_CHUNK {
            return Err(problem);
        }
        let place = self.seek(write.handle, 0, FROM_HERE).await.ok();
        let written = place.and_then(|place| usize::try_from(place.checked_sub(*done)?).ok());
        let Some(written) = written.filter(|written| *written <= bytes) else {
            return Err(problem);
        };
        *done += written as u64;
        let rest = std::mem::take(&mut write.buf_b64);
        for piece in rest.get(written..).unwrap_or_default().chunks(SMALL_CHUNK) {
            write.buf_b64.extend_from_slice(piece);
            self.write_out(write, done).await?;
        }
        Ok(())
    }

    /// Goes to where a copy is to be resumed, if the file is long enough.
    async fn go_to(&mut self, handle: i64, offset: u64) -> Result<(), FileProblem> {
        let length = self.seek(handle, 0, FROM_END).await?;
        if length < offset {
            return Err(FileProblem::BehindTheEnd { length });
        }
        self.seek(handle, offset, FROM_START).await?;
        Ok(())
    }

    async fn seek(&mut self, handle: i64, offset: u64, whence: i64) -> Result<u64, FileProblem> {
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let seek = commands::GuestFileSeek::new(handle, offset, whence);
        let position = self.guest.execute(&seek, None).await?.position;
        u64::try_from(position).map_err(|_| FileProblem::WrongCount { bytes: 0, count: position })
    }

    /// Closes a file, whatever happened to it. An agent that has failed already is not waited for as long as another.
    async fn end<T>(
        &mut self,
        handle: i64,
        result: Result<T, FileProblem>,
    ) -> Result<T, FileProblem> {
        let limit = result.is_err().then_some(CLOSE_LIMIT);
        let closed = self.handles.close(&mut self.guest, handle, limit).await;
        let value = result?;
        closed?;
        Ok(value)
    }
}

#[inline]
fn as_count(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
