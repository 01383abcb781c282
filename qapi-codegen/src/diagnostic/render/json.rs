//! For programs: one JSON object per diagnostic, on one line.

use serde::Serialize;

use crate::diagnostic::render::include_chain;
use crate::diagnostic::{Diagnostic, Label, Stage};
use crate::source::{SourceMap, Span};

#[derive(Serialize)]
struct Report<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    labels: Vec<Place<'a>>,
    related: Vec<Place<'a>>,
    included_from: Vec<Line<'a>>,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    line: usize,
}

pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let location = diagnostic.at.and_then(|at| sources.locate(at));
    let has_column = diagnostic.code.stage() == Stage::Syntax;
    let included_from = diagnostic.at.map(|at| {
        include_chain(sources, at)
            .filter_map(|at| sources.line(at))
            .map(|(file, line)| Line { file, line })
            .collect()
    });
    let report = Report {
        severity: diagnostic.severity.as_str(),
        code: diagnostic.code.as_str(),
        message: &diagnostic.message,
        file: location.map(|location| location.path),
        line: location.map(|location| location.line),
        column: location.filter(|_| has_column).map(|location| location.column),
        labels: places(&diagnostic.labels, sources),
        related: places(&diagnostic.related, sources),
        included_from: included_from.unwrap_or_default(),
        help: diagnostic.help.as_deref(),
    };
    // Strings and numbers only: there is nothing that could not be written.
    let mut text = serde_json::to_string(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn places<'a>(labels: &'a [Label], sources: &'a SourceMap) -> Vec<Place<'a>> {
    let place = |label: &'a Label| {
        let start = sources.locate(label.span)?;
        let end = sources.locate(Span::new(label.span.end, label.span.end))?;
        Some(Place {
            file: start.path,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            message: &label.message,
        })
    };
    labels.iter().filter_map(place).collect()
}
