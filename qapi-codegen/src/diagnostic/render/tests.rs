//! What diagnostics look like.

use super::*;
use crate::dialect::Dialect;
use crate::load::{Memory, load_with};

fn rendered(files: &Memory, format: Format) -> String {
    let mut sources = SourceMap::new();
    let mut diagnostics = Diagnostics::new();
    load_with(files, &mut sources, "root.json", Dialect::strict(), &mut diagnostics);
    diagnostics.render(&sources, format)
}

fn human(text: &str) -> String {
    rendered(&Memory::new().with("root.json", text), Format::Human)
}

#[test]
fn people_see_the_line_and_a_marker() {
    let expected = "\
error[unexpected-token]: expected `:` after the key `b`, found `}`
  --> root.json:2:7
   |
 2 |   'b' }
   |       ^

";
    assert_eq!(human("{ 'a': [],\n  'b' }\n"), expected);
}

#[test]
fn culprits_are_marked_below_the_head_of_what_they_belong_to() {
    let expected = "\
error[pragma-value]: the pragma `doc-required` takes `true` or `false`
  --> root.json:1
   |
 1 | { 'pragma':
...
 3 |     'doc-required': 'yes' } }
   |                     ^^^^^ not `true` or `false`
   = help: write `'doc-required': true`

";
    assert_eq!(human("{ 'pragma':\n  {\n    'doc-required': 'yes' } }"), expected);
}

#[test]
fn a_chain_of_includes_is_shown_from_the_inside_out() {
    let files = Memory::new()
        .with("root.json", "\n{ 'include': 'a.json' }")
        .with("a.json", "{ 'include': 'b.json' }")
        .with("b.json", "{");
    let text = rendered(&files, Format::Human);
    let (_, chain) = text.split_once("closed\n").unwrap();
    assert_eq!(
        chain,
        "   = in file included from a.json:1\n   = in file included from root.json:2\n\n"
    );
}

#[test]
fn other_places_are_notes() {
    let text = human("##\n# @a:\n#\n# Since: 1\n#\n# Since: 2\n##\n{'event': 'A'}");
    let expected = "\
error[doc-section-twice]: there are two sections `Since:`
  --> root.json:6
   |
 6 | # Since: 2
   | ^^^^^^^^^^
note: first here
  --> root.json:4
   |
 4 | # Since: 1
   | ^^^^^^^^^^
   = help: make one of both

";
    assert_eq!(text, expected);
}

#[test]
fn what_could_upset_a_terminal_is_escaped() {
    let text = human("{\t'\u{1b}[2J': '\u{202e}' }");
    assert!(text.contains("\n 1 | {   '\\u{1b}[2J': '\\u{202e}' }\n   |     ^\n"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn long_lines_are_cut_around_the_marker() {
    let text = human(&format!("{{ 'a': [{} x {}] }}", "'b', ".repeat(100), "'b',".repeat(100)));
    let (_, shown) = text.split_once("|\n").unwrap();
    let lines: Vec<_> = shown.lines().collect();
    assert!(lines[0].starts_with(" 1 | ...") && lines[0].ends_with("..."), "{text}");
    assert!(lines[0].len() < 160, "{text}");
    assert_eq!(lines[0].find('x'), lines[1].find('^'), "{text}");
}

#[test]
fn only_faults_of_syntax_have_a_column() {
    let files = Memory::new().with("root.json", " {'include': 'a.json'}\n ]");
    let expected = "\
root.json:1: error[unreadable]: cannot read `a.json`: no such file
root.json:2:2: error[unexpected-token]: expected a definition, which begins with `{`, found `]`
";
    assert_eq!(rendered(&files, Format::Short), expected);
    let text = rendered(&Memory::new(), Format::Short);
    assert_eq!(text, "error[unreadable]: cannot read `root.json`: no such file\n");
}

#[test]
fn programs_get_one_object_per_line() {
    let files =
        Memory::new().with("root.json", "{ 'include': 'a.json' }").with("a.json", "{ 'b' }\n[]");
    let text = rendered(&files, Format::Json);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["code"], "unexpected-token");
    assert_eq!(lines[0]["severity"], "error");
    assert_eq!((&lines[0]["file"], &lines[0]["line"]), (&"a.json".into(), &1.into()));
    assert_eq!(lines[0]["column"], 7);
    assert_eq!(lines[0]["included_from"][0]["file"], "root.json");
}

#[test]
fn it_is_said_when_reading_stopped_early() {
    let text = human(&"[]".repeat(Diagnostics::LIMIT + 2));
    assert!(text.ends_with("\nthere may be more: reading stopped at this number of errors\n"));
}
