//! Documentation comments, and what is said about odd ones.

use super::*;
use crate::diagnostic::{Diagnostics, Stage};
use crate::dialect::Dialect;
use crate::source::SourceMap;
use crate::syntax::doc::faults::DocFaults;
use crate::syntax::parser::Parser;

/// Reads the comment whose lines, without `# `, are `lines`; an empty one is `#` alone.
fn read(lines: &[&str]) -> (Option<Doc>, Vec<String>) {
    let comment =
        |line: &&str| if line.is_empty() { "#\n".to_owned() } else { format!("# {line}\n") };
    let lines: String = lines.iter().map(comment).collect();
    read_text(&format!("##\n{lines}##\n"))
}

/// Reads the comment that `text` begins with; line and code of every fault, and the column if it has one.
fn read_text(text: &str) -> (Option<Doc>, Vec<String>) {
    let mut diagnostics = Diagnostics::new();
    let strict = Dialect::strict();
    let mut parser = Parser::new(text, 0, strict, Some(usize::MAX), &mut diagnostics);
    let doc = parser.doc(&mut DocFaults::new(strict), &mut diagnostics);
    let mut sources = SourceMap::new();
    sources.add("", text, None).unwrap();
    let faults = diagnostics.into_iter().map(|fault| {
        let at = sources.locate(fault.at.unwrap()).unwrap();
        match fault.code.stage() {
            Stage::Syntax => format!("{}:{} {}", at.line, at.column, fault.code),
            _ => format!("{} {}", at.line, fault.code),
        }
    });
    (doc, faults.collect())
}

fn sections(lines: &[&str]) -> Vec<(SectionKind, String)> {
    let (doc, faults) = read(lines);
    assert_eq!(faults, [""; 0]);
    doc.unwrap().sections.into_iter().map(|section| (section.kind, section.text)).collect()
}

fn faults(lines: &[&str]) -> Vec<String> {
    read(lines).1
}

fn member(name: &str) -> SectionKind {
    SectionKind::Member(name.to_owned())
}

fn feature(name: &str) -> SectionKind {
    SectionKind::Feature(name.to_owned())
}

