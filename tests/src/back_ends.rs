//! Whatever is made of a schema: what must hold for every schema that the front end lets through.

use std::collections::{BTreeMap, BTreeSet};

use qapi_codegen::Options;
use qapi_codegen::diagnostic::Diagnostics;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, Release, diff};
use qapi_codegen::import::canonical;
use qapi_codegen::introspect::{InfoKind, Names, SchemaInfo, introspect, to_json};
use qapi_codegen::report::{DiffReport, Format, HtmlReport, history_markdown};
use qapi_codegen::schema::Schema;

use crate::front_end;

/// Takes `text` through the front end, and what that accepts through everything else; `older` plays the part of
/// an earlier release. Whether any dialect accepts it.
///
/// # Panics
/// Something is not as it must be.
pub fn check_everything(text: &[u8], older: Option<&Schema>) -> bool {
    let strict = front_end::read(text, Dialect::strict());
    let any = front_end::read(text, Dialect::any());
    assert!(strict.is_none() || any.is_some(), "what strict mode accepts, any dialect accepts");
    if let Some(schema) = &strict {
        check_canonical(schema);
    }
    let Some(schema) = strict.or(any) else { return false };
    assert!(!schema.dump().is_empty());
    assert!(!schema.qapi_test().is_empty());
    check_introspection(&schema);
    check_changes(older.unwrap_or(&Schema::default()), &schema);
    match Options::new().generate(&History::single(schema)) {
        Ok(bindings) => assert!(!bindings.files().is_empty()),
        Err(diagnostics) => assert!(diagnostics.has_errors()),
    }
    true
}

/// The canonical text reads in strict mode, and is that of the schema read from it.
fn check_canonical(schema: &Schema) {
    let text = canonical(schema);
    let read =
        text.as_ref().ok().and_then(|text| front_end::read(text.as_bytes(), Dialect::strict()));
    assert!(read.is_some(), "no text that reads in strict mode: {text:?}");
    assert_eq!(read.map(|schema| canonical(&schema)), Some(text));
}

/// Names mean something, once; masked ones are numbers in the order of their first use.
fn check_introspection(schema: &Schema) {
    let (real, masked) = (introspect(schema, Names::Real), introspect(schema, Names::Masked));
    assert_eq!(real.len(), masked.len());
    for infos in [&real, &masked] {
        let names: BTreeSet<_> = infos.iter().map(|info| info.name.as_str()).collect();
        assert_eq!(names.len(), infos.len(), "two entries of one name");
        let used: Vec<_> = infos.iter().flat_map(used_types).collect();
        assert!(used.iter().all(|ty| names.contains(ty)), "a name without an entry");
        assert!(to_json(infos).is_ok());
    }
    let mut next = 0;
    for name in masked.iter().flat_map(used_types) {
        let element = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(number) = element.parse::<usize>() {
            while is_shown(&masked, next) {
                next += 1;
            }
            assert!(number <= next, "{number} comes before {next}");
            next = next.max(number + 1);
        }
    }
}

/// Whether a command or an event has this number for its name.
fn is_shown(infos: &[SchemaInfo], number: usize) -> bool {
    let name = number.to_string();
    infos.iter().any(|info| {
        matches!(info.kind, InfoKind::Command { .. } | InfoKind::Event { .. }) && info.name == name
    })
}

fn used_types(info: &SchemaInfo) -> Vec<&str> {
    match &info.kind {
        InfoKind::Builtin { .. } | InfoKind::Enum { .. } => Vec::new(),
        InfoKind::Array { element_type } => vec![element_type],
        InfoKind::Object { members, variants, .. } => {
            let variants = variants.iter().flatten().map(|variant| variant.ty.as_str());
            members.iter().map(|member| member.ty.as_str()).chain(variants).collect()
        }
        InfoKind::Alternate { members } => {
            members.iter().map(|member| member.ty.as_str()).collect()
        }
        InfoKind::Command { arg_type, ret_type, .. } => vec![arg_type, ret_type],
        InfoKind::Event { arg_type } => vec![arg_type],
    }
}

/// Two releases compare and merge, and all that is reported of them can be shown.
fn check_changes(old: &Schema, new: &Schema) {
    assert!(diff(new, new).is_empty(), "a schema differs from itself");
    let changes = diff(old, new);
    let report = DiffReport { from: "old", to: "new", changes: &changes };
    for format in [Format::Text, Format::Markdown, Format::Json] {
        assert!(!report.render(format).is_empty());
    }
    let releases = [(Release::new(1, 0, 0), old), (Release::new(1, 1, 0), new)];
    assert!(!history_markdown(&releases).is_empty());
    let mut diagnostics = Diagnostics::new();
    let history = History::merge(&releases, Release::new(1, 0, 0), &mut diagnostics);
    assert_eq!(history.is_none(), diagnostics.has_errors());
    if let Some(history) = history {
        let summaries = BTreeMap::new();
        let page =
            HtmlReport { title: "", releases: &releases, history: &history, summaries: &summaries };
        assert!(!page.render().is_empty());
    }
}
