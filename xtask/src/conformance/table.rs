//! The outcome of all cases by category.

use std::collections::BTreeMap;
use std::fmt;

use super::case::Outcome;

/// How many of how many agree.
#[derive(Clone, Copy, Default)]
struct Score {
    good: usize,
    all: usize,
}

impl Score {
    fn count(&mut self, part: Option<bool>) {
        self.good += usize::from(part == Some(true));
        self.all += usize::from(part.is_some());
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all == 0 { f.pad("-") } else { f.pad(&format!("{}/{}", self.good, self.all)) }
    }
}

/// The columns: accepts, rejects, line, column, structure.
type Row = [Score; 5];

/// One row for each category, and their sums.
#[derive(Default)]
pub(crate) struct Table {
    rows: BTreeMap<&'static str, Row>,
    total: Row,
}

impl Table {
    pub(crate) fn count(&mut self, category: &'static str, outcome: &Outcome) {
        let parts =
            [outcome.accept, outcome.reject, outcome.line, outcome.column, outcome.structure];
        for row in [self.rows.entry(category).or_default(), &mut self.total] {
            row.iter_mut().zip(parts).for_each(|(score, part)| score.count(part));
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<16}{:>9}{:>9}{:>9}{:>9}{:>11}",
            "category", "accepts", "rejects", "line", "column", "structure"
        )?;
        for (category, row) in self.rows.iter().chain([(&"all", &self.total)]) {
            let [accepts, rejects, line, column, structure] = row;
            writeln!(
                f,
                "{category:<16}{accepts:>9}{rejects:>9}{line:>9}{column:>9}{structure:>11}"
            )?;
        }
        Ok(())
    }
}
