//! Changes of build conditions, which come in crowds: one entry for each pair of conditions, not for each item.

use std::collections::BTreeMap;

use crate::history::{Change, ChangeKind, ItemKind};
use crate::report::condition::{condition_code, condition_words};
use crate::schema::Condition;

/// Items whose condition changed alike.
pub(super) struct ConditionMove<'a> {
    /// The old condition; `None` if they were in all builds.
    pub(super) from: Option<&'a Condition>,
    /// The new condition; `None` if they are in all builds.
    pub(super) to: Option<&'a Condition>,
    /// The changes, by path.
    pub(super) changes: Vec<&'a Change>,
}

/// Takes the changes of conditions out of `changes`, grouped by what they were and what they became.
pub(super) fn split<'a>(changes: Vec<&'a Change>) -> (Vec<&'a Change>, Vec<ConditionMove<'a>>) {
    let (mut others, mut moves) = (Vec::new(), BTreeMap::new());
    for change in changes {
        let ChangeKind::ConditionChanged { from, to } = &change.kind else {
            others.push(change);
            continue;
        };
        let (from, to) = (from.as_ref(), to.as_ref());
        let empty = || ConditionMove { from, to, changes: Vec::new() };
        let entry: &mut ConditionMove<'a> =
            moves.entry((code(from), code(to))).or_insert_with(empty);
        entry.changes.push(change);
    }
    (others, moves.into_values().collect())
}

impl ConditionMove<'_> {
    /// The pair as the schema writes it: `always -> any(CONFIG_LINUX, CONFIG_WIN32)`.
    pub(super) fn codes(&self) -> String {
        format!("{} -> {}", code(self.from), code(self.to))
    }

    /// The pair for people: `was in all builds, now in builds for Linux or Windows`.
    pub(super) fn words(&self) -> String {
        format!("was {}, now {}", words(self.from), words(self.to))
    }

    /// The items by sort, `commands` before `types` before `parts`, leaving out sorts that have none.
    pub(super) fn items(&self) -> Vec<(&'static str, Vec<&str>)> {
        let sorts = ["commands", "events", "types", "parts"];
        let of = |sort: &str| {
            let paths = self.changes.iter().filter(|change| sort_of(change.item) == sort);
            paths.map(|change| change.path.as_str()).collect::<Vec<_>>()
        };
        sorts
            .into_iter()
            .map(|sort| (sort, of(sort)))
            .filter(|(_, paths)| !paths.is_empty())
            .collect()
    }
}

fn sort_of(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Command => "commands",
        ItemKind::Event => "events",
        kind if kind.is_definition() => "types",
        _ => "parts",
    }
}

fn code(condition: Option<&Condition>) -> String {
    condition.map_or_else(|| "always".to_owned(), condition_code)
}

fn words(condition: Option<&Condition>) -> String {
    condition.map_or_else(
        || "in all builds".to_owned(),
        |condition| format!("in builds {}", condition_words(condition)),
    )
}
