//! What programs and files of the guest hold: bytes, which may or may not be text.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

/// Bytes in JSON: a string if they are text, and otherwise an object with `base64`.
pub(crate) fn json(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => json!({ "base64": BASE64_STANDARD.encode(bytes) }),
    }
}

/// Bytes as a terminal may have them: lines and tabs stay, everything else that a terminal acts on is escaped.
pub(crate) fn for_terminal(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\t']) {
        let end = piece.len() - piece.trim_end_matches(['\n', '\t']).len();
        let (words, end) = piece.split_at(piece.len() - end);
        // Lines of Windows end with a carriage return, too.
        let (words, end) = match words.strip_suffix('\r') {
            Some(words) if end == "\n" => (words, "\r\n"),
            _ => (words, end),
        };
        out.push_str(&super::escape(words));
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_tabs_stay_and_what_a_terminal_acts_on_does_not() {
        let bytes = b"a\tb\r\n\x1b[2J\rc\xff\n\n\td";
        assert_eq!(for_terminal(bytes), "a\tb\r\n\\x1b[2J\\rc\u{fffd}\n\n\td");
    }

    #[test]
    fn bytes_that_are_no_text_are_base64_in_json() {
        assert_eq!(json(b"caf\xc3\xa9"), json!("caf\u{e9}"));
        assert_eq!(json(b"\xff\xfe"), json!({ "base64": "//4=" }));
    }
}