#[test]
fn a_definition_s_comment_has_sections() {
    let found = sections(&[
        "@name:",
        "",
        "First.",
        "",
        "    Indented.",
        "",
        "@a: one",
        "    two",
        "",
        "      three",
        "@b:",
        "  four",
        "",
        "Features:",
        "",
        "@f: five",
        "",
        "Returns: six",
        "",
        "Text.",
        "",
        "Since: 7.0",
        "",
        "TODO: x",
        "",
        "TODO: y",
    ]);
    let expected = [
        (SectionKind::Plain, "First.\n\n    Indented."),
        (member("a"), "one\ntwo\n\n  three"),
        (member("b"), "four"),
        (feature("f"), "five"),
        (SectionKind::Returns, "six"),
        (SectionKind::Plain, "Text."),
        (SectionKind::Since, "7.0"),
        (SectionKind::Todo, "x"),
        (SectionKind::Todo, "y"),
    ];
    assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn a_comment_that_names_nothing_is_text() {
    let found = sections(&["", "Since: ever", "  @a: indented", "@a without colon"]);
    let text = "Since: ever\n  @a: indented\n@a without colon";
    assert_eq!(found, [(SectionKind::Plain, text.to_owned())]);
    assert_eq!(sections(&[]), [(SectionKind::Plain, String::new())]);
}

#[test]
fn a_text_keeps_the_indentation_of_its_source() {
    let lines = ["@name:", "", " A", "", "@a: one", "    two", "", "      three", "@b:", "  four"];
    let (doc, faults) = read(&lines);
    assert_eq!(faults, [""; 0]);
    let texts: Vec<_> = doc.unwrap().sections.iter().map(Section::indented).collect();
    assert_eq!(texts, [" A", "one\n    two\n\n      three", "  four"]);
}

#[test]
fn blank_lines_between_paragraphs_are_one() {
    let found = sections(&["@name:", "", "", "One.", "", "", "", "Two.", ""]);
    assert_eq!(found, [(SectionKind::Plain, "One.\n\nTwo.".to_owned())]);
    // What names nothing is kept as it is, and so is what is indented.
    let found = sections(&["One.", "", "", "Two."]);
    assert_eq!(found, [(SectionKind::Plain, "One.\n\n\nTwo.".to_owned())]);
    let found = sections(&["@name:", "", "@a: one", "", "", "  two"]);
    assert_eq!(found[1], (member("a"), "one\n\n\ntwo".to_owned()));
}

#[test]
fn tags_count_only_at_the_start_of_a_paragraph() {
    let found = sections(&["@name:", "", "text", "Since: 1", "@a: b", "", "Since:: 1"]);
    assert_eq!(found, [(SectionKind::Plain, "text\nSince: 1\n@a: b\n\nSince:: 1".to_owned())]);
}

#[test]
fn lines_may_be_indented_and_blank_lines_between() {
    let (doc, faults) = read_text("##\n  # @name:\n\n   \n\t# text\n  ##\n");
    assert_eq!(faults, [""; 0]);
    let doc = doc.unwrap();
    assert_eq!(doc.symbol.unwrap().value, "name");
    assert_eq!(doc.sections[0].text, "text");
}

#[test]
fn the_form_of_a_comment_is_checked() {
    for (text, fault) in [
        ("## \n# @name:\n##\n", "1:1 doc-start"),
        ("##########\n", "1:1 doc-start"),
        ("##\n# a\n###\n", "3:1 doc-end"),
        ("##\n# a\n{}", "3:1 doc-unclosed"),
        ("##\n# a\n", "2:4 doc-unclosed"),
        ("##\n# a\n\"\n", "3:1 stray-text"),
        ("##\n#a\n##\n", "2:1 doc-space"),
        ("##\n#\ta\n##\n", "2:1 doc-space"),
    ] {
        assert_eq!(read_text(text).1, [fault], "{text}");
    }
}

#[test]
fn the_first_line_names_the_definition() {
    assert_eq!(faults(&["@name"]), ["2:1 doc-symbol-colon"]);
    assert_eq!(faults(&["@name: text"]), ["2:1 doc-symbol-colon"]);
    assert_eq!(faults(&["@:"]), ["2:1 doc-symbol-empty"]);
    assert_eq!(faults(&["text", "@name:"]), ["3:1 doc-free-form-member"]);
}

#[test]
fn members_come_before_everything_else() {
    for above in [&["Features:", "@f: x", "", "text"][..], &["Since: 1"], &["@a: x", "", "text"]] {
        let lines: Vec<_> =
            ["@name:", ""].iter().chain(above).chain(&["", "@b: x"]).copied().collect();
        let line = lines.len() + 1;
        assert_eq!(faults(&lines), [format!("{line}:1 doc-member-order")]);
    }
}

#[test]
fn features_are_listed_once_and_not_in_vain() {
    assert_eq!(faults(&["@name:", "", "Features:", "", "text"]), ["6:1 doc-features-empty"]);
    assert_eq!(faults(&["@name:", "Features:"]), ["4:1 doc-features-empty"]);
    let twice = ["@name:", "", "Features:", "@f: x", "", "Features:", "@g: x"];
    assert_eq!(faults(&twice), ["7:1 doc-features-twice"]);
}

#[test]
fn only_the_second_indented_line_must_not_lose_indentation() {
    assert_eq!(faults(&["@name:", "@a: x", "  y", " z"]), ["5:1 doc-indent"]);
    assert_eq!(faults(&["@name:", "@a: x", "  y", "z"]), ["5:1 doc-indent"]);
    assert_eq!(faults(&["@name:", "@a: x", "  y", "  y", " z"]), [""; 0]);
    assert_eq!(faults(&["@name:", "@a: x", "  y", "", " z"]), [""; 0]);
}

#[test]
fn sections_have_text_and_names_that_differ() {
    assert_eq!(
        faults(&["@name:", "@a:", "", "Returns:"]),
        ["3 doc-text-missing", "5 doc-text-missing"]
    );
    assert_eq!(faults(&["@name:", "@: x"]), ["3 doc-member-unnamed"]);
    assert_eq!(faults(&["@name:", "@a: x", "@a: y"]), ["4 doc-member-twice"]);
    assert_eq!(faults(&["@name:", "@a: x", "", "Features:", "@a: x"]), [""; 0]);
    assert_eq!(faults(&["@name:", "Since: x", "", "Since: y"]), ["5 doc-section-twice"]);
}

#[test]
fn sections_of_older_releases_are_named() {
    for tag in ["Note", "Notes", "Example", "Examples"] {
        assert_eq!(faults(&["@name:", "", &format!("{tag}: x")]), ["4:1 doc-retired-section"]);
    }
}

#[test]
fn style_is_checked_with_its_place() {
    assert_eq!(faults(&["@name:", "One. Two"]), ["3:7 doc-sentence-space"]);
    assert_eq!(faults(&[&"x".repeat(69)]), ["2:1 doc-line-length"]);
}
