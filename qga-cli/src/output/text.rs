//! Text for people: lines, facts and tables. Everything is escaped when it is rendered, so that nothing can be forgotten.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::escape;

/// Text for people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
enum Block {
    Line(String),
    Facts(Vec<(String, Cell)>),
    Table(Table),
}

/// A table with a title over each column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    titles: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    /// What is said in place of a table without rows.
    empty: &'static str,
}

/// A place in a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    right: bool,
    style: Style,
}

impl Text {
    /// One line.
    pub(crate) fn line(line: impl Into<String>) -> Self {
        Self::default().and_line(line)
    }

    /// Adds a line.
    #[must_use]
    pub(crate) fn and_line(mut self, line: impl Into<String>) -> Self {
        self.blocks.push(Block::Line(line.into()));
        self
    }

    /// Adds text that has lines of its own.
    #[must_use]
    pub(crate) fn and_lines(self, text: &str) -> Self {
        text.lines().fold(self, Self::and_line)
    }

    /// Adds a fact; facts that follow one another line up.
    #[must_use]
    pub(crate) fn fact(mut self, label: &str, value: impl Into<Cell>) -> Self {
        let fact = (label.to_owned(), value.into());
        match self.blocks.last_mut() {
            Some(Block::Facts(facts)) => facts.push(fact),
            _ => self.blocks.push(Block::Facts(vec![fact])),
        }
        self
    }

    /// Adds a table.
    #[must_use]
    pub(crate) fn table(mut self, table: Table) -> Self {
        self.blocks.push(Block::Table(table));
        self
    }

    /// Adds more.
    #[must_use]
    pub(crate) fn and(mut self, more: Self) -> Self {
        self.blocks.extend(more.blocks);
        self
    }

    /// The text with line ends and styles, and without anything else that a terminal acts on, unless it is to be raw.
    pub(crate) fn render(&self, raw: bool) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Line(line) => {
                    out.push_str(&show(line, raw));
                    out.push('\n');
                }
                Block::Facts(facts) => {
                    let rows = facts.iter().map(|(label, value)| {
                        let label = Cell { style: TITLE, ..Cell::from(label.as_str()) };
                        vec![label, value.clone()]
                    });
                    out.push_str(&grid(&rows.collect::<Vec<_>>(), raw));
                }
                Block::Table(table) if table.rows.is_empty() => {
                    out.push_str(table.empty);
                    out.push('\n');
                }
                Block::Table(table) => out.push_str(&table.render(raw)),
            }
        }
        out
    }
}

/// Text as it may be shown.
fn show(text: &str, raw: bool) -> Cow<'_, str> {
    if raw { Cow::Borrowed(text) } else { escape(text) }
}

impl From<Table> for Text {
    fn from(table: Table) -> Self {
        Self::default().table(table)
    }
}

impl Table {
    /// A table with these columns, and what to say if it has no rows.
    pub(crate) fn new<const N: usize>(titles: [&'static str; N], empty: &'static str) -> Self {
        Self { titles: titles.to_vec(), rows: Vec::new(), empty }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.into());
    }

    fn render(&self, raw: bool) -> String {
        let titles = self.titles.iter().map(|title| Cell { style: TITLE, ..Cell::from(*title) });
        let mut rows = vec![titles.collect::<Vec<_>>()];
        rows.extend(self.rows.iter().cloned());
        // A column of numbers lines up at its end, with its title and whatever is not known.
        for column in 0..self.titles.len() {
            let right = self.rows.iter().any(|row| row.get(column).is_some_and(|cell| cell.right));
            rows.iter_mut()
                .filter_map(|row| row.get_mut(column))
                .for_each(|cell| cell.right = right);
        }
        grid(&rows, raw)
    }
}

const TITLE: Style = Style::new().bold();

/// How wide a column becomes for what is in it, at most. What is wider stands out, so that one long name of a guest's does not
/// make every line as long.
const WIDEST: usize = 60;

/// Cells in columns as wide as they have to be, within reason.
fn grid(rows: &[Vec<Cell>], raw: bool) -> String {
    let rows: Vec<Vec<(Cow<'_, str>, &Cell)>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| (show(&cell.text, raw), cell)).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let widths = rows.iter().filter_map(|row| Some(row.get(column)?.0.width()));
            widths.filter(|width| *width <= WIDEST).max().unwrap_or_default()
        })
        .collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for ((text, cell), width) in row.iter().zip(&widths) {
            let pad = " ".repeat(width.saturating_sub(text.width()));
            let style = if raw { Style::new() } else { cell.style };
            // Writing to a string cannot fail.
            let _ = if cell.right {
                write!(line, "{pad}{style}{text}{style:#}  ")
            } else {
                write!(line, "{style}{text}{style:#}{pad}  ")
            };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

impl Cell {
    /// A number, which lines up at its end.
    pub(crate) fn number(number: impl Display) -> Self {
        Self { text: format!("{number}"), right: true, ..Self::default() }
    }

    /// Something bad.
    #[must_use]
    pub(crate) fn bad(mut self) -> Self {
        self.style = AnsiColor::Red.on_default();
        self
    }

    /// Something less important.
    #[must_use]
    pub(crate) fn dim(mut self) -> Self {
        self.style = Style::new().dimmed();
        self
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Cow<'_, str>> for Cell {
    fn from(text: Cow<'_, str>) -> Self {
        Self::from(text.into_owned())
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::from(if value { "yes" } else { "no" })
    }
}

/// What is not known is shown as a dash.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| Self::from("-").dim(), Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_is_in_them() {
        let mut table = Table::new(["NAME", "SIZE"], "nothing");
        table.row(["caf\u{e9}".into(), Cell::number(7)]);
        table.row(["\u{4f60}\u{597d}\u{1b}".into(), Cell::number(12345)]);
        let shown = anstream::adapter::strip_str(&Text::from(table).render(false)).to_string();
        assert_eq!(shown, "NAME       SIZE\ncaf\u{e9}          7\n\u{4f60}\u{597d}\\x1b  12345\n");
    }

    #[test]
    fn one_long_cell_does_not_make_every_line_as_long() {
        let mut table = Table::new(["NAME", "SIZE"], "nothing");
        let long = "x".repeat(10_000);
        table.row([long.as_str().into(), Cell::number(7)]);
        (0..1000).for_each(|_| table.row(["y".into(), Cell::number(7)]));
        let shown = anstream::adapter::strip_str(&Text::from(table).render(false)).to_string();
        assert!(shown.contains(&format!("\n{long}     7\ny        7\n")));
        assert!(shown.len() < 30_000, "{} bytes", shown.len());
    }

    #[test]
    fn a_table_without_rows_says_so() {
        assert_eq!(Text::from(Table::new(["NAME"], "no users")).render(false), "no users\n");
    }
}
