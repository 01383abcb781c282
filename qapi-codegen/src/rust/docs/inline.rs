//! The marks inside a paragraph.

/// Words in mixed case that are no identifiers; those that `clippy::doc_markdown` lets pass.
const PLAIN_WORDS: [&str; 18] = [
    "DirectX", "EiB", "FreeBSD", "GHz", "GiB", "GitHub", "GitLab", "IPv4", "IPv6", "KiB", "MHz",
    "MiB", "NetBSD", "OpenBSD", "OpenGL", "OpenSSH", "PiB", "TiB",
];

/// Converts what is marked and escapes everything else.
pub(super) fn inline(text: &str) -> String {
    let mut scan = Scan { text, at: 0, out: String::with_capacity(text.len() + 16) };
    while let Some(c) = scan.rest().chars().next() {
        scan.step(c);
    }
    scan.out
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    out: String,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn step(&mut self, c: char) {
        let after_word = self.before().is_some_and(char::is_alphanumeric);
        let taken = match c {
            '`' => self.backtick(),
            ':' => self.role(),
            '@' if !after_word => self.reference(),
            '*' => self.emphasis(),
            c if c.is_ascii_alphanumeric() || c == '_' || c == '/' => self.url() || self.word(),
            _ => false,
        };
        if !taken {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&') {
                self.out.push('\\');
            }
            self.out.push(c);
            self.at += c.len_utf8();
        }
    }

    /// Goes over `length` bytes and writes `text` for them.
    fn replace(&mut self, length: usize, text: &str) -> bool {
        self.out.push_str(text);
        self.at += length;
        true
    }

    /// ``` ``code`` ```, `` `reference` `` and `` `text <url>`_ ``.
    fn backtick(&mut self) -> bool {
        let rest = self.rest();
        let (mark, inner) = match rest.strip_prefix("``") {
            Some(inner) => ("``", inner),
            None => ("`", rest.get(1..).unwrap_or_default()),
        };
        let Some((inner, after)) = inner.split_once(mark).filter(|(inner, _)| !inner.is_empty())
        else {
            return false;
        };
        let length = inner.len() + 2 * mark.len();
        if mark == "`" && after.starts_with('_') {
            let marks = after.len() - after.trim_start_matches('_').len();
            return self.replace(length + marks, &link(inner));
        }
        let part = qualifier(after);
        self.replace(length + part.len(), &code(&format!("{inner}{part}")))
    }

    /// `:role:` with text in backticks.
    fn role(&mut self) -> bool {
        let rest = self.rest().get(1..).unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-+._".contains(byte);
        let length = rest.bytes().take(40).take_while(is_name).count();
        let (name, after) = rest.split_at(length);
        let inner = after.strip_prefix(":`").and_then(|after| after.split_once('`'));
        let Some((inner, _)) = inner.filter(|_| !name.is_empty()) else { return false };
        let shown = inner.split_once(" <").map_or(inner, |(shown, _)| shown);
        let text = if matches!(name, "doc" | "ref" | "term" | "title") {
            escape(shown)
        } else {
            code(shown)
        };
        self.replace(name.len() + inner.len() + 4, &text)
    }

    /// `@member`.
    fn reference(&mut self) -> bool {
        let rest = self.rest().get(1..).unwrap_or_default();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
        if name.is_empty() {
            return false;
        }
        let part = qualifier(rest.get(name.len()..).unwrap_or_default());
        self.replace(name.len() + part.len() + 1, &code(&format!("{name}{part}")))
    }

    /// `*emphasis*` and `**strong**`, on one line and not around blanks.
    fn emphasis(&mut self) -> bool {
        let rest = self.rest();
        let mark = if rest.starts_with("**") { "**" } else { "*" };
        let inner = rest.get(mark.len()..).unwrap_or_default();
        let end = inner.find(['*', '\n']);
        let Some((inner, after)) = end.and_then(|end| inner.split_at_checked(end)) else {
            return false;
        };
        let closed = after.starts_with(mark)
            && !after.get(mark.len()..).is_some_and(|rest| rest.starts_with('*'));
        let snug = !inner.is_empty() && inner.trim() == inner;
        if !(closed && snug) {
            return false;
        }
        let text = format!("{mark}{}{mark}", inline_words(inner));
        self.replace(inner.len() + 2 * mark.len(), &text)
    }

    fn url(&mut self) -> bool {
        let rest = self.rest();
        let scheme = ["https://", "http://", "ftp://"].iter().find(|s| rest.starts_with(**s));
        let Some(scheme) = scheme else { return false };
        let end = rest
            .find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`'\\|*[]{}".contains(c))
            .unwrap_or(rest.len());
        let url = rest.get(..end).unwrap_or_default().trim_end_matches(['.', ',', ';', ':', ')']);
        url.len() > scheme.len() && self.replace(url.len(), &format!("<{url}>"))
    }

    /// A run of word characters: code if it looks like it, plain otherwise.
    fn word(&mut self) -> bool {
        let rest = self.rest();
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_-/.".contains(c);
        let mut end = 0;
        while let Some(after) = rest.get(end..).filter(|after| !after.is_empty()) {
            // A colon is part of a word only as one of two.
            let length = after.find(|c| !is_word(c)).unwrap_or(after.len());
            let colons =
                if after.get(length..).is_some_and(|a| a.starts_with("::")) { 2 } else { 0 };
            end += length + colons;
            if colons == 0 {
                break;
            }
        }
        let run = rest.get(..end).unwrap_or_default();
        let word = run.trim_end_matches(['.', '-', '/', ':']);
        // `PREFIX_*`, `call()` and `fe80::` are words, too.
        let ends = ["_*", "()", "::"].into_iter().find_map(|end| {
            let from = if end == "_*" { word.len().checked_sub(1)? } else { word.len() };
            let whole = rest.get(..from + 2)?;
            (from > 0 && whole.ends_with(end)).then_some(whole)
        });
        let word = ends.unwrap_or(word);
        if word.is_empty() {
            return self.replace(end, rest.get(..end).unwrap_or_default());
        }
        let text = if looks_like_code(word) { code(word) } else { word.to_owned() };
        self.replace(word.len(), &text)
    }
}

/// The `::value` that the text begins with, which belongs to the name before it.
fn qualifier(text: &str) -> &str {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let Some(value) = text.strip_prefix("::").filter(|value| value.starts_with(is_word)) else {
        return "";
    };
    let end = value.find(|c| !is_word(c)).unwrap_or(value.len());
    text.get(..end + 2).unwrap_or_default()
}

/// Words only, for text inside other marks.
fn inline_words(text: &str) -> String {
    if looks_like_code(text) { code(text) } else { escape(text) }
}

fn looks_like_code(word: &str) -> bool {
    // As most words are.
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let capitals = |word: &str| word.chars().filter(char::is_ascii_uppercase).count();
    let camel = |part: &str| {
        let stem = part.strip_suffix('s').unwrap_or(part);
        capitals(stem) > 1
            && stem.chars().any(|c| c.is_ascii_lowercase())
            && stem.chars().all(|c| c.is_ascii_alphanumeric())
            && !PLAIN_WORDS.contains(&stem)
    };
    !word.contains(char::is_whitespace)
        && (word.contains('_')
            || word.contains("::")
            || word.ends_with("()")
            || word.split(['/', '-', '.']).any(camel))
}

/// A code span of any text.
fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        String::new()
    } else if text.contains('`') {
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let mark = "`".repeat(longest + 1);
        format!("{mark} {text} {mark}")
    } else {
        format!("`{text}`")
    }
}

