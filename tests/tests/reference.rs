//! Our front end beside QEMU's own: the same verdicts, lines, structures and introspection, of schemas good and broken.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use qapi_codegen::diagnostic::{Diagnostics, Format};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::introspect::{Names, introspect, to_json};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;
use qga_tests::folder::Folder;
use qga_tests::front_end::LIMITS;
use qga_tests::mutate;
use qga_tests::reference::{Reference, Verdict};
use qga_tests::seed::{inputs, seed};
use serde_json::Value;

/// How many broken schemas are compared in any case: always the same ones.
const FIXED: u64 = 1_000;

/// What our front end makes of a schema.
struct Ours {
    schema: Option<Schema>,
    is_beyond_limits: bool,
    /// The lines of all errors.
    lines: Vec<usize>,
    report: String,
}

fn ours(path: &Path) -> Ours {
    let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
    let schema = qapi_codegen::read(&mut sources, path, Dialect::strict(), &mut diagnostics);
    let places = diagnostics.as_slice().iter().filter_map(|one| sources.locate(one.at?));
    let lines = places.map(|place| place.line).collect();
    let is_beyond_limits = diagnostics.as_slice().iter().any(|one| LIMITS.contains(&one.code));
    let report = diagnostics.render(&sources, Format::Short);
    Ours { schema, is_beyond_limits, lines, report }
}

fn json(schema: &Schema, names: Names) -> Value {
    let text = to_json(&introspect(schema, names)).expect("it is JSON");
    serde_json::from_str(&text).expect("it is JSON")
}

/// In what both differ. `None` if there is nothing to compare, because QEMU's front end gives no verdict, or ours does not go on.
fn compare(reference: &mut Reference, path: &Path) -> Option<Result<Agreed, String>> {
    let theirs = reference.read(path);
    let ours = ours(path);
    if ours.is_beyond_limits {
        return None;
    }
    Some(match (theirs, &ours.schema) {
        (Verdict::Crashed, _) => return None,
        (Verdict::Accepted { .. }, None) => Err(format!("only ours rejects it: {}", ours.report)),
        (Verdict::Rejected { message, .. }, Some(_)) => {
            Err(format!("only QEMU's rejects it: {message}"))
        }
        (Verdict::Rejected { line, message }, None) => {
            if line.is_none_or(|line| ours.lines.contains(&line)) {
                Ok(Agreed::Rejected)
            } else {
                Err(format!("other lines: {message}\n{}", ours.report))
            }
        }
        (Verdict::Accepted { structure, introspection, masked }, Some(schema)) => {
            let found = schema.qapi_test();
            let differing = structure.lines().zip(found.lines()).find(|(one, other)| one != other);
            if let Some((theirs, ours)) = differing {
                Err(format!("`{ours}` instead of `{theirs}`"))
            } else if structure != found {
                Err("one structure ends before the other".to_owned())
            } else if introspection != json(schema, Names::Real) {
                Err("introspection differs".to_owned())
            } else if masked != json(schema, Names::Masked) {
                Err("masked introspection differs".to_owned())
            } else {
                Ok(Agreed::Accepted)
            }
        }
    })
}

/// What both make of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agreed {
    Accepted,
    Rejected,
}

#[test]
fn the_schemas_of_qemu_are_the_same_to_both_front_ends() {
    let Some(mut reference) = Reference::start() else { return };
    let schemas =
        ["qapi/qapi-schema.json", "qga/qapi-schema.json", "storage-daemon/qapi/qapi-schema.json"];
    for schema in schemas {
        let path = reference.tree().join(schema);
        assert_eq!(compare(&mut reference, &path), Some(Ok(Agreed::Accepted)), "{schema}");
    }
}

#[test]
fn broken_schemas_are_the_same_to_both_front_ends() {
    let Some(mut reference) = Reference::start() else { return };
    let folder = Folder::new().expect("made");
    fs::write(folder.join("a"), "{'include': 'root.json'}\n{").expect("written");
    fs::write(folder.join("b"), "{'pragma': {'doc-required': false}}").expect("written");
    let path = folder.join("root.json");
    let seeds = mutate::seeds();
    let other = seed("broken_schemas_are_the_same_to_both_front_ends");
    let mut agreed = Vec::new();
    for number in inputs(FIXED) {
        let run = if number < FIXED { 1 } else { other };
        let text = mutate::input(&seeds, run, number).text;
        if is_taken_otherwise(&text) {
            continue;
        }
        fs::write(&path, &text).expect("written");
        match compare(&mut reference, &path) {
            Some(Ok(verdict)) => agreed.push(verdict),
            Some(Err(difference)) => {
                panic!(
                    "{difference}\nin input {number} of {run}:\n{}",
                    String::from_utf8_lossy(&text)
                )
            }
            None => {}
        }
    }
    // A comparison of a few would prove little.
    let accepted = agreed.iter().filter(|verdict| **verdict == Agreed::Accepted).count();
    assert!(accepted > 50 && agreed.len() - accepted > 300, "{accepted} of {}", agreed.len());
}

/// Whether something stands in a schema of which QEMU's front end makes what its authors did not mean.
fn is_taken_otherwise(text: &[u8]) -> bool {
    // An empty name of a type counts as none.
    text.windows(2).any(|two| two == b"''")
}
