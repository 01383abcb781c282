//! For people: the message, the source lines with markers, related places, help.

use std::fmt::Write;

use crate::diagnostic::render::snippet::{Mark, Snippet};
use crate::diagnostic::render::{include_chain, line_position};
use crate::diagnostic::{Diagnostic, Label, Stage};
use crate::source::{SourceFile, SourceMap, Span};
use crate::syntax::quote::visible;

/// At most this many places are shown for each diagnostic.
const MAX_PLACES: usize = 20;

pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let Diagnostic { code, severity, message, related, help, .. } = diagnostic;
    let mut text = format!("{}[{code}]: {}\n", severity.as_str(), visible(message));
    let mut gutter = 2;
    if let Some(at) = diagnostic.at {
        let snippet = Snippet::new(sources, marks(diagnostic, at, sources));
        gutter = snippet.gutter();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:gutter$}--> {}", "", diagnostic.position(sources));
        text.push_str(&snippet.render());
        for at in include_chain(sources, at) {
            let _ = writeln!(
                text,
                "{:gutter$} = in file included from {}",
                "",
                line_position(sources, at)
            );
        }
        for label in elsewhere(diagnostic, at, sources) {
            text.push_str(&place(label, sources));
        }
    }
    for label in related.iter().take(MAX_PLACES) {
        text.push_str(&place(label, sources));
    }
    if let Some(help) = help {
        let _ = writeln!(text, "{:gutter$} = help: {}", "", visible(help));
    }
    text
}

/// A note about another place.
fn place(label: &Label, sources: &SourceMap) -> String {
    let mark = Mark { span: label.span, message: "", primary: true };
    let snippet = Snippet::new(sources, vec![mark]);
    let gutter = snippet.gutter();
    let position = line_position(sources, label.span);
    format!("note: {}\n{:gutter$}--> {position}\n{}", visible(&label.message), "", snippet.render())
}

/// What to point at in the file of `at`. A fault of syntax is at `at` itself; any other is at its labels, and `at`
/// is but the head of the definition, shown for orientation.
fn marks<'a>(diagnostic: &'a Diagnostic, at: Span, sources: &SourceMap) -> Vec<Mark<'a>> {
    let labels = || diagnostic.labels.iter().filter(|label| same_file(sources, at, label.span));
    let head_is_culprit = diagnostic.code.stage() == Stage::Syntax || labels().next().is_none();
    let mut marks = Vec::new();
    if head_is_culprit && labels().all(|label| label.span != at) {
        marks.push(Mark { span: at, message: "", primary: true });
    } else if !head_is_culprit {
        marks.push(Mark { span: Span::new(at.start, at.start), message: "", primary: false });
    }
    marks.extend(labels().take(MAX_PLACES).enumerate().map(|(index, label)| Mark {
        span: label.span,
        message: &label.message,
        primary: label.span == at || (index == 0 && !head_is_culprit),
    }));
    marks
}

fn elsewhere<'a>(
    diagnostic: &'a Diagnostic,
    at: Span,
    sources: &'a SourceMap,
) -> impl Iterator<Item = &'a Label> {
    let other = move |label: &&Label| !same_file(sources, at, label.span);
    diagnostic.labels.iter().filter(other).take(MAX_PLACES)
}

fn same_file(sources: &SourceMap, a: Span, b: Span) -> bool {
    let start = |span| sources.file_at(span).map(SourceFile::span);
    start(a) == start(b)
}
