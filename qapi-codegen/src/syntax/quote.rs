//! Source text within messages: in backticks, short, and harmless on any terminal.

use std::fmt;

/// At most this many characters of a quoted text are shown.
const MAX_SHOWN: usize = 60;

/// `text` in backticks, made visible and cut if it is long.
pub(crate) fn quoted(text: &str) -> String {
    let cut = text.char_indices().nth(MAX_SHOWN).map_or(text.len(), |(at, _)| at);
    let shown = visible(text.get(..cut).unwrap_or_default());
    let more = if cut < text.len() { "..." } else { "" };
    format!("`{shown}{more}`")
}

/// Something by its kind and its name, as "member `a`". Put together when it is shown: nearly everything that is checked
/// is right.
#[derive(Clone, Copy)]
pub(crate) struct Called<'a> {
    kind: &'a str,
    name: &'a str,
}

/// Names something for messages.
pub(crate) const fn called<'a>(kind: &'a str, name: &'a str) -> Called<'a> {
    Called { kind, name }
}

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, quoted(self.name))
    }
}

/// `text` with everything escaped that a reader cannot see or that would rearrange what is seen.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|c| push_visible(&mut shown, c));
    shown
}

/// Appends one character, escaped if need be.
pub(crate) fn push_visible(shown: &mut String, c: char) {
    if is_hidden(c) {
        shown.extend(c.escape_unicode());
    } else {
        shown.push(c);
    }
}

/// Control characters, marks of writing direction, and characters without width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(quoted("a\u{1b}[2J\u{202e}é"), "`a\\u{1b}[2J\\u{202e}é`");
    }

    #[test]
    fn long_text_is_cut() {
        let shown = quoted(&"é".repeat(100));
        assert_eq!(shown, format!("`{}...`", "é".repeat(MAX_SHOWN)));
    }
}
