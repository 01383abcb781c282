//! The text of QEMU's doc comments, which is nearly reStructuredText, as Markdown that rustdoc takes without a
//! warning, whatever the text.

use std::borrow::Cow;

use super::inline::inline;

/// Blocks inside blocks deeper than this are written as literal text.
const MAX_DEPTH: usize = 6;

/// Converts a text to lines of Markdown.
pub(in crate::rust) fn markdown(text: &str) -> Vec<String> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~'));
    let text: Cow<'_, str> =
        if is_plain { text.into() } else { text.chars().filter_map(printable).collect() };
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut out = Vec::new();
    blocks(&lines, 0, &mut out);
    tidy(out)
}

/// Characters that a Rust comment may hold. Marks that turn the direction of text could hide what it says.
fn printable(c: char) -> Option<char> {
    match c {
        '\n' => Some(c),
        '\t' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// No blank line at the start, at the end, or after another.
fn tidy(lines: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    for line in lines {
        if !line.is_empty() || out.last().is_some_and(|last| !last.is_empty()) {
            out.push(line);
        }
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Splits off the lines that belong to a block whose first line was at `outer`: blank or indented deeper.
fn split_body<'a, 'b>(lines: &'a [&'b str], least: usize) -> (&'a [&'b str], &'a [&'b str]) {
    let inside = |line: &&str| line.is_empty() || indent(line) >= least;
    let mut end = lines.iter().take_while(|line| inside(line)).count();
    while end > 0 && lines.get(end - 1).is_some_and(|line| line.is_empty()) {
        end -= 1;
    }
    lines.split_at(end)
}

fn dedent<'b>(lines: &[&'b str]) -> Vec<&'b str> {
    let common = lines.iter().filter(|line| !line.is_empty()).map(|line| indent(line)).min();
    lines.iter().map(|line| line.get(common.unwrap_or(0)..).unwrap_or_default()).collect()
}

fn blocks(lines: &[&str], depth: usize, out: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return fence(lines, out);
    }
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let text = line.trim_start();
        rest = if text.is_empty() || is_rule(text) {
            out.push(String::new());
            after
        } else if let Some(directive) = text.strip_prefix(".. ") {
            let (body, next) = split_body(after, indent(line) + 1);
            self::directive(directive, body, depth, out);
            next
        } else if is_table(text) {
            literal_paragraph(rest, out)
        } else if let Some(marker) = list_marker(text) {
            let content = indent(line) + marker;
            let (body, next) = split_body(after, indent(line) + 1);
            let mut item = vec![line.get(content..).unwrap_or_default().trim_start()];
            item.extend(dedent(body));
            list_item(text.starts_with(|c: char| c.is_ascii_digit()), &item, depth, out);
            next
        } else if text.starts_with("-> ") || text.starts_with("<- ") {
            literal_paragraph(rest, out)
        } else {
            // A paragraph right after a list would look like a part of its last item.
            if out.last().is_some_and(|last| is_item_line(last)) {
                out.push(String::new());
            }
            paragraph(rest, out)
        };
    }
}

/// A line that only underlines or separates.
fn is_rule(text: &str) -> bool {
    let mark = text.chars().next().filter(|mark| "=-~^*#+_".contains(*mark));
    text.len() >= 3 && mark.is_some_and(|mark| text.chars().all(|c| c == mark))
}

fn is_table(text: &str) -> bool {
    text.starts_with("+-") || text.starts_with("== ") || text.starts_with("=== ") || {
        text.contains("= =") && text.chars().all(|c| c == '=' || c == ' ')
    }
}

/// Length of the marker that makes a line the start of a list item.
fn list_marker(text: &str) -> Option<usize> {
    let bullet = ["- ", "* ", "+ "].iter().any(|mark| text.starts_with(mark));
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = matches!(text.as_bytes().get(digits..digits + 2), Some(b". " | b") "));
    if bullet { Some(2) } else { (number && (1..=3).contains(&digits)).then_some(digits + 2) }
}

