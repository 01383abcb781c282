//! An archive from a guest to files on this side, as it comes, trusting nothing in it.

use std::io;
use std::path::Path;

use super::ground::{Content, Ground, Purpose};
use super::header::{BLOCK, Header, Kind};
use super::{Skipped, Tree};
use crate::files::DirOptions;

/// How long a name, or what else is said about an entry, may be.
const LONGEST_NAME: u64 = 64 << 10;

/// Unpacks an archive.
#[derive(Debug)]
pub(in crate::files) struct Unpacker {
    ground: Ground,
    /// How many bytes files may have in all, and how many entries there may be.
    limits: (u64, u64),
    tree: Tree,
    /// The first file that is not as it should be.
    differing: Option<String>,
    state: State,
    /// A header, or a name, that has come in part.
    pending: Vec<u8>,
    /// What was said about the next entry.
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

#[derive(Debug)]
enum State {
    /// A header comes next.
    Header,
    /// So many bytes of a file, and then so many to its block's end.
    File { name: Vec<u8>, content: Content, left: u64, padding: u64 },
    /// The name of the next entry, or what else is said about it.
    About { kind: Kind, left: u64, padding: u64 },
    /// Bytes that nobody wants.
    Skip(u64),
    /// Whatever comes after the end.
    Ended,
}

impl Unpacker {
    #[inline]
    pub(in crate::files) fn new(root: &Path, purpose: Purpose, options: &DirOptions<'_>) -> Self {
        Self {
            ground: Ground::new(root, purpose),
            limits: (options.bytes, options.entries),
            tree: Tree::default(),
            differing: None,
            state: State::Header,
            pending: Vec::new(),
            name: None,
            size: None,
        }
    }

    /// Takes the next bytes of the archive.
    #[inline]
    pub(in crate::files) fn feed(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = self.take(bytes)?;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// What was unpacked or compared, if that was all, and the first file that differs.
    #[inline]
    pub(in crate::files) fn finish(self) -> io::Result<(Tree, Option<String>)> {
        match self.state {
            State::Ended => Ok((self.tree, self.differing)),
            _ => Err(invalid("it ends too soon")),
        }
    }

    #[inline]
    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Ended => return Ok(bytes.len()),
            State::Skip(left) => {
                let taken = part(bytes, *left);
                *left -= taken.len() as u64;
                if *left == 0 {
                    self.state = State::Header;
                }
                return Ok(taken.len());
            }
            State::File { name, content, left, padding } => {
                let taken = part(bytes, *left);
                if !content.take(taken)? {
                    note(&mut self.differing, name);
                }
                *left -= taken.len() as u64;
                if *left == 0 {
                    self.state = after(*padding);
                }
                return Ok(taken.len());
            }
            State::Header | State::About { .. } => {}
        }
        let wanted = match self.state {
            State::About { left, .. } => left,
            _ => BLOCK as u64,
        };
        let missing = wanted.saturating_sub(self.pending.len() as u64);
        let taken = part(bytes, missing);
        self.pending.extend_from_slice(taken);
        if taken.len() as u64 == missing {
            let pending = std::mem::take(&mut self.pending);
            match self.state {
                State::About { kind, padding, .. } => {
                    self.learn(kind, &pending)?;
                    self.state = after(padding);
                }
                _ => self.state = self.begin(&pending)?,
            }
        }
        Ok(taken.len())
    }

