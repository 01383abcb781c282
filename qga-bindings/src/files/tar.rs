//! Directories as archives: small readers and writers of `tar`, because what comes from a guest must be looked at closely.

mod ground;
mod header;
#[cfg(feature = "fake")]
pub(crate) mod memory;
mod name;
mod pack;
mod unpack;

pub(super) use ground::Purpose;
pub(super) use pack::Packer;
pub(super) use unpack::Unpacker;

use super::Verified;

/// How many of the things that were left out are told by name: a guest may send any number of them.
const TOLD: usize = 256;

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
    /// Whether the files were compared.
    pub verified: Verified,
}

impl Tree {
    #[inline]
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