/// `text <url>` as a link; only the text if the target is none on the web.
fn link(inner: &str) -> String {
    let Some((text, url)) = inner.split_once('<') else { return escape(inner) };
    let url = url.trim_end_matches('>').trim();
    let safe =
        !url.is_empty() && !url.contains(|c: char| c.is_whitespace() || "<>()[]\\`".contains(c));
    if safe && (url.starts_with("https://") || url.starts_with("http://")) {
        format!("[{}]({url})", escape(text.trim()))
    } else {
        escape(text.trim())
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '-' | '/' | '(' | ')' | ':' | '\'')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::inline;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(inline(text), expected);
    }

    #[test]
    fn references_and_literals_become_code() {
        check("see @buf-b64.", "see `buf-b64`.");
        check("``a b`` and `guest-sync`", "`a b` and `guest-sync`");
        check("a@b", "a@b");
        check("@Mode::all.  ``Mode``::none: @Mode::", "`Mode::all`.  `Mode::none`: `Mode`::");
        check("``a ` b``", "`` a ` b ``");
    }

    #[test]
    fn roles_lose_their_names() {
        check(":qapi:`guest-sync`", "`guest-sync`");
        check(":doc:`The manual </a/b>` says", "The manual says");
        check("a:b:`c`", "a`c`");
    }

    #[test]
    fn links_keep_only_targets_on_the_web() {
        check("`spec <https://a.example/b_c>`_", "[spec](https://a.example/b_c)");
        check("`spec <javascript:x>`__", "spec");
        check("at https://a.example/b_c.", "at <https://a.example/b_c>.");
        check("https://", "https://");
    }

    #[test]
    fn identifiers_become_code_and_plain_words_stay() {
        check("SEEK_* values, getuid() calls", "`SEEK_*` values, `getuid()` calls");
        check("fe80::/64 or fec0::.  One: two", "`fe80::/64` or `fec0::`.  One: two");
        check("set foo_bar or GuestExec", "set `foo_bar` or `GuestExec`");
        check("/proc/sys_x, FreeBSD, IDs, QEMU, IPv4", "`/proc/sys_x`, FreeBSD, IDs, QEMU, IPv4");
    }

    #[test]
    fn emphasis_stays_where_it_is_closed() {
        check("*this* and **that**", "*this* and **that**");
        check("2 * 3 * 4, *open", "2 \\* 3 \\* 4, \\*open");
    }

    #[test]
    fn everything_else_is_escaped() {
        check("a[0] <b> `c | d", "a\\[0\\] \\<b\\> \\`c \\| d");
        check("\\x & y", "\\\\x \\& y");
    }
}
