//! The changes between every two schemas, in a form whose size follows what changed rather than how many pairs
//! there are.
//!
//! An item seldom has more than a few states. Schemas are put into one class for an item if no comparison, with
//! any other schema and in either direction, tells them apart there; what is left to write down is one list of
//! changes for each pair of classes. Nothing is derived a second time: looking up two classes gives what
//! [`diff`] gave for the two schemas.

use std::collections::BTreeMap;

use crate::history::{Change, diff};
use crate::schema::Schema;

/// What comparing schemas tells of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The class of each schema.
    pub classes: Vec<usize>,
    /// From which class to which what changes. Pairs that are missing have no changes.
    pub moves: BTreeMap<(usize, usize), Vec<Change>>,
}

/// Compares each of `schemas` with each, and sorts what that gives by path.
pub(super) fn outcomes(schemas: &[&Schema]) -> BTreeMap<String, Outcome> {
    let mut grids: BTreeMap<String, Grid> = BTreeMap::new();
    for (from, old) in schemas.iter().enumerate() {
        for (to, new) in schemas.iter().enumerate().filter(|&(to, _)| to != from) {
            for changes in diff(old, new).chunk_by(|one, other| one.path == other.path) {
                let Some(first) = changes.first() else { continue };
                let grid = grids.entry(first.path.clone()).or_default();
                let list = grid.intern(changes);
                grid.lists_of.insert((from, to), list);
            }
        }
    }
    grids.into_iter().map(|(path, grid)| (path, grid.classify(schemas.len()))).collect()
}

/// What each comparison tells of one item.
#[derive(Default)]
struct Grid {
    lists: Vec<Vec<Change>>,
    /// From schema to schema, an index into `lists`.
    lists_of: BTreeMap<(usize, usize), usize>,
}

impl Grid {
    fn intern(&mut self, changes: &[Change]) -> usize {
        let known = self.lists.iter().position(|list| list == changes);
        known.unwrap_or_else(|| {
            self.lists.push(changes.to_vec());
            self.lists.len() - 1
        })
    }

    fn classify(self, count: usize) -> Outcome {
        let mut known = BTreeMap::new();
        let mut outcome = Outcome::default();
        for schema in 0..count {
            let lookup = |from, to| self.lists_of.get(&(from, to)).copied();
            let outgoing = (0..count).map(|other| lookup(schema, other));
            let incoming = (0..count).map(|other| lookup(other, schema));
            let behaviour = outgoing.chain(incoming).collect::<Vec<_>>();
            let next = known.len();
            outcome.classes.push(*known.entry(behaviour).or_insert(next));
        }
        for (&(from, to), &list) in &self.lists_of {
            let class = |schema: usize| outcome.classes.get(schema).copied();
            let (Some(from), Some(to), Some(changes)) =
                (class(from), class(to), self.lists.get(list))
            else {
                continue;
            };
            outcome.moves.entry((from, to)).or_insert_with(|| changes.clone());
        }
        outcome
    }
}
