//! Every text of one run in one offset space, and the way back from an offset to file, line and column.
//!
//! Stages carry [`Span`]s only; whoever prints asks the [`SourceMap`].

use std::ops::Range;
use std::sync::Arc;

/// A piece of source text: a half-open range of byte offsets in the space of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset one past the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// A value and where it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it was read.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// Names one file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// One text that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: String,
    text: Arc<str>,
    start: u32,
    line_starts: Vec<u32>,
    included_at: Option<Span>,
}

impl SourceFile {
    /// The path as messages show it: as the caller gave it, or as the include directive resolved.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text, line ends normalised to `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where this text lies in the map's offset space.
    pub fn span(&self) -> Span {
        Span::new(self.start, self.start + len_u32(&self.text))
    }

    /// The include directive that first brought this file in; `None` for a root.
    pub fn included_at(&self) -> Option<Span> {
        self.included_at
    }
}

/// Where an offset is, as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// Path as messages show it.
    pub path: &'a str,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters. A tab moves it as QEMU's own front end does: to
    /// `(column - 1) % 8 + 1`, so that reported columns agree with it.
    pub column: usize,
}

/// All texts of one run.
#[derive(Clone, Debug)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    /// The part of the offset space that is this map's own.
    space: Range<u32>,
    /// Whether a text did not fit.
    is_full: bool,
}

/// How many offsets a share has that others follow: enough for all that QEMU has in its schemas, twice. What is not used of them
/// is lost.
const SHARE: u64 = 4 << 20;

impl Default for SourceMap {
    fn default() -> Self {
        Self::within(0..u32::MAX)
    }
}

/// A text that cannot be added: the map's share of the offset space is full, which is 4 GiB if it is the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceMapFull;

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text. `\r\n` and a lone `\r` become `\n`.
    ///
    /// # Errors
    /// [`SourceMapFull`] when all texts together would pass 4 GiB, or the map's share of that.
    pub fn add(
        &mut self,
        path: impl Into<String>,
        text: impl Into<String>,
        included_at: Option<Span>,
    ) -> Result<FileId, SourceMapFull> {
        let text = text.into();
        let text: Arc<str> = if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n").into()
        } else {
            text.into()
        };
        // One unused offset between files: a span at the end of one is never the start of the next.
        let start = u64::from(self.end());
        let end = start + text.len() as u64 + 1;
        if end > u64::from(self.space.end) {
            self.is_full = true;
            return Err(SourceMapFull);
        }
        // Counted first: a text of line ends alone must not cost more than four times its size.
        let line_ends = text.bytes().filter(|&byte| byte == b'\n').count();
        let mut line_starts = Vec::with_capacity(line_ends + 1);
        line_starts.push(0);
        for (at, byte) in (1..).zip(text.bytes()) {
            if byte == b'\n' {
                line_starts.push(at);
            }
        }
        let id = FileId(u32::try_from(self.files.len()).map_err(|_| SourceMapFull)?);
        let start = u32::try_from(start).map_err(|_| SourceMapFull)?;
        self.files.push(SourceFile { path: path.into(), text, start, line_starts, included_at });
        Ok(id)
    }

    /// The first offset that is free.
    fn end(&self) -> u32 {
        self.files.last().map_or(self.space.start, |file| file.span().end + 1)
    }

    fn within(space: Range<u32>) -> Self {
        Self { files: Vec::new(), space, is_full: false }
    }

    /// Empty maps that share what offsets are left: to be filled independently, and then appended in order. Only the last of them
    /// takes all it can get, so that there is something left afterwards.
    pub(crate) fn shares(&self, count: usize) -> Vec<Self> {
        let (start, end) = (u64::from(self.end()), u64::from(self.space.end));
        let share = (end.saturating_sub(start) / (count.max(1) as u64)).min(SHARE);
        let bound = |at: usize| match at {
            at if at == count => self.space.end,
            at => u32::try_from(start + share * at as u64).unwrap_or(self.space.end),
        };
        (0..count).map(|at| Self::within(bound(at)..bound(at + 1))).collect()
    }

    /// Whether a text did not fit.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Takes over the texts of the next of [`Self::shares`].
    pub(crate) fn append(&mut self, share: Self) {
        self.files.extend(share.files);
    }

    /// All files, in the order they were read.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file that `id` names. Ids of another map give the first file, or `None` if there is none.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize).or_else(|| self.files.first())
    }

    /// The file that holds `span`.
    pub fn file_at(&self, span: Span) -> Option<&SourceFile> {
        let after = self.files.partition_point(|file| file.start <= span.start);
        self.files.get(after.checked_sub(1)?)
    }

    /// Path, line and column of the start of `span`.
    pub fn locate(&self, span: Span) -> Option<Location<'_>> {
        let file = self.file_at(span)?;
        let (line, range) = file.line_at(span.start);
        let before = file.text.get(range.start..file.local(span.start)).unwrap_or_default();
        let column = before
            .split('\t')
            .map(|piece| piece.chars().count())
            .reduce(|column, piece| column % 8 + piece)
            .unwrap_or(0)
            + 1;
        Some(Location { path: &file.path, line, column })
    }

    /// Path and line of the start of `span`: what [`Self::locate`] gives, without counting columns.
    pub(crate) fn line(&self, span: Span) -> Option<(&str, usize)> {
        let file = self.file_at(span)?;
        Some((&file.path, file.line_at(span.start).0))
    }

    /// The text of `span`; empty if it lies in no file.
    pub fn text(&self, span: Span) -> &str {
        self.file_at(span)
            .and_then(|file| file.text.get(file.local(span.start)..file.local(span.end)))
            .unwrap_or_default()
    }
}