    /// Begins an entry.
    #[inline]
    fn begin(&mut self, block: &[u8]) -> io::Result<State> {
        let block = block.try_into().map_err(|_| invalid("a header is short"))?;
        let Some(mut header) = Header::read(block).map_err(invalid)? else {
            return Ok(State::Ended);
        };
        if let (Kind::File | Kind::Directory | Kind::Other(_), name) =
            (header.kind, self.name.take())
        {
            header.name = name.unwrap_or(header.name);
            header.size = self.size.take().unwrap_or(header.size);
            self.count(header.size)?;
        }
        let padding = header.size.wrapping_neg() % BLOCK as u64;
        let Some(whole) = header.size.checked_add(padding) else {
            return Err(invalid("a size is absurd"));
        };
        match header.kind {
            Kind::LongName | Kind::Extended if header.size > LONGEST_NAME => {
                Err(invalid("a name is too long"))
            }
            Kind::LongName | Kind::Extended if header.size > 0 => {
                Ok(State::About { kind: header.kind, left: header.size, padding })
            }
            Kind::LongName | Kind::Extended | Kind::Global | Kind::LongLink => Ok(after(whole)),
            Kind::Directory => {
                self.ground.directory(&header)?;
                Ok(after(whole))
            }
            Kind::File => {
                let content = self.ground.file(&header)?;
                if !matches!(content, Content::Unwanted) {
                    self.tree.files += 1;
                }
                if !content.has_length(header.size)? {
                    note(&mut self.differing, &header.name);
                }
                self.tree.bytes = self.tree.bytes.saturating_add(header.size);
                Ok(match header.size {
                    0 => State::Header,
                    left => State::File { name: header.name, content, left, padding },
                })
            }
            Kind::Other(kind) => {
                let name = String::from_utf8_lossy(&header.name).into_owned();
                self.tree.skip(Skipped { name, what: what(kind) });
                // Links state the size of their target, and nothing follows them.
                Ok(after(if (b'1'..=b'6').contains(&kind) { 0 } else { whole }))
            }
        }
    }

    /// Keeps what was said about the next entry.
    #[inline]
    fn learn(&mut self, kind: Kind, text: &[u8]) -> io::Result<()> {
        if kind == Kind::LongName {
            let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
            self.name = Some(text.get(..end).unwrap_or_default().to_vec());
            return Ok(());
        }
        for (key, value) in records(text)? {
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    self.size = Some(size.ok_or_else(|| invalid("a size is no number"))?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    #[inline]
    fn count(&mut self, size: u64) -> io::Result<()> {
        self.tree.entries += 1;
        let bytes = self.tree.bytes.saturating_add(size);
        let (most_bytes, most_entries) = self.limits;
        if self.tree.entries > most_entries {
            return Err(invalid(&format!("it has more than {most_entries} entries, the limit")));
        }
        if bytes > most_bytes {
            return Err(invalid(&format!("it has more than {most_bytes} bytes, the limit")));
        }
        Ok(())
    }
}

/// Keeps the name of the first file that is not as it should be.
#[inline]
fn note(differing: &mut Option<String>, name: &[u8]) {
    differing.get_or_insert_with(|| String::from_utf8_lossy(name).into_owned());
}

/// At most so many bytes of the beginning.
#[inline]
fn part(bytes: &[u8], left: u64) -> &[u8] {
    usize::try_from(left).ok().and_then(|left| bytes.get(..left)).unwrap_or(bytes)
}

#[inline]
fn after(padding: u64) -> State {
    if padding == 0 { State::Header } else { State::Skip(padding) }
}

/// The records of an extended header: `LENGTH KEY=VALUE` and a newline each.
#[inline]
pub(super) fn records(mut text: &[u8]) -> io::Result<Vec<(&[u8], &[u8])>> {
    let bad = || invalid("an extended header is none");
    let mut found = Vec::new();
    while !text.is_empty() {
        let space = text.iter().position(|byte| *byte == b' ').ok_or_else(bad)?;
        let (digits, _) = text.split_at(space);
        let length =
            std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<usize>().ok());
        let length = length.filter(|length| *length > space + 1).ok_or_else(bad)?;
        let record = text.get(space + 1..length).and_then(|record| record.strip_suffix(b"\n"));
        let record = record.ok_or_else(bad)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(bad)?;
        let (key, value) = record.split_at(equals);
        found.push((key, value.get(1..).unwrap_or_default()));
        text = text.get(length..).unwrap_or_default();
    }
    Ok(found)
}

#[inline]
fn what(kind: u8) -> &'static str {
    match kind {
        b'1' => "a link to another entry",
        b'2' => "a symbolic link",
        b'3' | b'4' => "a device",
        b'6' => "a named pipe",
        _ => "of an unknown kind",
    }
}

#[inline]
pub(super) fn invalid(why: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the archive from the guest is refused: {why}"),
    )
}
