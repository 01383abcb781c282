//! Diagnostics as text: for people, for editors, for programs.

mod human;
mod json;
mod snippet;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Stage};
use crate::source::{SourceFile, SourceMap, Span};
use crate::syntax::quote::visible;

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// With the source line and a marker under the culprit.
    #[default]
    Human,
    /// One line each: `FILE:LINE[:COLUMN]: error[code]: message`.
    Short,
    /// One JSON object per line.
    Json,
}

impl Severity {
    /// The word in front of a message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Diagnostic {
    /// This diagnostic as text that ends with a line end.
    pub fn render(&self, sources: &SourceMap, format: Format) -> String {
        match format {
            Format::Human => human::render(self, sources),
            Format::Short => short(self, sources),
            Format::Json => json::render(self, sources),
        }
    }

    /// `FILE:LINE`, and the column if the stage knows columns; empty without a place.
    fn position(&self, sources: &SourceMap) -> String {
        let Some(at) = self.at else { return String::new() };
        if self.code.stage() == Stage::Syntax {
            let location = sources.locate(at);
            location.map_or_else(String::new, |found| {
                format!("{}:{}:{}", visible(found.path), found.line, found.column)
            })
        } else {
            line_position(sources, at)
        }
    }
}

impl Diagnostics {
    /// All diagnostics as text, and a word if reading stopped because there were too many.
    pub fn render(&self, sources: &SourceMap, format: Format) -> String {
        let mut text = String::new();
        for diagnostic in self.as_slice() {
            text.push_str(&diagnostic.render(sources, format));
            if format == Format::Human {
                text.push('\n');
            }
        }
        if self.is_full() && format != Format::Json {
            text.push_str("there may be more: reading stopped at this number of errors\n");
        }
        text
    }
}

fn short(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let Diagnostic { code, severity, message, .. } = diagnostic;
    let position = diagnostic.position(sources);
    let separator = if position.is_empty() { "" } else { ": " };
    format!("{position}{separator}{}[{code}]: {}\n", severity.as_str(), visible(message))
}

/// `FILE:LINE`
fn line_position(sources: &SourceMap, span: Span) -> String {
    let line = sources.line(span);
    line.map_or_else(String::new, |(path, line)| format!("{}:{line}", visible(path)))
}

/// Where the file of `span` is included, from the inside out.
fn include_chain(sources: &SourceMap, span: Span) -> impl Iterator<Item = Span> {
    let included_at = |span| sources.file_at(span).and_then(SourceFile::included_at);
    std::iter::successors(included_at(span), move |&at| included_at(at))
}

#[cfg(test)]
mod tests;
