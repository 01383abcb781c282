//! What a copy is told, and what it tells.

use std::fmt;

/// How many bytes one command can carry: agents take requests of 64 MiB of text, in which bytes are base64.
pub const MAX_CHUNK: usize = 47 << 20;

/// How many bytes are read at once unless told otherwise. More is hardly faster, and blocks the channel for longer.
const READ_CHUNK: usize = 512 << 10;

/// How many bytes are written at once unless told otherwise. It is what passes through everything between here and an agent,
/// libvirt among it.
const WRITE_CHUNK: usize = 64 << 10;

/// Who wants to know how far a copy is, if anybody does.
#[derive(Default)]
pub(super) struct Progress<'a>(Option<Box<dyn FnMut(u64) + Send + 'a>>);

impl Progress<'_> {
    #[inline]
    pub(super) fn tell(&mut self, done: u64) {
        if let Some(tell) = &mut self.0 {
            tell(done);
        }
    }
}

/// How to copy.
///
/// ```
/// use qga_bindings::files::CopyOptions;
///
/// let options = CopyOptions::new().chunk_size(48 << 10).verify(true);
/// # let _ = options;
/// ```
#[derive(Default)]
pub struct CopyOptions<'a> {
    pub(super) chunk_size: Option<usize>,
    pub(super) offset: u64,
    pub(super) limit: Option<u64>,
    pub(super) verify: bool,
    pub(super) permissions: Option<u32>,
    pub(super) replace: bool,
    pub(super) progress: Progress<'a>,
}

impl<'a> CopyOptions<'a> {
    /// Copies all of a file, in pieces of a sensible size.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how many bytes one command carries, between 1 and [`MAX_CHUNK`]. Otherwise it is 512 KiB when reading and 64 KiB when
    /// writing, which is good on every channel. Through libvirt, stay at 64 KiB.
    #[must_use]
    #[inline]
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.chunk_size = Some(bytes.clamp(1, MAX_CHUNK));
        self
    }

    /// Begins so many bytes behind the start of the guest's file, as after a copy that was interrupted there:
    /// [`FileError::done`](super::FileError::done) says where. The file or stream on this side is used from where it is.
    #[must_use]
    #[inline]
    pub fn offset(mut self, bytes: u64) -> Self {
        self.offset = bytes;
        self
    }

    /// Says how many bytes may be copied. More is an error, so that a guest cannot fill the disk.
    #[must_use]
    #[inline]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Compares what was copied with what is in the guest afterwards, by a digest that a program of the guest makes, or else by
    /// reading it again.
    #[must_use]
    #[inline]
    pub fn verify(mut self, yes: bool) -> Self {
        self.verify = yes;
        self
    }

    /// Gives the file in the guest these permissions before there is anything in it, as in `0o640`. For POSIX guests, and only when
    /// copying into one.
    #[must_use]
    #[inline]
    pub fn permissions(mut self, mode: u32) -> Self {
        self.permissions = Some(mode & 0o7777);
        self
    }

    /// Writes a new file beside the one in the guest and renames it when it is complete, so that nobody ever sees half of it. It
    /// gets the permissions of the file it replaces, if there is one and none are given; otherwise nobody but its owner can read
    /// it. For POSIX guests, and only when copying into one.
    #[must_use]
    #[inline]
    pub fn replace(mut self, yes: bool) -> Self {
        self.replace = yes;
        self
    }

    /// Is told after each piece how many bytes of the guest's file are done, the [offset](Self::offset) included.
    #[must_use]
    pub fn progress(mut self, tell: impl FnMut(u64) + Send + 'a) -> Self {
        self.progress = Progress(Some(Box::new(tell)));
        self
    }

    #[inline]
    pub(super) fn read_chunk(&self) -> usize {
        self.chunk_size.unwrap_or(READ_CHUNK)
    }

    #[inline]
    pub(super) fn write_chunk(&self) -> usize {
        self.chunk_size.unwrap_or(WRITE_CHUNK)
    }
}

impl fmt::Debug for CopyOptions<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyOptions")
            .field("chunk_size", &self.chunk_size)
            .field("offset", &self.offset)
            .field("limit", &self.limit)
            .field("verify", &self.verify)
            .field("permissions", &self.permissions)
            .field("replace", &self.replace)
            .finish_non_exhaustive()
    }
}

/// How to copy a directory, and how much a guest may send of it.
///
/// ```
/// use qga_bindings::files::DirOptions;
///
/// let options = DirOptions::new().bytes(1 << 30).entries(10_000).verify(true);
/// # let _ = options;
/// ```
pub struct DirOptions<'a> {
    pub(super) bytes: u64,
    pub(super) entries: u64,
    pub(super) verify: bool,
    pub(super) progress: Progress<'a>,
}

impl Default for DirOptions<'_> {
    #[inline]
    fn default() -> Self {
        Self { bytes: 64 << 30, entries: 1_000_000, verify: false, progress: Progress::default() }
    }
}

impl<'a> DirOptions<'a> {
    /// Copies all of a directory, if it has no more than 64 GiB and a million entries.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how many bytes the files that a guest sends may have in all.
    #[must_use]
    #[inline]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Says how many entries a guest may send.
    #[must_use]
    #[inline]
    pub fn entries(mut self, entries: u64) -> Self {
        self.entries = entries;
        self
    }

    /// Compares the files with those in the guest afterwards, by reading all of the guest's directory again. Files that were in
    /// the guest's directory before do not matter.
    #[must_use]
    #[inline]
    pub fn verify(mut self, yes: bool) -> Self {
        self.verify = yes;
        self
    }

    /// Is told after each piece how many bytes of the directory's archive are done.
    #[must_use]
    pub fn progress(mut self, tell: impl FnMut(u64) + Send + 'a) -> Self {
        self.progress = Progress(Some(Box::new(tell)));
        self
    }
}

impl fmt::Debug for DirOptions<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirOptions")
            .field("bytes", &self.bytes)
            .field("entries", &self.entries)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// How many bytes, without those before the [offset](CopyOptions::offset).
    pub bytes: u64,
    /// Whether they were compared.
    pub verified: Verified,
}

/// How a copy was compared with what is in the guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verified {
    /// Not at all: nobody asked for it.
    #[default]
    No,
    /// By a digest that a program of the guest made.
    ByDigest,
    /// By reading it again, since the guest has no program for it, or none may be run.
    ByReading,
}
