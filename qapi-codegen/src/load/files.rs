//! Where texts come from: the file system, or the memory of a test.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// A place to read schema files from.
pub trait Files {
    /// Opens the file at `path` for reading.
    ///
    /// # Errors
    /// Whatever the place has to say; the reader turns it into a diagnostic.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>>;

    /// What tells two files apart: the absolute path, with `.` and `..` resolved by text. Links are not
    /// followed, so that one file under two names counts as two, as it does for QEMU's own front end.
    fn identity(&self, path: &Path) -> PathBuf {
        normalise(path)
    }
}

/// The file system. Only regular files are opened: a schema must not make its reader wait on a pipe.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        if fs::metadata(path)?.is_file() {
            Ok(Box::new(File::open(path)?))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
    }

    fn identity(&self, path: &Path) -> PathBuf {
        normalise(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }
}

/// Texts in memory, each under a path.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same and one file more.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(normalise(path.as_ref()), bytes.into());
        self
    }
}

impl Files for Memory {
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match self.files.get(&normalise(path)) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
        }
    }
}

/// `path` without `.`, and without `..` as far as there is a folder to leave.
fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match normal.components().next_back() {
                Some(Component::Normal(_)) => {
                    normal.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => normal.push(".."),
            },
            other => normal.push(other),
        }
    }
    normal
}

/// `path` as seen from `folder`, with `/` between its parts; both are normal.
pub(super) fn relative(path: &Path, folder: &Path) -> String {
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".into());
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_text() {
        for (path, normal) in [
            ("a/./b//c", "a/b/c"),
            ("a/../b", "b"),
            ("../a/../../b", "../../b"),
            ("/../a", "/a"),
            ("a/..", ""),
        ] {
            assert_eq!(normalise(Path::new(path)), Path::new(normal), "{path}");
        }
    }

    #[test]
    fn modules_are_named_from_the_root_s_folder() {
        let folder = Path::new("/schema/qapi");
        for (path, module) in [
            ("/schema/qapi/a.json", "a.json"),
            ("/schema/qapi/sub/a.json", "sub/a.json"),
            ("/schema/a.json", "../a.json"),
        ] {
            assert_eq!(relative(Path::new(path), folder), module);
        }
    }
}
