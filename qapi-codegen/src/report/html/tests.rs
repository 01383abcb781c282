use super::outcome::outcomes;
use super::*;
use crate::diagnostic::Diagnostics;
use crate::dialect::Dialect;
use crate::history::{Change, diff};
use crate::load::{Memory, load_with};
use crate::source::SourceMap;

fn schema(text: &str) -> Schema {
    let mut diagnostics = Diagnostics::new();
    let files = Memory::new().with("root.json", text);
    let tree =
        load_with(&files, &mut SourceMap::new(), "root.json", Dialect::strict(), &mut diagnostics);
    let schema = tree.and_then(|tree| crate::resolve(tree, Dialect::strict(), &mut diagnostics));
    schema.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// A struct that gains a member, loses it and gets it back, an enum that is used from another place in between,
/// and a command that comes and goes.
fn turns() -> Vec<Schema> {
    let texts = [
        "{ 'struct': 'State', 'data': { 'a': 'int' } }\n{ 'command': 'get', 'returns': 'State' }",
        "{ 'struct': 'State', 'data': { 'a': 'int', '*b': 'Entry' } }\n{ 'enum': 'Entry', 'data': [ 'x' ] }
         { 'command': 'get', 'returns': 'State' }",
        "{ 'struct': 'State', 'data': { 'a': 'int' } }\n{ 'enum': 'Entry', 'data': [ 'x', 'y' ] }
         { 'command': 'get', 'returns': 'State' }\n{ 'command': 'set', 'data': { 'e': 'Entry' } }",
        "{ 'struct': 'State', 'data': { 'a': 'int', '*b': 'Entry' } }
         { 'enum': 'Entry', 'data': [ { 'name': 'x', 'if': 'CONFIG_LINUX' } ] }
         { 'command': 'get', 'returns': 'State' }",
    ];
    texts.into_iter().map(schema).collect()
}

#[test]
fn classes_give_back_every_change_between_every_two_schemas() {
    let schemas = turns();
    let schemas = schemas.iter().collect::<Vec<_>>();
    let outcomes = outcomes(&schemas);
    for (from, old) in schemas.iter().enumerate() {
        for (to, new) in schemas.iter().enumerate() {
            let looked_up = outcomes
                .values()
                .filter_map(|outcome| {
                    outcome.moves.get(&(outcome.classes[from], outcome.classes[to]))
                })
                .flatten()
                .cloned()
                .collect::<Vec<Change>>();
            assert_eq!(looked_up, diff(old, new), "from {from} to {to}");
        }
    }
}

#[test]
fn schemas_that_are_alike_at_an_item_are_of_one_class_there() {
    let schemas = turns();
    let outcomes = outcomes(&schemas.iter().collect::<Vec<_>>());
    assert_eq!(outcomes["set"].classes, [0, 0, 1, 0]);
    assert_eq!(outcomes["State.b"].classes, [0, 1, 0, 1]);
    assert!(!outcomes.contains_key("State.a"));
}

fn page(title: &str, summary: &str) -> String {
    let schema = schema("{ 'command': 'get' }");
    let release = Release::new(1, 0, 0);
    let history = History::merge(&[(release, &schema)], release, &mut Diagnostics::new());
    HtmlReport {
        title,
        releases: &[(release, &schema)],
        history: &history.expect("one release has a history"),
        summaries: &[("get".to_owned(), summary.to_owned())].into(),
    }
    .render()
}

#[test]
fn no_text_ends_the_element_it_stands_in() {
    let plain = page("Schema", "Gets.");
    for hostile in [
        "</script><b>",
        "<!--<script>",
        "</title></style>",
        "\u{2028}\u{2029}",
        "{{script}}{{data}}",
    ] {
        let page = page(hostile, hostile);
        assert_eq!(page.matches('<').count(), plain.matches('<').count(), "{hostile}");
        assert_eq!(page.matches("\"use strict\"").count(), 1, "{hostile}");
        assert!(!page.contains(['\u{2028}', '\u{2029}']) || hostile.starts_with('\u{2028}'));
    }
}

#[test]
fn the_style_and_the_script_do_not_end_their_elements() {
    for text in SCRIPT.into_iter().chain([STYLE]) {
        assert!(!text.contains("</") && !text.contains("<!--"));
    }
}

#[test]
fn without_releases_there_is_a_page_that_says_so() {
    let (history, summaries) = (History::default(), BTreeMap::new());
    let report = HtmlReport { title: "T", releases: &[], history: &history, summaries: &summaries };
    assert!(report.render().contains("\"releases\":[]"));
}
