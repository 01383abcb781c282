//! Source lines with markers below them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use crate::source::{SourceFile, SourceMap, Span};
use crate::syntax::quote::{push_visible, visible};

/// The most bytes of one source line that are shown.
const MAX_LINE: usize = 140;
/// What is shown of a cut line in front of the first marker.
const BEFORE_MARK: usize = 40;
/// How far apart tab stops are shown.
const TAB: usize = 4;

/// Something to point at.
#[derive(Clone, Debug)]
pub(super) struct Mark<'a> {
    /// The place; if it is empty and not primary, its line is shown and nothing marked.
    pub(super) span: Span,
    pub(super) message: &'a str,
    /// Marked with `^`, otherwise with `-`.
    pub(super) primary: bool,
}

/// Lines of one file and what to point at in them.
pub(super) struct Snippet<'a> {
    file: Option<&'a SourceFile>,
    lines: BTreeMap<usize, Line<'a>>,
}

struct Line<'a> {
    range: Range<usize>,
    marks: Vec<Mark<'a>>,
}

impl<'a> Snippet<'a> {
    /// A snippet of the file that holds the first mark.
    pub(super) fn new(sources: &'a SourceMap, marks: Vec<Mark<'a>>) -> Self {
        let file = marks.first().and_then(|mark| sources.file_at(mark.span));
        let mut lines = BTreeMap::new();
        for mark in marks {
            let Some(file) = file else { break };
            let (number, range) = file.line_at(mark.span.start);
            let line = lines.entry(number).or_insert_with(|| Line { range, marks: Vec::new() });
            line.marks.push(mark);
        }
        Self { file, lines }
    }

    /// How wide the column of line numbers is, the blank in front included.
    pub(super) fn gutter(&self) -> usize {
        let last = self.lines.keys().next_back().copied().unwrap_or(0);
        last.to_string().len() + 1
    }

    pub(super) fn render(&self) -> String {
        let Some(file) = self.file else { return String::new() };
        let gutter = self.gutter();
        let mut text = format!("{:gutter$} |\n", "");
        let mut previous = None;
        for (&number, line) in &self.lines {
            if previous.is_some_and(|previous| previous + 1 < number) {
                text.push_str("...\n");
            }
            previous = Some(number);
            let shown = Shown::new(file, line);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{number:gutter$} | {}", shown.text);
            for mark in &line.marks {
                if mark.primary || mark.span.start < mark.span.end {
                    let _ = writeln!(text, "{:gutter$} | {}", "", shown.marker(file, mark));
                }
            }
        }
        text
    }
}

/// A source line as it is shown: cut, tabs expanded, what cannot be seen escaped.
struct Shown {
    text: String,
    /// For each character shown, the offset in the file's text and the column; then those of the end.
    columns: Vec<(usize, usize)>,
}

impl Shown {
    fn new(file: &SourceFile, line: &Line<'_>) -> Self {
        let range = window(file, line);
        let mut shown = Self { text: String::new(), columns: Vec::new() };
        let mut column = 0;
        if range.start > line.range.start {
            shown.text.push_str("...");
            column += 3;
        }
        let source = file.text().get(range.clone()).unwrap_or_default();
        for (at, c) in source.char_indices() {
            shown.columns.push((range.start + at, column));
            let before = shown.text.len();
            if c == '\t' {
                let blanks = TAB - column % TAB;
                shown.text.extend(std::iter::repeat_n(' ', blanks));
            } else {
                push_visible(&mut shown.text, c);
            }
            column += shown.text.get(before..).map_or(0, |piece| piece.chars().count());
        }
        shown.columns.push((range.end, column));
        if range.end < line.range.end {
            shown.text.push_str("...");
        }
        shown.text.truncate(shown.text.trim_end().len());
        shown
    }

    /// The markers under the part of `mark` that is on this line, and its message.
    fn marker(&self, file: &SourceFile, mark: &Mark<'_>) -> String {
        let start = self.column(file.local(mark.span.start));
        let end = self.column(file.local(mark.span.end));
        let sign = if mark.primary { "^" } else { "-" };
        let signs = sign.repeat(end.saturating_sub(start).max(1));
        let marker = format!("{:start$}{signs} {}", "", visible(mark.message));
        marker.trim_end().to_owned()
    }

    fn column(&self, offset: usize) -> usize {
        let index = self.columns.partition_point(|&(at, _)| at < offset);
        self.columns.get(index).or(self.columns.last()).map_or(0, |&(_, column)| column)
    }
}

/// The part of a line that is shown: all of it if it is short, else what is around the first mark.
fn window(file: &SourceFile, line: &Line<'_>) -> Range<usize> {
    let Range { start, end } = line.range.clone();
    if end - start <= MAX_LINE {
        return start..end;
    }
    let text = file.text();
    let first = line.marks.iter().map(|mark| file.local(mark.span.start)).min().unwrap_or(start);
    let boundary = |at: usize| (at..=end).find(|&at| text.is_char_boundary(at)).unwrap_or(end);
    let from = boundary(first.saturating_sub(BEFORE_MARK).clamp(start, end));
    let from = if from < start + BEFORE_MARK { start } else { from };
    from..boundary((from + MAX_LINE).min(end))
}
