//! How deeply the arrays and objects of a text are nested, before anything reads it that would have to follow them.

use memchr::memchr2;

/// How deep a reply may be nested, counting its outermost object.
pub(super) const MAX_DEPTH: usize = 128;

/// The beginning of a line up to where it is nested too deeply, if it is.
pub(super) fn too_deep(line: &[u8]) -> Option<&[u8]> {
    if line.len() <= MAX_DEPTH || is_shallow(line) {
        return None;
    }
    depth(line).err().and_then(|end| line.get(..end))
}

/// Whether everything that was opened in a line has been closed.
pub(super) fn is_closed(line: &[u8]) -> bool {
    depth(line) == Ok(0)
}

/// Whether there are too few brackets for anything to be nested too deeply: of most replies no more has to be known, and
/// counting takes a small part of the time that following them takes.
fn is_shallow(line: &[u8]) -> bool {
    let mut brackets = 0;
    // In pieces whose counts fit in a byte, which lets the compiler count many bytes at once.
    for piece in line.chunks(128) {
        // One bit is all in which the two brackets differ.
        let opening = piece.iter().map(|byte| u8::from(byte | 0x20 == b'{'));
        brackets += usize::from(opening.sum::<u8>());
        if brackets > MAX_DEPTH {
            return false;
        }
    }
    true
}

/// How many arrays and objects are open at the end of a line, or where there was one too many.
fn depth(line: &[u8]) -> Result<usize, usize> {
    let (mut at, mut depth) = (0_usize, 0_usize);
    while let Some(&byte) = line.get(at) {
        match byte {
            b'"' => match string(line.get(at + 1..).unwrap_or_default()) {
                Some(length) => at += length,
                // It has no end, so neither has what it is in.
                None => return Ok(depth.max(1)),
            },
            b'{' | b'[' if depth == MAX_DEPTH => return Err(at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    Ok(depth)
}

/// How long a string is that has begun, with its end.
fn string(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_outside_of_strings_only() {
        let nested = |depth: usize| {
            format!("{{\"[\\\"[\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1))
        };
        assert_eq!(too_deep(nested(MAX_DEPTH).as_bytes()), None);
        let deeper = nested(MAX_DEPTH + 1);
        let beginning = deeper.as_bytes().get(..b"{\"[\\\"[\":".len() + MAX_DEPTH - 1);
        assert_eq!(too_deep(deeper.as_bytes()), beginning);
    }

    #[test]
    fn many_brackets_beside_each_other_are_not_deep_and_neither_are_those_in_strings() {
        assert_eq!(too_deep(format!("{{\"a\": [{}]}}", "[{}],".repeat(1000)).as_bytes()), None);
        assert_eq!(too_deep(format!("{{\"a\": \"{}\"}}", "[".repeat(1000)).as_bytes()), None);
    }

    #[test]
    fn a_string_ends_where_it_ends_however_long_it_is() {
        for length in 0..200 {
            let object = format!("{{\"a\": \"{}\", \"b\": [\"\\\"\"]}}", "x".repeat(length));
            assert_eq!(depth(object.as_bytes()), Ok(0), "{object}");
        }
    }

    #[test]
    fn what_has_no_end_is_not_closed() {
        for text in ["{", "{\"a\": [}", "{\"a", "\"a", "{\"a\\", "{\"a\\\"}"] {
            assert!(!is_closed(text.as_bytes()), "{text}");
        }
        assert!(is_closed(b"{\"a\\\\\": []}"));
    }
}
