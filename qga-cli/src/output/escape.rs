//! Text of others, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text in which nothing is left that a terminal acts on or that makes it look like other text: control characters, what turns
/// the direction of writing, what is invisible.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    escape_with(text, |c, out| match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if u32::from(c) < 0x100 => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        c => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    })
}

/// The same for JSON text, which means the same afterwards. Line ends and tabs between values stay.
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    escape_with(json, |c, out| match c {
        '\n' | '\t' => out.push(c),
        c => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    })
}

fn escape_with(text: &str, mut escape: impl FnMut(char, &mut String)) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_active(c) { escape(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Whether a terminal may act on it, or show other text differently because of it.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}]0;x\u{7}\r\u{9b}2J\u{202e}\n\u{e0041}b";

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        assert_eq!(escape(HOSTILE), r"a\x1b]0;x\x07\r\x9b2J\u{202e}\n\u{e0041}b");
    }

    #[test]
    fn json_means_the_same_after_escaping() {
        let json = serde_json::to_string(HOSTILE).unwrap();
        let escaped = escape_json(&json);
        assert!(escaped.is_ascii());
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), HOSTILE);
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert!(matches!(escape("caf\u{e9} \u{4f60}\u{597d}"), Cow::Borrowed(_)));
    }
}
