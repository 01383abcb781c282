//! Text to tokens.
//!
//! One token is read at a time, on demand: a fault further down must not be found before what stands above it
//! has been understood. Scanning is by byte; only what is not ASCII is decoded.

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::{Allowance, Dialect};
use crate::source::Span;
use crate::syntax::quote::quoted;

/// The longest string a schema may contain, in bytes. Strings are names, conditions and paths.
pub const MAX_STRING_BYTES: usize = 4096;

/// A reason why reading cannot simply go on.
pub(crate) type Fault = Box<Diagnostic>;

/// The smallest piece of text that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// The kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Colon,
    Comma,
    /// `'text'`, quotes included.
    String,
    True,
    False,
    Null,
    /// `##` up to the end of the line.
    DocMark,
    /// Any comment, where comments are asked for.
    Comment,
    /// The end of the file.
    End,
}

/// Reads tokens from one text.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    /// Where the text lies in the offset space of its source map.
    base: u32,
    at: usize,
    dialect: Dialect,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str, base: u32, dialect: Dialect) -> Self {
        Self { text, base, at: 0, dialect }
    }

    /// The next token; comments other than `##` are passed over.
    pub(crate) fn next(&mut self) -> Result<Token, Fault> {
        loop {
            let token = self.next_or_comment()?;
            if token.kind != TokenKind::Comment {
                return Ok(token);
            }
            if self.slice(token.span).starts_with("##") {
                return Ok(Token { kind: TokenKind::DocMark, ..token });
            }
        }
    }

    /// The next token, which may be a comment of any kind.
    pub(crate) fn next_or_comment(&mut self) -> Result<Token, Fault> {
        self.skip_space();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let Some(&byte) = rest.as_bytes().first() else { return Ok(self.end()) };
        let (kind, len) = match byte {
            b'#' => (TokenKind::Comment, line_len(rest)),
            b'{' => (TokenKind::LeftBrace, 1),
            b'}' => (TokenKind::RightBrace, 1),
            b'[' => (TokenKind::LeftBracket, 1),
            b']' => (TokenKind::RightBracket, 1),
            b':' => (TokenKind::Colon, 1),
            b',' => (TokenKind::Comma, 1),
            b'\'' => (TokenKind::String, self.string_len(rest)?),
            // The words end where they end: what follows without a space is a token of its own.
            b't' if rest.starts_with("true") => (TokenKind::True, 4),
            b'f' if rest.starts_with("false") => (TokenKind::False, 5),
            b'n' if rest.starts_with("null") && self.dialect.allows(Allowance::NullLiteral) => {
                (TokenKind::Null, 4)
            }
            _ => return Err(self.stray(rest).into()),
        };
        self.at += len;
        Ok(Token { kind, span: self.span(start, self.at) })
    }

    /// The text of a token.
    pub(crate) fn slice(&self, span: Span) -> &'t str {
        let start = span.start.saturating_sub(self.base) as usize;
        let end = span.end.saturating_sub(self.base) as usize;
        self.text.get(start..end).unwrap_or_default()
    }

    /// The text that a string token stands for.
    pub(crate) fn unquote(&self, span: Span) -> String {
        let quoted = self.slice(span);
        let raw = quoted.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        let raw = raw.unwrap_or_default();
        if raw.bytes().any(|byte| byte == b'\\') { unescape(raw) } else { raw.to_owned() }
    }

    /// Goes on at the first line not before `offset` that looks like the start of something new: one that begins
    /// with `{` or `##`.
    pub(crate) fn skip_to_line_start(&mut self, offset: u32) {
        let bytes = self.text.as_bytes();
        let mut at = (offset.saturating_sub(self.base) as usize).min(bytes.len());
        if at > 0 && bytes.get(at - 1) != Some(&b'\n') {
            at = self.after_line(at);
        }
        while let Some(rest) = bytes.get(at..)
            && !rest.is_empty()
            && !rest.starts_with(b"{")
            && !rest.starts_with(b"##")
        {
            at = self.after_line(at);
        }
        self.at = at;
    }

    /// Gives up on the rest of the text.
    pub(crate) fn skip_to_end(&mut self) {
        self.at = self.text.len();
    }

    fn after_line(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.iter().position(|&byte| byte == b'\n').map_or(self.text.len(), |len| at + len + 1)
    }

    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n') = bytes.get(self.at) {
            self.at += 1;
        }
        if bytes.get(self.at).is_some_and(|byte| !byte.is_ascii_graphic()) {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at = self.text.len() - rest.trim_start_matches(is_space).len();
        }
    }

    /// The end is where the last line ends, not after it: a message should name a line that exists.
    fn end(&self) -> Token {
        let at = self.text.len() - usize::from(self.text.ends_with('\n'));
        Token { kind: TokenKind::End, span: self.span(at, at) }
    }

    fn stray(&self, rest: &str) -> Diagnostic {
        let delimits = |c: char| is_space(c) || "[]{}:,'".contains(c);
        let len = rest.find(delimits).unwrap_or(rest.len());
        let text = rest.get(..len).unwrap_or_default();
        let span = self.span(self.at, self.at + len);
        let fault = Diagnostic::error(
            Code::StrayText,
            span,
            format!("{} means nothing here", quoted(text)),
        );
        match text {
            _ if text.starts_with('"') => fault.help("strings are written in single quotes"),
            _ if text.starts_with('\u{feff}') => {
                fault.help("this is a byte order mark: save the file without one")
            }
            "null" => fault.help("`null` is a type, not a value: write `'null'`"),
            _ if text.starts_with("//") || text.starts_with("/*") => {
                fault.help("comments begin with `#`")
            }
            _ if text.starts_with(char::is_alphabetic) => {
                fault.help("if this is meant as a string, put it in single quotes")
            }
            _ => fault
                .help("there are strings in single quotes, `true`, `false`, objects and arrays"),
        }
    }

    /// The length, quotes included, of the string that `rest` begins with.
    fn string_len(&self, rest: &str) -> Result<usize, Fault> {
        let bytes = rest.as_bytes();
        let mut len = 1;
        loop {
            len += match bytes.get(len) {
                Some(b'\'') => return self.accept_string(len + 1),
                None | Some(b'\n') => return Err(self.unterminated(len).into()),
                Some(b'\\') => self.escape_len(rest, len)?,
                Some(0x20..=0x7e) => 1,
                Some(_) => {
                    let c = rest.get(len..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
                    if c.is_control() || !self.dialect.allows(Allowance::StringEscapes) {
                        return Err(self.funny_character(c, len).into());
                    }
                    c.len_utf8()
                }
            };
        }
    }

    fn accept_string(&self, len: usize) -> Result<usize, Fault> {
        if len <= MAX_STRING_BYTES + 2 {
            return Ok(len);
        }
        let span = self.span(self.at, self.at + len);
        let message = format!("this string is longer than {MAX_STRING_BYTES} bytes");
        Err(Box::new(
            Diagnostic::error(Code::StringTooLong, span, message)
                .help("strings of a schema are names; is a closing quote missing above?"),
        ))
    }

    /// The length of the escape at `start` within `rest`.
    fn escape_len(&self, rest: &str, start: usize) -> Result<usize, Fault> {
        let escaped = rest.get(start + 1..).and_then(|rest| rest.chars().next());
        match escaped {
            Some('\\') => return Ok(2),
            None | Some('\n') => return Err(self.unterminated(start + 1).into()),
            Some(c) if self.dialect.allows(Allowance::StringEscapes) => {
                if "'\"/bfnrt".contains(c) {
                    return Ok(2);
                }
                let digits = rest.get(start + 2..start + 6).unwrap_or_default();
                if c == 'u' && code_point(digits).is_some() {
                    return Ok(6);
                }
            }
            Some(_) => {}
        }
        let c = escaped.unwrap_or_default();
        let place = self.span(self.at + start, self.at + start + 1 + c.len_utf8());
        let fault = Diagnostic::error(
            Code::StringEscape,
            self.span(self.at, self.at + 1),
            format!("unknown escape {}", quoted(&format!("\\{c}"))),
        )
        .label(place, "here")
        .help("the only escape is `\\\\`, for one backslash");
        Err(Box::new(fault))
    }

    fn unterminated(&self, len: usize) -> Diagnostic {
        let span = self.span(self.at, self.at + len);
        Diagnostic::error(Code::UnterminatedString, span, "this string does not end on its line")
            .help("close it with `'`; a string cannot contain a line end")
    }

    fn funny_character(&self, c: char, at: usize) -> Diagnostic {
        let place = self.span(self.at + at, self.at + at + c.len_utf8());
        let message =
            format!("the character {} cannot be part of a string", quoted(&c.to_string()));
        Diagnostic::error(Code::StringCharacter, self.span(self.at, self.at + 1), message)
            .label(place, "here")
            .help("strings consist of printable ASCII characters")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let global = |local| self.base.saturating_add(u32::try_from(local).unwrap_or(u32::MAX));
        Span::new(global(start), global(end))
    }
}

