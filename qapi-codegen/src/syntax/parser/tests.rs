//! Expressions, and what is said about those that are none.

use super::*;
use crate::diagnostic::Severity;
use crate::source::SourceMap;

/// Reads all expressions of `text`.
fn read(text: &str, dialect: Dialect) -> (Vec<Value>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut parser = Parser::new(text, 0, dialect, Some(usize::MAX), &mut diagnostics);
    let mut values = Vec::new();
    while parser.upcoming() == Upcoming::Expression {
        values.extend(parser.expression(&mut diagnostics));
    }
    (values, diagnostics)
}

/// Line, column and code of every fault.
fn faults(text: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    sources.add("", text, None).unwrap();
    let (_, diagnostics) = read(text, Dialect::strict());
    let show = |fault: &Diagnostic| {
        let at = sources.locate(fault.at.unwrap()).unwrap();
        assert_eq!(fault.severity, Severity::Error);
        format!("{}:{} {}", at.line, at.column, fault.code)
    };
    diagnostics.as_slice().iter().map(show).collect()
}

/// A value in a form of its own: `{a:[x,true]}`.
fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::Object(entries) => {
            let entry = |entry: &Entry| format!("{}:{}", entry.key.value, shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        ValueKind::Array(elements) => {
            format!("[{}]", elements.iter().map(shown).collect::<Vec<_>>().join(","))
        }
        ValueKind::String(text) => text.clone(),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Null => "null".to_owned(),
    }
}

fn values(text: &str, dialect: Dialect) -> Vec<String> {
    let (values, diagnostics) = read(text, dialect);
    assert!(diagnostics.as_slice().is_empty(), "{diagnostics:?}");
    values.iter().map(shown).collect()
}

#[test]
fn expressions_need_no_separator() {
    let text = "{'a': ['x', true, {}], # why\n 'b': []}{'c': false}\n  'd' []";
    let expected = ["{a:[x,true,{}],b:[]}", "{c:false}", "d", "[]"];
    assert_eq!(values(text, Dialect::strict()), expected);
}

#[test]
fn every_value_knows_its_place() {
    let text = " {'a': [ 'x' ]} ";
    let (values, _) = read(text, Dialect::strict());
    let slice = |span: Span| &text[span.start as usize..span.end as usize];
    assert_eq!(slice(values[0].span), "{'a': [ 'x' ]}");
    let entry = &values[0].as_object().unwrap()[0];
    assert_eq!((slice(entry.key.span), slice(entry.value.span)), ("'a'", "[ 'x' ]"));
}

#[test]
fn the_token_that_cannot_be_is_the_place_of_the_fault() {
    for (text, fault) in [
        ("{ , }", "1:3 unexpected-token"),
        ("{ 'a' 'b' }", "1:7 unexpected-token"),
        ("{ 'a': }", "1:8 unexpected-token"),
        ("{ 'a': 'b', true }", "1:13 unexpected-token"),
        ("{ 'a': 'b'\n", "1:11 unexpected-token"),
        ("[ 'a' 'b' ]", "1:7 unexpected-token"),
        ("[ 'a', ]", "1:8 unexpected-token"),
        ("[ , 'a' ]", "1:3 unexpected-token"),
        ("{ 'a': 'b', }", "1:13 unexpected-token"),
        ("{ 'a': 'b' 'c': 'd' }", "1:12 unexpected-token"),
        ("}", "1:1 unexpected-token"),
        ("{ ## doc\n}", "1:3 unexpected-token"),
        ("{ 'a': 'b',\n\t'a': 'c' }", "2:6 duplicate-key"),
    ] {
        assert_eq!(faults(text), [fault], "{text}");
    }
}

#[test]
fn reading_goes_on_at_the_next_line_that_begins_something() {
    let text = "{ 'a' }\n  { 'noise' }\n{ 'b':\n{ 'c': 'x' }\n}\n{ \"\n";
    assert_eq!(faults(text), ["1:7 unexpected-token", "6:3 stray-text"]);
}

#[test]
fn duplicate_keys_are_found_among_many() {
    let many = (0..100).map(|at| format!("'k{at}': true, ")).collect::<Vec<_>>().concat();
    assert_eq!(faults(&format!("{{ {many}\n'k7': [] }}")), ["2:7 duplicate-key"]);
    assert_eq!(faults(&format!("{{ {many}\n'k77': [],\n'k77': [] }}")).len(), 2);
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(faults(&nested(MAX_NESTING)), [""; 0]);
    assert_eq!(faults(&nested(MAX_NESTING + 1)), ["1:201 nesting-too-deep"]);
}

#[test]
fn the_number_of_values_has_a_limit() {
    let mut diagnostics = Diagnostics::new();
    let mut parser =
        Parser::new("['a', 'b'] []\n{}", 0, Dialect::strict(), Some(3), &mut diagnostics);
    assert!(parser.expression(&mut diagnostics).is_some());
    assert!(parser.expression(&mut diagnostics).is_none());
    assert_eq!(parser.upcoming(), Upcoming::Nothing);
    assert_eq!(diagnostics.as_slice().len(), 1);
    assert_eq!(diagnostics.as_slice()[0].code, Code::SchemaTooLarge);
}

#[test]
fn older_releases_were_careless_about_commas() {
    let dialect = Dialect::strict().with(Allowance::LooseCommas);
    assert_eq!(values("{'a': 'b' 'c': ['d' 'e',],}", dialect), ["{a:b,c:[d,e]}"]);
}