impl SourceFile {
    /// The text, to be held while the map grows.
    pub(crate) fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    pub(crate) fn local(&self, offset: u32) -> usize {
        (offset.saturating_sub(self.start) as usize).min(self.text.len())
    }

    /// Number (from 1) and byte range, without the line end, of the line that holds `offset`.
    pub(crate) fn line_at(&self, offset: u32) -> (usize, Range<usize>) {
        let local = offset.saturating_sub(self.start);
        let index = self.line_starts.partition_point(|&start| start <= local).saturating_sub(1);
        let start = self.line_starts.get(index).copied().unwrap_or(0) as usize;
        let end =
            self.line_starts.get(index + 1).map_or(self.text.len(), |&next| next as usize - 1);
        (index + 1, start..end.max(start))
    }
}

/// The length of `text` once its line ends are normalised.
pub(crate) fn normalised_len(text: &str) -> u32 {
    len_u32(text) - u32::try_from(text.matches("\r\n").count()).unwrap_or(0)
}

fn len_u32(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(text: &str, needle: &str) -> (usize, usize) {
        let mut sources = SourceMap::new();
        sources.add("first.json", "{}\n", None).unwrap();
        let id = sources.add("second.json", text, None).unwrap();
        let file = sources.file(id).unwrap();
        let start = file.span().start + u32::try_from(file.text().find(needle).unwrap()).unwrap();
        let location = sources.locate(Span::new(start, start)).unwrap();
        assert_eq!(location.path, "second.json");
        (location.line, location.column)
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(located("a\néö x", "x"), (2, 4));
    }

    #[test]
    fn a_tab_moves_the_column_back_to_the_remainder_of_eight() {
        assert_eq!(located("\tx", "x"), (1, 1));
        assert_eq!(located("abc\tx", "x"), (1, 4));
        assert_eq!(located("0123456789\ta\tx", "x"), (1, 4));
    }

    #[test]
    fn texts_that_were_read_independently_are_found_once_they_are_together() {
        let mut sources = SourceMap::new();
        sources.add("a.json", "a\n", None).unwrap();
        let shares = sources.shares(2).into_iter().zip(["b.json", "c.json"]);
        let spans = shares.map(|(mut share, name)| {
            let id = share.add(name, "{}\n", None).unwrap();
            let span = share.file(id).unwrap().span();
            sources.append(share);
            span
        });
        let spans: Vec<_> = spans.collect();
        let paths = spans.iter().map(|&span| sources.locate(span).unwrap().path);
        assert_eq!(paths.collect::<Vec<_>>(), ["b.json", "c.json"]);
    }

    #[test]
    fn a_share_holds_no_more_than_its_part_of_the_offsets() {
        let mut few = SourceMap::within(0..10);
        assert_eq!(few.add("a.json", "0123456789", None), Err(SourceMapFull));
        assert!(few.add("a.json", "012345678", None).is_ok());
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(located("a\r\nb\rc\nx", "x"), (4, 1));
    }
}