/// The length of the line that `text` begins with. Lines are short: counting beats a search made for long texts.
fn line_len(text: &str) -> usize {
    text.bytes().position(|byte| byte == b'\n').unwrap_or(text.len())
}

/// What separates tokens: Unicode's white space and the four separators of ASCII.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, '\x1c'..='\x1f') || c.is_whitespace()
}

/// The text that `raw`, a valid string without its quotes, stands for.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                text.extend(rest.as_str().get(..4).and_then(code_point));
                rest = rest.as_str().get(4..).unwrap_or_default().chars();
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// The character of a `\uXXXX`; as in the releases that had it, ASCII other than NUL.
fn code_point(digits: &str) -> Option<char> {
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|point| (1..0x80).contains(point))
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens as their text; the code of the fault that ends them, if any.
    fn tokens(text: &str, dialect: Dialect) -> Vec<String> {
        let mut lexer = Lexer::new(text, 0, dialect);
        let mut found = Vec::new();
        loop {
            match lexer.next() {
                Ok(Token { kind: TokenKind::End, .. }) => return found,
                Ok(token) => found.push(lexer.slice(token.span).to_owned()),
                Err(fault) => {
                    found.push(fault.code.to_string());
                    return found;
                }
            }
        }
    }

    fn strict(text: &str) -> Vec<String> {
        tokens(text, Dialect::strict())
    }

    #[test]
    fn structure_strings_and_words_are_tokens() {
        assert_eq!(
            strict("{ 'a': [true,false] } # no"),
            ["{", "'a'", ":", "[", "true", ",", "false", "]", "}"]
        );
    }

    #[test]
    fn a_word_ends_without_a_boundary() {
        assert_eq!(strict("falsefoo"), ["false", "stray-text"]);
    }

    #[test]
    fn all_of_unicode_s_spaces_separate() {
        assert_eq!(strict("{\u{b}\u{c}\u{1c}\u{1f}\u{85}\u{a0}\u{2028}\u{3000}}"), ["{", "}"]);
    }

    #[test]
    fn a_byte_order_mark_is_stray() {
        assert_eq!(strict("\u{feff}{}"), ["stray-text"]);
    }

    #[test]
    fn a_double_hash_is_a_token_wherever_it_stands() {
        assert_eq!(strict("{ # x\n  ## y\n}"), ["{", "## y", "}"]);
    }

    #[test]
    fn strings_hold_printable_ascii_on_one_line() {
        assert_eq!(strict("'a\\\\b'"), ["'a\\\\b'"]);
        assert_eq!(strict("'a\tb'"), ["string-character"]);
        assert_eq!(strict("'é'"), ["string-character"]);
        assert_eq!(strict("'\x7f'"), ["string-character"]);
        assert_eq!(strict("'a\nb'"), ["unterminated-string"]);
        assert_eq!(strict("'a"), ["unterminated-string"]);
        assert_eq!(strict("'\\'"), ["string-escape"]);
        assert_eq!(strict("'\\"), ["unterminated-string"]);
        assert_eq!(strict("'\\\n'"), ["unterminated-string"]);
        assert_eq!(strict(&format!("'{}'", "a".repeat(MAX_STRING_BYTES + 1))), ["string-too-long"]);
    }

    #[test]
    fn older_strings_have_json_s_escapes() {
        let dialect = Dialect::strict().with(Allowance::StringEscapes);
        let text = r"'\u0041\'\n\\é'";
        let mut lexer = Lexer::new(text, 0, dialect);
        let token = lexer.next().unwrap();
        assert_eq!(lexer.unquote(token.span), "A'\n\\é");
        assert_eq!(tokens(r"'\u00e9'", dialect), ["string-escape"]);
        assert_eq!(tokens(r"'\u+041'", dialect), ["string-escape"]);
    }

    #[test]
    fn null_is_a_word_of_older_releases_only() {
        assert_eq!(strict("null"), ["stray-text"]);
        assert_eq!(tokens("null", Dialect::any()), ["null"]);
    }
}