fn list_item(numbered: bool, lines: &[&str], depth: usize, out: &mut Vec<String>) {
    let mut item = Vec::new();
    blocks(lines, depth + 1, &mut item);
    let (marker, hanging) = if numbered { ("1. ", "   ") } else { ("- ", "  ") };
    let item = tidy(item);
    // A list right after a paragraph would look like a part of it.
    if out.last().is_some_and(|last| !last.is_empty() && !is_item_line(last)) {
        out.push(String::new());
    }
    for (at, line) in item.iter().enumerate() {
        let lead = if at == 0 { marker } else { hanging };
        out.push(if line.is_empty() { String::new() } else { format!("{lead}{line}") });
    }
}

fn is_item_line(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("1. ") || line.starts_with("  ")
}

/// What follows `.. `: a directive, a footnote, a target or a comment.
fn directive(text: &str, body: &[&str], depth: usize, out: &mut Vec<String>) {
    out.push(String::new());
    let body = dedent(body);
    let Some((name, argument)) = text.split_once("::") else {
        // Footnotes are for readers, targets and comments for the tools of others.
        if text.starts_with('[') {
            out.extend(paragraph_lines(&[&[text], &body[..]].concat().join("\n")));
            out.push(String::new());
        }
        return;
    };
    let argument = argument.trim();
    let options = body.iter().take_while(|line| line.starts_with(':')).count();
    let (options, body) = body.split_at(options);
    match name.trim() {
        "note" | "warning" | "caution" | "important" | "tip" | "attention" | "hint" | "danger"
        | "error" | "admonition" | "seealso" => {
            let title = name.trim();
            let title = title.get(..1).unwrap_or_default().to_uppercase()
                + title.get(1..).unwrap_or_default();
            let mut inner = vec![argument];
            inner.extend(body);
            let mut text = Vec::new();
            blocks(&inner, depth + 1, &mut text);
            let text = tidy(text);
            let lead = format!("**{title}:** {}", text.first().map_or("", String::as_str));
            out.push(lead.trim_end().to_owned());
            out.extend(text.into_iter().skip(1));
        }
        _ => {
            let title = options.iter().find_map(|option| option.strip_prefix(":title:"));
            if let Some(title) = title {
                out.extend(paragraph_lines(title.trim()));
                out.push(String::new());
            }
            fence(body, out);
        }
    }
    out.push(String::new());
}

/// Takes a paragraph as it is; gives what follows.
fn literal_paragraph<'a, 'b>(lines: &'a [&'b str], out: &mut Vec<String>) -> &'a [&'b str] {
    let end = lines.iter().take_while(|line| !line.is_empty()).count();
    let (text, rest) = lines.split_at(end);
    fence(text, out);
    rest
}

/// Takes a paragraph, and the literal block that its last `::` announces; gives what follows.
fn paragraph<'a, 'b>(lines: &'a [&'b str], out: &mut Vec<String>) -> &'a [&'b str] {
    let ends = |line: &&str| {
        let text = line.trim_start();
        text.is_empty() || text.starts_with(".. ") || is_bullet(text) || is_rule(text)
    };
    let count = lines.iter().skip(1).take_while(|line| !ends(line)).count() + 1;
    let (text, rest) = lines.split_at(count.min(lines.len()));
    let least = text.last().map_or(0, |line| indent(line)) + 1;
    let joined = text.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
    let Some(announced) = joined.strip_suffix("::") else {
        out.extend(paragraph_lines(&joined));
        return rest;
    };
    if !announced.trim().is_empty() {
        out.extend(paragraph_lines(&format!("{}:", announced.trim_end())));
    }
    out.push(String::new());
    let blank = rest.iter().take_while(|line| line.is_empty()).count();
    let (literal, rest) = split_body(rest.split_at(blank).1, least);
    fence(literal, out);
    rest
}

