//! The lines of one section to its text.

use crate::source::Span;
use crate::syntax::doc::{Section, SectionKind};

/// A section as its lines.
pub(super) struct Draft<'t> {
    pub(super) kind: SectionKind,
    pub(super) span: Span,
    /// The text after the section's name, then the lines below.
    pub(super) lines: Vec<&'t str>,
}

impl Draft<'_> {
    /// The section, without blank lines around its text and without the indentation that its lines have in common.
    /// The first line does not count: it follows the name of the section.
    pub(super) fn finish(&mut self) -> Section {
        let below = self.lines.iter().skip(1).filter(|line| !line.is_empty());
        let indent = match self.kind {
            SectionKind::Plain => 0,
            _ => below.map(|line| indent_len(line)).min().unwrap_or(0),
        };
        let blank = |line: &&str| line.is_empty();
        let end = self.lines.iter().rposition(|line| !blank(line)).map_or(0, |last| last + 1);
        let lines = self.lines.iter().take(end).enumerate().skip_while(|(_, line)| blank(line));
        let mut text = String::with_capacity(lines.clone().map(|(_, line)| line.len() + 1).sum());
        for (at, line) in lines {
            if !text.is_empty() {
                text.push('\n');
            }
            let indent = if at == 0 { 0 } else { indent };
            text.push_str(line.get(indent..).unwrap_or_default());
        }
        let begins_behind_name = self.lines.first().is_some_and(|line| !blank(line));
        self.lines.clear();
        let kind = self.kind.clone();
        Section { kind, text, span: self.span, indentation: indent, begins_behind_name }
    }
}

fn indent_len(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
