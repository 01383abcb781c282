//! Archives of files that are only made up.

use super::header::{BLOCK, Header, Kind};
use super::pack;
use super::unpack::records;

/// A file in memory: its path below the directory, its permissions, and what is in it.
pub(crate) type Entry = (String, u32, Vec<u8>);

/// An archive of these files.
pub(crate) fn pack(files: impl IntoIterator<Item = Entry>) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, mode, bytes) in files {
        let name = format!("./{path}");
        pack::header(&mut out, b'0', name.as_bytes(), b"", bytes.len() as u64, mode, 0);
        out.extend_from_slice(&bytes);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

/// The files of an archive that this crate has made, as far as it is one.
#[inline]
pub(crate) fn unpack(mut archive: &[u8]) -> Vec<Entry> {
    let mut files = Vec::new();
    let mut long_name = None;
    while let Some((block, rest)) = archive.split_first_chunk::<BLOCK>() {
        let Ok(Some(header)) = Header::read(block) else { break };
        let length = usize::try_from(header.size).unwrap_or(usize::MAX).min(rest.len());
        let (bytes, _) = rest.split_at(length);
        archive = rest.get(length.next_multiple_of(BLOCK)..).unwrap_or_default();
        if header.kind == Kind::Extended {
            let known = records(bytes).unwrap_or_default();
            let path = known.into_iter().find(|(key, _)| *key == b"path");
            long_name = path.map(|(_, name)| name.to_vec());
            continue;
        }
        let name = long_name.take().unwrap_or(header.name);
        if header.kind == Kind::File {
            let name = String::from_utf8_lossy(&name);
            let path = name.strip_prefix("./").unwrap_or(&name).to_owned();
            files.push((path, header.mode, bytes.to_vec()));
        }
    }
    files
}
