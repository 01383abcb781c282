//! Directories as archives: small readers and writers of `tar`, because what comes from a guest must be looked at closely.

mod header;
mod name;
mod pack;
mod unpack;

pub(super) use pack::Packer;
pub(super) use unpack::Unpacker;

/// How many of the things that were left out are told by name: a guest may send any number of them.
const TOLD: usize = 256;

/// How much a guest may send of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirLimits {
    /// How many bytes the files may have in all: 64 GiB unless told otherwise.
    pub bytes: u64,
    /// How many entries there may be: a million unless told otherwise.
    pub entries: u64,
}

impl Default for DirLimits {
    fn default() -> Self {
        Self { bytes: 64 << 30, entries: 1_000_000 }
    }
}

impl DirLimits {
    /// The limits that hold unless told otherwise.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how many bytes the files may have in all.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Says how many entries there may be.
    #[must_use]
    pub fn entries(mut self, entries: u64) -> Self {
        self.entries = entries;
        self
    }
}

/// What was copied of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tree {
    /// How many files, directories and other things there were.
    pub entries: u64,
    /// How many of them are files.
    pub files: u64,
    /// How many bytes the files have.
    pub bytes: u64,
    /// How many things were left out: links and devices when copying out of a guest, sockets and the like when copying into one.
    pub left_out: u64,
    /// Which they are, or the first 256 of them.
    pub skipped: Vec<Skipped>,
}

impl Tree {
    fn skip(&mut self, skipped: Skipped) {
        self.left_out += 1;
        if self.skipped.len() < TOLD {
            self.skipped.push(skipped);
        }
    }
}

/// Something in a directory that was not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its name below the directory.
    pub name: String,
    /// What it is.
    pub what: &'static str,
}
