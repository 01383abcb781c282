//! Files of this host.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file to copy from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: File,
    pub(super) length: u64,
    /// Its permissions, if it is an ordinary file.
    pub(super) mode: Option<u32>,
}

/// Opens a file to copy from.
pub(super) fn open(path: &Path) -> Result<Source, Failure> {
    let failed =
        |error: io::Error| Failure::host(format!("{} cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    if found.is_dir() {
        return Err(Failure::usage(format!("{} is a folder", path.display()))
            .next("-r copies it with everything in it"));
    }
    let mode = found.is_file().then(|| found.permissions().mode() & 0o777);
    Ok(Source { file, length: found.len(), mode })
}

impl Source {
    /// Leaves out what is there already.
    pub(super) fn skip(&mut self, offset: u64) -> Result<(), Failure> {
        if offset > self.length {
            return Err(Failure::new(
                "the guest's file is longer than ours, so it is no part of it",
            )
            .next("copy it without --resume"));
        }
        self.file.seek(SeekFrom::Start(offset)).map(|_| ()).map_err(|error| {
            Failure::host(format!("the copy cannot go on from {offset} bytes: {error}"))
        })
    }
}

/// Where a file of the guest goes on this host: into a folder it goes by its own name, which must be a mere name.
pub(super) fn destination(path: &Path, guest: &str) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let name = guest.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default();
    if ["", ".", ".."].contains(&name) {
        return Err(Failure::usage(format!(
            "`{guest}` has no name that a file in {} could have",
            path.display()
        ))
        .next("name the file to copy to"));
    }
    Ok(path.join(name))
}

/// Opens a file to copy to, and says how much of it is there already.
pub(super) fn create(path: &Path, resume: bool) -> Result<(File, u64), Failure> {
    let open = || {
        if !resume {
            return Ok((File::create(path)?, 0));
        }
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        let offset = file.seek(SeekFrom::End(0))?;
        Ok((file, offset))
    };
    open().map_err(|error: io::Error| {
        Failure::host(format!("{} cannot be written: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gets_a_mere_name_and_nothing_else() {
        let folder = std::env::temp_dir();
        assert_eq!(destination(&folder, "/a/b").unwrap(), folder.join("b"));
        assert_eq!(destination(&folder, "/a/b/").unwrap(), folder.join("b"));
        assert_eq!(destination(&folder, "C:\\a\\b").unwrap(), folder.join("b"));
        for path in ["/a/..", "/", ".", "\\.."] {
            assert!(destination(&folder, path).is_err(), "{path}");
        }
    }
}
