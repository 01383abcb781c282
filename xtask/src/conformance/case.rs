//! One case: what is expected of it, and what came of it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;

use qapi_codegen::diagnostic::{Diagnostics, Severity};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::source::SourceMap;

/// A schema and what QEMU's front end makes of it.
pub(crate) struct Case {
    name: String,
    expected: Expected,
}

enum Expected {
    /// Accepted; the structure in QEMU's text form.
    Accept(String),
    /// Rejected, at a place unless there is no input.
    Reject(Option<Place>),
}

/// Where the first complaint is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    file: String,
    line: usize,
    /// Known of syntax errors only.
    column: Option<usize>,
}

/// What came of a case. Each part is `None` where there is nothing to compare.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) accept: Option<bool>,
    pub(crate) reject: Option<bool>,
    pub(crate) line: Option<bool>,
    pub(crate) column: Option<bool>,
    pub(crate) structure: Option<bool>,
    detail: String,
}

impl Outcome {
    /// What does not agree, if anything.
    pub(crate) fn complaint(&self) -> Option<String> {
        let parts = [
            (self.accept, "is not accepted"),
            (self.reject, "is not rejected"),
            (self.line, "line differs"),
            (self.column, "column differs"),
            (self.structure, "structure differs"),
        ];
        let failed =
            |(part, text): (Option<bool>, &'static str)| (part == Some(false)).then_some(text);
        parts.into_iter().find_map(failed).map(|text| format!("{text}: {}", self.detail))
    }
}

impl Case {
    /// Reads what is expected of the case `name`.
    pub(crate) fn read(corpus: &Path, name: &str) -> anyhow::Result<Self> {
        let read = |extension: &str| {
            let path = corpus.join(format!("{name}.{extension}"));
            match fs::read_to_string(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
                read => read.with_context(|| path.display().to_string()),
            }
        };
        let errors = read("err")?;
        let expected = if errors.is_empty() {
            Expected::Accept(read("out")?)
        } else {
            Expected::Reject(errors.lines().find_map(Place::parse))
        };
        Ok(Self { name: name.to_owned(), expected })
    }

    /// Runs our front end on it.
    pub(crate) fn run(&self, corpus: &Path) -> Outcome {
        let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
        let path = corpus.join(format!("{}.json", self.name));
        let schema = qapi_codegen::read(&mut sources, &path, Dialect::strict(), &mut diagnostics);
        let first = diagnostics.as_slice().iter().find(|one| one.severity == Severity::Error);
        let place = first.and_then(|first| sources.locate(first.at?)).map(|location| Place {
            file: file_name(location.path),
            line: location.line,
            column: Some(location.column),
        });
        let complaint = first.map(|first| format!("{} at {place:?}", first.message));
        match &self.expected {
            Expected::Accept(structure) => {
                let found = schema.as_ref().map(qapi_codegen::schema::Schema::qapi_test);
                let difference =
                    found.as_ref().and_then(|found| first_difference(structure, found));
                Outcome {
                    accept: Some(schema.is_some()),
                    structure: Some(found.is_some() && difference.is_none()),
                    detail: complaint.or(difference).unwrap_or_default(),
                    ..Outcome::default()
                }
            }
            Expected::Reject(expected) => {
                let same = |part: fn(&Place, &Place) -> bool| {
                    expected
                        .as_ref()
                        .map(|expected| place.as_ref().is_some_and(|found| part(expected, found)))
                };
                let has_column =
                    expected.as_ref().is_some_and(|expected| expected.column.is_some());
                Outcome {
                    reject: Some(schema.is_none()),
                    line: same(|expected, found| {
                        expected.file == found.file && expected.line == found.line
                    }),
                    column: same(|expected, found| expected.column == found.column)
                        .filter(|_| has_column),
                    detail: format!("{}, expected at {expected:?}", complaint.unwrap_or_default()),
                    ..Outcome::default()
                }
            }
        }
    }
}

impl Place {
    /// The place that a line of QEMU's messages names: `FILE:LINE: ` or `FILE:LINE:COLUMN: `. Lines that only
    /// tell how a file came to be included name none.
    fn parse(line: &str) -> Option<Self> {
        if line.starts_with("In file included from ") {
            return None;
        }
        let (place, _) = line.split_once(": ")?;
        let mut parts = place.split(':');
        let file = file_name(parts.next()?);
        let number = parts.next()?.parse().ok()?;
        let column = parts.next().map(str::parse).transpose().ok()?;
        Some(Self { file, line: number, column })
    }
}

fn file_name(path: &str) -> String {
    Path::new(path)
        .file_name()
        .map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The first line in which two structures differ.
fn first_difference(expected: &str, found: &str) -> Option<String> {
    let differs = |(expected, found): (&str, &str)| {
        (expected != found).then(|| format!("`{found}` instead of `{expected}`"))
    };
    let missing = |text: &str, other: &str, verb: &str| {
        text.lines().nth(other.lines().count()).map(|line| format!("`{line}` is {verb}"))
    };
    expected
        .lines()
        .zip(found.lines())
        .find_map(differs)
        .or_else(|| missing(expected, found, "missing"))
        .or_else(|| missing(found, expected, "too much"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_place() {
        let place = |file: &str, line, column| Some(Place { file: file.to_owned(), line, column });
        assert_eq!(Place::parse("a.json:3: wrong"), place("a.json", 3, None));
        assert_eq!(Place::parse("b/a.json:3:14: wrong: very"), place("a.json", 3, Some(14)));
        assert_eq!(Place::parse("a.json: In struct 'A':"), None);
        assert_eq!(Place::parse("In file included from a.json:1:"), None);
    }

    #[test]
    fn structures_are_compared_line_by_line() {
        let text = "module a\nenum B\ndoc freeform\n    body=\n  Two words\n";
        assert_eq!(first_difference(text, text), None);
        assert!(first_difference(text, &text.replace("enum B", "enum  B")).is_some());
        assert!(first_difference(text, &text.replace("  Two", "Two")).is_some());
        assert!(first_difference(text, &text.replace("words", "words more")).is_some());
        assert!(first_difference("module a\nenum B\n", "module a\n").is_some());
        assert!(first_difference("module a\n", "module a\nenum B\n").is_some());
    }
}
