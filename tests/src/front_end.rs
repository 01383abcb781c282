//! The front end against arbitrary text: what must hold whatever stands in a schema.

use qapi_codegen::diagnostic::{Code, Diagnostic, Diagnostics, Format};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::load::{Memory, load_with};
use qapi_codegen::resolve;
use qapi_codegen::schema::Schema;
use qapi_codegen::source::{SourceMap, Span};

/// What is said of what our front end bounds, and QEMU's does not.
pub const LIMITS: [Code; 7] = [
    Code::FileTooLarge,
    Code::SchemaTooLarge,
    Code::StringTooLong,
    Code::NestingTooDeep,
    Code::IncludeTooDeep,
    Code::ObjectTooDeep,
    Code::ObjectsTooLarge,
];

/// Takes `text` through the front end in the strictest and in the most tolerant dialect.
///
/// # Panics
/// The result is not what it must be: a schema without errors, or errors, each with places that exist and of a form
/// that harms no terminal.
pub fn check_front_end(text: &[u8]) {
    for dialect in [Dialect::strict(), Dialect::any()] {
        read(text, dialect);
    }
}

/// The schema that `text` is in this dialect, if it is one.
///
/// # Panics
/// As [`check_front_end`].
pub fn read(text: &[u8], dialect: Dialect) -> Option<Schema> {
    let files = Memory::new()
        .with("root.json", text)
        .with("a", "{'include': 'root.json'}\n{")
        .with("b", "{'pragma': {'doc-required': false}}");
    let mut sources = SourceMap::new();
    let mut diagnostics = Diagnostics::new();
    let tree = load_with(&files, &mut sources, "root.json", dialect, &mut diagnostics);
    let schema = tree.and_then(|tree| resolve(tree, dialect, &mut diagnostics));
    assert_eq!(
        schema.is_none(),
        diagnostics.has_errors(),
        "neither a schema nor an error, or both"
    );
    assert!(diagnostics.as_slice().len() <= 2 * Diagnostics::LIMIT);
    diagnostics.as_slice().iter().for_each(|diagnostic| check_places(diagnostic, &sources));
    check_reports(&diagnostics, &sources);
    schema
}

fn check_places(diagnostic: &Diagnostic, sources: &SourceMap) {
    let labels = diagnostic.labels.iter().chain(&diagnostic.related).map(|label| label.span);
    for span in labels.chain(diagnostic.at) {
        assert!(is_place(span, sources), "{diagnostic:?} points nowhere");
    }
}

/// Whether `span` lies within one file, between characters.
fn is_place(span: Span, sources: &SourceMap) -> bool {
    let Some(file) = sources.file_at(span) else { return false };
    let local = |offset: u32| offset.checked_sub(file.span().start).map(|offset| offset as usize);
    let range = local(span.start).zip(local(span.end));
    range.is_some_and(|(start, end)| file.text().get(start..end).is_some())
}

fn check_reports(diagnostics: &Diagnostics, sources: &SourceMap) {
    for format in [Format::Human, Format::Short] {
        let report = diagnostics.render(sources, format);
        assert_eq!(report.is_empty(), diagnostics.as_slice().is_empty());
        let harmless = |c: char| c == '\n' || !c.is_control();
        assert!(report.chars().all(harmless), "{report:?} would upset a terminal");
    }
    let report = diagnostics.render(sources, Format::Json);
    assert_eq!(report.lines().count(), diagnostics.as_slice().len());
    for line in report.lines() {
        let object = serde_json::from_str::<serde_json::Value>(line);
        assert!(object.is_ok_and(|object| object.is_object()), "{line:?} is no JSON object");
    }
}
