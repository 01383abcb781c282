//! What the entries of an archive are on this side: files that are written, or that are there to be compared with.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::header::Header;
use super::name::safe_path;
use super::unpack::invalid;

/// What is done with the entries of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::files) enum Purpose {
    /// They are made.
    Write,
    /// Files are compared with those that are there, as far as they are.
    Compare,
}

/// The directory that an archive is about.
#[derive(Debug)]
pub(super) struct Ground {
    root: PathBuf,
    purpose: Purpose,
}

/// Where the bytes of a file go.
#[derive(Debug)]
pub(super) enum Content {
    Written(File),
    Compared(File),
    /// There is nothing to compare them with.
    Unwanted,
}

impl Content {
    /// Whether it has as many bytes as it should, if it is there already.
    #[inline]
    pub(super) fn has_length(&self, length: u64) -> io::Result<bool> {
        match self {
            Self::Compared(file) => Ok(file.metadata()?.len() == length),
            Self::Written(_) | Self::Unwanted => Ok(true),
        }
    }

    /// Takes some bytes, and says whether they are as they should be.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        match self {
            Self::Written(file) => file.write_all(bytes).map(|()| true),
            Self::Compared(file) => {
                let mut ours = vec![0; bytes.len()];
                match file.read_exact(&mut ours) {
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
                    result => result.map(|()| ours == bytes),
                }
            }
            Self::Unwanted => Ok(true),
        }
    }
}

impl Ground {
    #[inline]
    pub(super) fn new(root: &Path, purpose: Purpose) -> Self {
        Self { root: root.to_owned(), purpose }
    }

    /// Makes a directory, and those above it.
    #[inline]
    pub(super) fn directory(&self, header: &Header) -> io::Result<()> {
        let path = self.place(&header.name)?;
        if self.purpose == Purpose::Compare {
            return Ok(());
        }
        self.make_parents(&path)?;
        if path == self.root { Ok(()) } else { make_directory(&path) }
    }

    /// Makes a file, or finds the one to compare with.
    #[inline]
    pub(super) fn file(&self, header: &Header) -> io::Result<Content> {
        let path = self.place(&header.name)?;
        match self.purpose {
            Purpose::Write => self.make_file(&path, header).map(Content::Written),
            Purpose::Compare => Ok(self.find(&path)?.map_or(Content::Unwanted, Content::Compared)),
        }
    }

    #[inline]
    fn make_file(&self, path: &Path, header: &Header) -> io::Result<File> {
        self.make_parents(path)?;
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => {
                return Err(refused(&header.name, "there is a directory"));
            }
            // Not written to: it may lead elsewhere.
            Ok(_) => fs::remove_file(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let file = File::options().write(true).create_new(true).open(path)?;
        permit(&file, header.mode)?;
        Ok(file)
    }

    /// Opens a file, unless it is none or a link leads to it.
    #[inline]
    fn find(&self, path: &Path) -> io::Result<Option<File>> {
        for parent in self.parents(path) {
            if !fs::symlink_metadata(parent).is_ok_and(|found| found.is_dir()) {
                return Ok(None);
            }
        }
        if !fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
            return Ok(None);
        }
        File::open(path).map(Some)
    }

    /// The path of an entry on this side.
    #[inline]
    fn place(&self, name: &[u8]) -> io::Result<PathBuf> {
        let path = safe_path(name).map_err(|why| refused(name, why))?;
        Ok(if path.as_os_str().is_empty() { self.root.clone() } else { self.root.join(path) })
    }

    /// The directories between the root and a path, the outermost first.
    #[inline]
    fn parents(&self, path: &Path) -> Vec<PathBuf> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let parts = below.parent().into_iter().flat_map(Path::components);
        let mut parent = self.root.clone();
        let enter = |part: std::path::Component<'_>| {
            parent.push(part);
            parent.clone()
        };
        parts.map(enter).collect()
    }

    /// Makes the directories above a path, none of which may be a link.
    #[inline]
    fn make_parents(&self, path: &Path) -> io::Result<()> {
        self.parents(path).iter().try_for_each(|parent| make_directory(parent))
    }
}

/// Makes a directory unless it is there. A link to one is not one.
#[inline]
fn make_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::symlink_metadata(path)?.is_dir() {
                return Ok(());
            }
            let message = format!("{} is no directory", path.display());
            Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
        }
        result => result,
    }
}

#[cfg(unix)]
#[inline]
fn permit(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Nothing that would run with somebody else's rights.
    file.set_permissions(fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
#[inline]
fn permit(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

#[inline]
fn refused(name: &[u8], why: &str) -> io::Error {
    invalid(&format!("{:?}: {why}", String::from_utf8_lossy(name)))
}