fn is_bullet(text: &str) -> bool {
    list_marker(text).is_some() && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Text without structure: what would mean something at the start of a line is escaped.
fn paragraph_lines(text: &str) -> Vec<String> {
    inline(text).lines().map(|line| guard(line.trim())).collect()
}

fn guard(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    if digits > 0 && (rest.starts_with(". ") || rest.starts_with(") ") || rest.len() == 1) {
        return format!("{number}\\{rest}");
    }
    let special =
        ["# ", "## ", "> ", "- ", "+ ", "=", "!"].iter().any(|mark| line.starts_with(mark))
            || line == "-"
            || line == "+"
            || line.starts_with("--");
    if special { format!("\\{line}") } else { line.to_owned() }
}

/// Literal text, fenced so that nothing in it means anything, least of all Rust.
fn fence(lines: &[&str], out: &mut Vec<String>) {
    let lines = dedent(lines);
    let Some(first) = lines.iter().position(|line| !line.is_empty()) else { return };
    let longest =
        lines.iter().flat_map(|line| line.split(|c| c != '`').map(str::len)).max().unwrap_or(0);
    let mark = "`".repeat(longest.max(2) + 1);
    out.push(String::new());
    out.push(format!("{mark}text"));
    out.extend(lines.into_iter().skip(first).map(str::to_owned));
    out.push(mark);
    out.push(String::new());
}

#[cfg(test)]
mod tests {
    use super::markdown;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(markdown(text), expected, "from {text:?}");
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        check("One\ntwo.\n\n\nThree.\n", &["One", "two.", "", "Three."]);
    }

    #[test]
    fn literal_blocks_are_fenced_as_text() {
        check(
            "As in::\n\n  { \"a\": [1] }\n    <b>\n\nEnd",
            &["As in:", "", "```text", "{ \"a\": [1] }", "  <b>", "```", "", "End"],
        );
        check("::\n\n  x\n", &["```text", "x", "```"]);
        check("A::\n\n  a ``` b\n", &["A:", "", "````text", "a ``` b", "````"]);
    }

    #[test]
    fn examples_are_fenced_with_their_title() {
        check(
            ".. qmp-example::\n   :title: Ask it\n\n   -> { \"execute\": \"a\" }\n   <- { }\n\nEnd",
            &["Ask it", "", "```text", "-> { \"execute\": \"a\" }", "<- { }", "```", "", "End"],
        );
        check("-> {}\n<- {}", &["```text", "-> {}", "<- {}", "```"]);
    }

    #[test]
    fn admonitions_become_paragraphs() {
        check(
            ".. note:: This is\n   important.\n\n   Very.\n\nEnd",
            &["**Note:** This is", "important.", "", "Very.", "", "End"],
        );
    }

    #[test]
    fn lists_keep_their_items_together() {
        check(
            "Either\n- one\n  more\n\n- two\n\n1. first\n2. second",
            &["Either", "", "- one", "  more", "", "- two", "", "1. first", "1. second"],
        );
    }

    #[test]
    fn a_paragraph_that_follows_a_list_at_once_is_none_of_its_items() {
        check(
            "One\n* a\n  b\nTwo\n* c\nThree",
            &["One", "", "- a", "  b", "", "Two", "", "- c", "", "Three"],
        );
    }

    #[test]
    fn indented_text_never_becomes_code() {
        check("Term\n      its definition\n\n        far", &["Term", "its definition", "", "far"]);
    }

    #[test]
    fn targets_and_comments_vanish() {
        check(".. _label:\n\n.. a comment\n   goes on\n\nText", &["Text"]);
        check(".. [1] a note\n   goes on", &["\\[1\\] a note", "goes on"]);
    }

    #[test]
    fn what_markdown_would_read_at_the_start_of_a_line_is_escaped() {
        check(
            "In\n# no\n> no\n12. no\n--- no",
            &["In", "\\# no", "\\> no", "12\\. no", "\\--- no"],
        );
        check("Title\n=====\nText", &["Title", "", "Text"]);
    }

    #[test]
    fn characters_that_hide_text_are_dropped() {
        check("a\u{202e}b\u{0}c\td", &["abc d"]);
    }
}
