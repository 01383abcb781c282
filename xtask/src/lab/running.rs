//! Folders of what runs in the lab.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::Lab;

/// How long a socket's path may be: what Linux has room for.
const LONGEST_SOCKET: usize = 107;

/// A folder that nobody else uses until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    folder: PathBuf,
    _lock: fs::File,
}

impl Running {
    /// A folder for `name`, with nothing in it, or one with a number if another program uses that. `longest` is the longest path of a
    /// socket that is to be made in it.
    ///
    /// It is in the lab, or among the temporary files where the lab cannot be written to or its path is too long.
    ///
    /// # Errors
    /// When it can be in neither.
    pub(crate) fn new(lab: &Lab, name: &str, longest: &str) -> Result<Self> {
        Self::below(&std::path::absolute(lab.join("run"))?, name, longest).or_else(|in_lab| {
            temporary()
                .and_then(|folder| Self::below(&folder, name, longest))
                .with_context(|| format!("{in_lab:#}; and TMPDIR is of no use either"))
        })
    }

    fn below(all: &Path, name: &str, longest: &str) -> Result<Self> {
        let mut number = 1;
        loop {
            let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
            let folder = all.join(&name);
            let length = folder.join(longest).as_os_str().len();
            ensure!(
                length <= LONGEST_SOCKET,
                "{} is too deep for sockets, by {} characters: name a shorter folder in QGA_LAB",
                folder.display(),
                length - LONGEST_SOCKET
            );
            let making = || format!("making {}; QGA_LAB names another lab", folder.display());
            fs::create_dir_all(all).with_context(making)?;
            // Beside the folder, which is emptied.
            let lock = fs::File::create(all.join(format!("{name}.lock"))).with_context(making)?;
            if lock.try_lock().is_err() {
                number += 1;
                continue;
            }
            drop(fs::remove_dir_all(&folder));
            fs::create_dir_all(&folder).with_context(making)?;
            return Ok(Self { folder, _lock: lock });
        }
    }
}

/// A folder of this user's own, the same each time.
fn temporary() -> Result<PathBuf> {
    let user = fs::metadata("/proc/self").context("looking up who this is")?.uid();
    let folder = std::env::temp_dir().join(format!("qga-lab-{user}"));
    // One that is there already may be a trap.
    drop(fs::create_dir(&folder));
    let found =
        fs::symlink_metadata(&folder).with_context(|| format!("making {}", folder.display()))?;
    ensure!(found.is_dir() && found.uid() == user, "{} is somebody else's", folder.display());
    Ok(folder)
}

impl Deref for Running {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.folder
    }
}
