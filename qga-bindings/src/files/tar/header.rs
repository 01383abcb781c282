//! The 512 bytes before each entry of an archive (POSIX `ustar`, with what GNU does beyond it).

/// What everything in an archive is padded to.
pub(super) const BLOCK: usize = 512;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    /// The name of the next entry, in GNU's way.
    LongName,
    /// More about the next entry, in POSIX' way.
    Extended,
    /// More about all entries; nothing in it matters here.
    Global,
    /// The target of the next entry, a link, in GNU's way.
    LongLink,
    /// Links, devices and whatever else there is.
    Other(u8),
}

/// One header, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) name: Vec<u8>,
    pub(super) size: u64,
    pub(super) mode: u32,
}

impl Header {
    /// Reads a header; nothing for a block of zeros, with which archives end.
    #[inline]
    pub(super) fn read(block: &[u8; BLOCK]) -> Result<Option<Self>, &'static str> {
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let field =
            |start: usize, length: usize| block.get(start..start + length).unwrap_or_default();
        let stated = number(field(148, 8)).ok_or("a checksum is no number")?;
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                // The checksum is made as if it were spaces itself.
                u64::from(if (148..156).contains(&at) { b' ' } else { *byte })
            })
            .sum();
        if stated != sum {
            return Err("a checksum is wrong");
        }
        let mut name = text(field(0, 100)).to_vec();
        let prefix = text(field(345, 155));
        if field(257, 6) == b"ustar\0" && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        let kind = match block.get(156).copied().unwrap_or_default() {
            // Older archives mark directories by their names alone.
            0 | b'0' | b'7' if name.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'7' => Kind::File,
            b'5' => Kind::Directory,
            b'L' => Kind::LongName,
            b'K' => Kind::LongLink,
            b'x' => Kind::Extended,
            b'g' => Kind::Global,
            other => Kind::Other(other),
        };
        let size = number(field(124, 12)).ok_or("a size is no number")?;
        let mode = number(field(100, 8)).and_then(|mode| u32::try_from(mode & 0o7777).ok());
        Ok(Some(Self { kind, name, size, mode: mode.ok_or("permissions are no number")? }))
    }

    /// Writes a header. Its name and link have to fit.
    #[inline]
    pub(super) fn write(
        kind: u8,
        name: &[u8],
        link: &[u8],
        size: u64,
        mode: u32,
        time: u64,
    ) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let mut put = |start: usize, bytes: &[u8]| {
            for (slot, byte) in block.iter_mut().skip(start).zip(bytes) {
                *slot = *byte;
            }
        };
        put(0, name.get(..100).unwrap_or(name));
        put(100, format!("{:07o}", mode & 0o7777).as_bytes());
        // The owner is whoever unpacks it.
        put(108, b"0000000\x000000000\0");
        put(124, &size_field(size));
        put(136, format!("{:011o}", time.min(0o777_7777_7777)).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(157, link.get(..100).unwrap_or(link));
        put(257, b"ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        for (slot, byte) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").as_bytes()) {
            *slot = *byte;
        }
        block
    }
}

/// A size: in octal, or in binary if it is too large for that.
#[inline]
fn size_field(size: u64) -> [u8; 12] {
    let mut field = [0; 12];
    if size < 1 << 33 {
        let octal = format!("{size:011o}");
        field.iter_mut().zip(octal.as_bytes()).for_each(|(slot, byte)| *slot = *byte);
    } else {
        field.iter_mut().skip(4).zip(size.to_be_bytes()).for_each(|(slot, byte)| *slot = byte);
        field[0] = 0x80;
    }
    field
}

/// A number: in octal between spaces and zero bytes, or in binary.
#[inline]
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let digits = [&[first & 0x7f], rest].concat();
        return digits
            .iter()
            .try_fold(0_u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)));
    }
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let digits: Vec<u8> = field
        .iter()
        .copied()
        .skip_while(|byte| *byte == b' ')
        .take_while(|byte| !blank(byte))
        .collect();
    digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Bytes up to the first zero.
#[inline]
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_was_written_is_read_back_whatever_the_size() {
        for size in [0, 1, (1 << 33) - 1, 1 << 33, u64::MAX] {
            let block = Header::write(b'0', b"a/b", b"", size, 0o640, 1_700_000_000);
            let name = b"a/b".to_vec();
            let expected = Header { kind: Kind::File, name, size, mode: 0o640 };
            assert_eq!(Header::read(&block), Ok(Some(expected)));
        }
    }

    #[test]
    fn a_header_with_any_byte_changed_is_refused() {
        let block = Header::write(b'0', b"a/b", b"", 7, 0o640, 0);
        for at in 0..BLOCK {
            let mut changed = block;
            changed[at] ^= 0x01;
            assert!(Header::read(&changed).is_err() || (148..156).contains(&at), "byte {at}");
        }
    }
}
