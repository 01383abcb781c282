//! Files on this side to an archive, as it is read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::header::{BLOCK, Header};
use super::{Skipped, Tree};

/// How long a name in a header can be.
const LONGEST_NAME: usize = 100;

/// An archive of a directory, which is made while it is read. Symbolic links go into it as such; nothing is followed.
#[derive(Debug)]
pub(in crate::files) struct Packer {
    root: PathBuf,
    /// What is still to be packed, the next last.
    waiting: Vec<PathBuf>,
    ready: io::Cursor<Vec<u8>>,
    /// The file that is being packed, and how much of it is still to come.
    file: Option<(File, u64)>,
    padding: usize,
    tree: Tree,
    ended: bool,
}

impl Packer {
    #[inline]
    pub(in crate::files) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            waiting: vec![PathBuf::new()],
            ready: io::Cursor::default(),
            file: None,
            padding: 0,
            tree: Tree::default(),
            ended: false,
        }
    }

    #[inline]
    pub(in crate::files) fn into_tree(self) -> Tree {
        self.tree
    }

    /// Makes the next bytes ready, unless there are none.
    #[inline]
    fn advance(&mut self) -> io::Result<()> {
        let mut out = vec![0; std::mem::take(&mut self.padding)];
        match self.waiting.pop() {
            Some(below) => self.pack(&below, &mut out)?,
            None if !self.ended => {
                self.ended = true;
                out.extend_from_slice(&[0; 2 * BLOCK]);
            }
            None => {}
        }
        self.ready = io::Cursor::new(out);
        Ok(())
    }

    #[inline]
    fn pack(&mut self, below: &Path, out: &mut Vec<u8>) -> io::Result<()> {
        let path = self.root.join(below);
        // The directory itself may be given as a link; what is below it is taken as it is.
        let is_root = below.as_os_str().is_empty();
        let found = if is_root { fs::metadata(&path)? } else { fs::symlink_metadata(&path)? };
        let time = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let time = time.unwrap_or_default().as_secs();
        let mode = mode(&found);
        self.tree.entries += 1;
        let mut name = name(below)?;
        if found.is_dir() {
            let mut entries = fs::read_dir(&path)?
                .map(|entry| entry.map(|entry| below.join(entry.file_name())))
                .collect::<io::Result<Vec<_>>>()?;
            entries.sort_unstable_by(|a, b| b.cmp(a));
            self.waiting.append(&mut entries);
            name.push(b'/');
            header(out, b'5', &name, b"", 0, mode, time);
        } else if found.is_file() {
            let size = found.len();
            header(out, b'0', &name, b"", size, mode, time);
            self.tree.files += 1;
            self.tree.bytes += size;
            self.padding = usize::try_from(size.wrapping_neg() % BLOCK as u64).unwrap_or_default();
            self.file = Some((File::open(&path)?, size));
        } else if found.is_symlink() {
            let target = target(&fs::read_link(&path)?)?;
            header(out, b'2', &name, &target, 0, mode, time);
        } else {
            let name = below.display().to_string();
            self.tree.skip(Skipped { name, what: "neither file, directory nor link" });
        }
        Ok(())
    }
}

impl Read for Packer {
    #[inline]
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while !buf.is_empty() {
            let read = self.ready.read(buf)?;
            if read > 0 {
                return Ok(read);
            }
            let Some((file, left)) = &mut self.file else {
                self.advance()?;
                if self.ready.get_ref().is_empty()
                    && self.file.is_none()
                    && self.waiting.is_empty()
                    && self.ended
                {
                    return Ok(0);
                }
                continue;
            };
            if *left == 0 {
                self.file = None;
                continue;
            }
            let read = file.take(*left).read(buf)?;
            if read == 0 {
                let error = "a file became shorter while it was copied";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
            }
            *left -= read as u64;
            return Ok(read);
        }
        Ok(0)
    }
}

/// Writes a header, and before it what does not fit into one.
#[inline]
pub(super) fn header(
    out: &mut Vec<u8>,
    kind: u8,
    name: &[u8],
    link: &[u8],
    size: u64,
    mode: u32,
    time: u64,
) {
    let mut records = Vec::new();
    for (key, value) in [("path", name), ("linkpath", link)] {
        if value.len() > LONGEST_NAME {
            records.extend_from_slice(&record(key, value));
        }
    }
    if !records.is_empty() {
        out.extend_from_slice(&Header::write(
            b'x',
            b"extended",
            b"",
            records.len() as u64,
            0o600,
            0,
        ));
        records.resize(records.len().next_multiple_of(BLOCK), 0);
        out.append(&mut records);
    }
    out.extend_from_slice(&Header::write(kind, name, link, size, mode, time));
}

/// A record of an extended header, whose length counts itself.
#[inline]
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

/// A path as archives name it: relative to its root, with slashes.
#[inline]
fn name(below: &Path) -> io::Result<Vec<u8>> {
    let mut name = b".".to_vec();
    for part in below.components() {
        name.push(b'/');
        name.extend_from_slice(bytes(part.as_os_str())?);
    }
    Ok(name)
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere names need not be Unicode, which is all that can be told"
)]
#[inline]
fn bytes(text: &std::ffi::OsStr) -> io::Result<&[u8]> {
    Ok(std::os::unix::ffi::OsStrExt::as_bytes(text))
}

#[cfg(not(unix))]
#[inline]
fn bytes(text: &std::ffi::OsStr) -> io::Result<&[u8]> {
    let error = || io::Error::new(io::ErrorKind::InvalidData, "a name is not Unicode");
    text.to_str().map(str::as_bytes).ok_or_else(error)
}

#[inline]
fn target(path: &Path) -> io::Result<Vec<u8>> {
    bytes(path.as_os_str()).map(<[u8]>::to_vec)
}

#[cfg(unix)]
#[inline]
fn mode(found: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode()
}

#[cfg(not(unix))]
#[inline]
fn mode(found: &fs::Metadata) -> u32 {
    if found.is_dir() { 0o755 } else { 0o644 }
}
