//! The guest's file systems: what is mounted, how full it is, and what can be given back to the host.

use std::fmt;

use crate::guest::Guest;
use crate::types::{GuestDiskAddress, GuestFilesystemInfo};
use crate::{Error, commands};

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSystem {
    /// Where it is mounted.
    pub mountpoint: String,
    /// Kind of file system, as the guest calls it: `ext4`, `NTFS`.
    pub kind: String,
    /// Name of its block device, without directory; on Windows the volume's path.
    pub name: String,
    /// How large it is; `None` if that cannot be determined. Since QEMU 3.0.
    pub space: Option<Space>,
    /// The disks it is on.
    pub disks: Vec<GuestDiskAddress>,
}

/// The room in a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Space {
    /// Bytes that ordinary users can have in all.
    pub total: u64,
    /// Bytes in use.
    pub used: u64,
    /// Bytes in all, with those that are kept for the superuser. Since QEMU 9.1.
    pub total_privileged: Option<u64>,
}

impl Space {
    /// Bytes that ordinary users can still have. None if the superuser has used what is kept for it.
    #[inline]
    pub fn free(&self) -> u64 {
        self.total.saturating_sub(self.used)
    }
}

/// What came of giving back the unused blocks of one file system.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trim {
    /// Where it is mounted.
    pub mountpoint: String,
    /// How many bytes were given back, where the guest counts them; or why it failed.
    pub freed: Result<Option<u64>, TrimFailure>,
}

/// Why a file system's unused blocks were not given back, in the guest's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrimFailure(String);

impl fmt::Display for TrimFailure {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_debug())
    }
}

impl std::error::Error for TrimFailure {}

impl From<GuestFilesystemInfo> for FileSystem {
    #[inline]
    fn from(info: GuestFilesystemInfo) -> Self {
        let space = info.total_bytes.zip(info.used_bytes).map(|(total, used)| Space {
            total,
            used,
            total_privileged: info.total_bytes_privileged,
        });
        let GuestFilesystemInfo { mountpoint, r#type: kind, name, disk: disks, .. } = info;
        Self { mountpoint, kind, name, space, disks }
    }
}

pub(crate) async fn file_systems(guest: &mut impl Guest) -> Result<Vec<FileSystem>, Error> {
    let list = guest.execute(&commands::GuestGetFsinfo::new(), None).await?;
    Ok(list.into_iter().map(Into::into).collect())
}

pub(crate) async fn trim(guest: &mut impl Guest, minimum: Option<u64>) -> Result<Vec<Trim>, Error> {
    let mut command = commands::GuestFstrim::new();
    command.minimum = minimum.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    let paths = guest.execute(&command, None).await?.paths.unwrap_or_default();
    let result = |path: crate::types::GuestFilesystemTrimResult| Trim {
        mountpoint: path.path,
        freed: match path.error {
            Some(error) => Err(TrimFailure(error)),
            None => Ok(path.trimmed.and_then(|bytes| u64::try_from(bytes).ok())),
        },
    };
    Ok(paths.into_iter().map(result).collect())
}
