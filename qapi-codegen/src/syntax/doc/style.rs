//! The rules for the form of documentation lines: their length, and the space between sentences.

/// The longest line, counted from its `#`.
const MAX_COLUMNS: usize = 70;

/// What can be wrong with the form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StyleFault {
    TooLong,
    /// The byte, counted from the start of the text, of a space that should be two.
    OneSpace(usize),
}

/// Checks the lines of one comment in turn, knowing which of them are literal text.
#[derive(Debug, Default)]
pub(super) struct Style {
    literal: Literal,
}

#[derive(Clone, Copy, Debug, Default)]
enum Literal {
    #[default]
    Off,
    /// Announced; the first line that is not blank gives its indentation.
    Announced,
    /// Until a line is indented less than this.
    Indented(usize),
}

impl Style {
    /// What is wrong with the next line of the comment, given without `# ` and without trailing space.
    pub(super) fn check(&mut self, text: &str) -> Option<StyleFault> {
        if self.is_literal(text) {
            return None;
        }
        if announces_literal(text) {
            self.literal = Literal::Announced;
            return None;
        }
        if is_too_long(text) {
            return Some(StyleFault::TooLong);
        }
        single_space(text).map(StyleFault::OneSpace)
    }

    fn is_literal(&mut self, text: &str) -> bool {
        let indent = text.len() - text.trim_start().len();
        match self.literal {
            Literal::Off => return false,
            _ if text.is_empty() => {}
            Literal::Announced => self.literal = Literal::Indented(indent),
            Literal::Indented(least) if indent < least => {
                self.literal = Literal::Off;
                return false;
            }
            Literal::Indented(_) => {}
        }
        true
    }
}

/// Whether the line is `::` alone, or the directive for an example.
fn announces_literal(text: &str) -> bool {
    let Some(before) = text.strip_suffix("::") else { return false };
    let before = before.trim_end_matches(' ');
    before.is_empty()
        || before.strip_prefix("..").is_some_and(|rest| {
            rest.starts_with(' ') && rest.trim_start_matches(' ') == "qmp-example"
        })
}

/// Whether the line passes the limit, unless it is an address, which cannot be broken.
fn is_too_long(text: &str) -> bool {
    let limit = MAX_COLUMNS - "# ".len();
    text.len() > limit && text.chars().count() > limit && !is_address(text.trim_start_matches(' '))
}

fn is_address(text: &str) -> bool {
    let schemes = ["http://", "https://", "ftp://"];
    schemes.iter().any(|scheme| text.starts_with(scheme)) && !text.contains(' ')
}

/// Where one space only stands between what seem to be two sentences.
fn single_space(text: &str) -> Option<usize> {
    text.as_bytes().windows(3).enumerate().find_map(|(at, window)| {
        // Few bytes are spaces, so that is asked first.
        let &[before, b' ', after] = window else { return None };
        let ends = matches!(before, b'.' | b'!' | b'?')
            && (after.is_ascii_uppercase() || after.is_ascii_digit() || after == b'(');
        (ends && !is_abbreviation(text, at) && !is_list_number(text, at)).then_some(at + 1)
    })
}

/// Whether the full stop at `at` is that of `e.g.`
fn is_abbreviation(text: &str, at: usize) -> bool {
    let before = text.get(..=at).and_then(|text| text.strip_suffix("e.g."));
    before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether the full stop at `at` follows the one-digit number of a list item.
fn is_list_number(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_start_matches(' ');
    text.as_bytes().get(at) == Some(&b'.')
        && before.len() == 1
        && before.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(lines: &[&str]) -> Vec<Option<StyleFault>> {
        let mut style = Style::default();
        lines.iter().map(|line| style.check(line)).collect()
    }

    #[test]
    fn sentences_are_two_spaces_apart() {
        assert_eq!(
            faults(&["One. Two", "One.  Two", "One. two", "One! (Two)"]),
            [Some(StyleFault::OneSpace(4)), None, None, Some(StyleFault::OneSpace(4)),]
        );
    }

    #[test]
    fn abbreviations_and_list_numbers_end_no_sentence() {
        assert_eq!(
            faults(&["see e.g. QEMU", " 1. First", "use 1. First", "10. Tenth"]),
            [None, None, Some(StyleFault::OneSpace(6)), Some(StyleFault::OneSpace(3)),]
        );
    }

    #[test]
    fn lines_end_at_column_seventy_unless_they_are_addresses() {
        let fits = "é".repeat(68);
        let long = "x".repeat(69);
        let address = format!("  https://{long}");
        assert_eq!(faults(&[&fits, &long, &address]), [None, Some(StyleFault::TooLong), None]);
    }

    #[test]
    fn literal_text_is_free_until_it_is_indented_less() {
        let example = [".. qmp-example::", "", "   One. Two", "     A. B", "  One. Two"];
        assert_eq!(faults(&example), [None, None, None, None, Some(StyleFault::OneSpace(6))]);
        assert_eq!(faults(&["::", "  A. B"]), [None, None]);
        assert_eq!(faults(&["Text::", "  A. B"]), [None, Some(StyleFault::OneSpace(4))]);
    }
}
