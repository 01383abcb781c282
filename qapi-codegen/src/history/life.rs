//! What became of each item, from release to release.

use std::collections::BTreeMap;
use std::ptr;

use crate::history::Release;
use crate::history::item::{Item, ItemKind, items};
use crate::parallel;
use crate::schema::{Condition, Schema};

/// When an item exists, and what it was when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// What it is.
    pub kind: ItemKind,
    /// The first release that has it.
    pub since: Release,
    /// The first release that no longer has it.
    pub until: Option<Release>,
    /// Each change of the facts, in order; the first entry is what it was at first.
    pub eras: Vec<Era>,
}

/// What an item was, from a release on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Era {
    /// The release with which this became so.
    pub from: Release,
    /// The facts.
    pub item: Item,
}

impl Life {
    /// The facts of the newest release that has the item.
    pub fn newest(&self) -> Option<&Item> {
        self.eras.last().map(|era| &era.item)
    }

    /// The first release in which it may be absent, if it was mandatory when it came.
    pub fn optional_since(&self) -> Option<Release> {
        let first = self.eras.first().filter(|era| !era.item.optional)?;
        self.eras.iter().find(|era| era.from > first.from && era.item.optional).map(|era| era.from)
    }

    /// The types it has had, each with its first release.
    pub fn types(&self) -> Vec<(Release, Option<&str>)> {
        let mut types: Vec<(Release, Option<&str>)> = Vec::new();
        for era in &self.eras {
            let ty = era.item.ty.as_deref();
            if types.last().is_none_or(|&(_, last)| last != ty) {
                types.push((era.from, ty));
            }
        }
        types
    }

    /// The spans of releases in which only some builds have it, each with its end, if it has ended, and with its
    /// condition.
    pub fn conditional(&self) -> Vec<(Release, Option<Release>, &Condition)> {
        let conditions = self.conditions();
        let ends = conditions.iter().skip(1).map(|&(from, _)| Some(from)).chain([self.until]);
        let spans = conditions.iter().zip(ends);
        spans.filter_map(|(&(from, condition), end)| Some((from, end, condition?))).collect()
    }

    /// The conditions it has had, each with its first release.
    pub fn conditions(&self) -> Vec<(Release, Option<&Condition>)> {
        let mut conditions: Vec<(Release, Option<&Condition>)> = Vec::new();
        for era in &self.eras {
            let condition = era.item.condition.as_ref();
            if conditions.last().is_none_or(|&(_, last)| last != condition) {
                conditions.push((era.from, condition));
            }
        }
        conditions
    }
}

/// Follows every item through `releases`, oldest first.
pub(super) fn lives(releases: &[(Release, &Schema)]) -> BTreeMap<String, Life> {
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    let mut distinct = releases.to_vec();
    // Most releases have the schema of the one before.
    distinct.dedup_by(|(_, schema), (_, before)| ptr::eq(*schema, *before));
    let present = parallel::each(distinct.len(), |at| items(distinct[at].1));
    for ((release, _), mut present) in distinct.into_iter().zip(present) {
        for (path, life) in &mut lives {
            match present.remove(path) {
                Some(item) => {
                    life.until = None;
                    if life.newest().is_none_or(|last| !last.says_the_same(&item)) {
                        life.eras.push(Era { from: release, item });
                    }
                }
                None => life.until = life.until.or(Some(release)),
            }
        }
        for (path, item) in present {
            let first = Life {
                kind: item.kind,
                since: release,
                until: None,
                eras: vec![Era { from: release, item }],
            };
            lives.insert(path, first);
        }
    }
    lives
}
