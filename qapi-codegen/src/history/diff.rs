//! Two schemas to the list of what changed between them.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::item::{Item, ItemKind, items, owner_path};
use crate::schema::{Condition, Schema, TypeId, TypeKind};

/// One difference between two schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The item: `guest-exec.path`, `GuestDiskSmart/nvme`.
    pub path: String,
    /// What the item is.
    pub item: ItemKind,
    /// What happened to it.
    pub kind: ChangeKind,
    /// It is a branch of an alternate.
    pub of_alternate: bool,
    /// Which way its values travel.
    pub direction: Direction,
    /// The commands and events through which it is reached, without the one it belongs to.
    pub used_by: Vec<String>,
}

/// What can happen to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new. Parts of a new definition are not listed.
    Added {
        /// It may be absent, if it is a member or an argument.
        optional: bool,
    },
    /// It is gone. Parts of a definition that is gone are not listed.
    Removed {
        /// It could be absent, if it was a member or an argument.
        optional: bool,
    },
    /// It was mandatory and may be absent now.
    MadeOptional,
    /// It could be absent and is mandatory now.
    MadeMandatory,
    /// Its values, or what the command returns, are of another type. `None`: nothing is returned.
    Retyped {
        /// The old type.
        from: Option<String>,
        /// The new type.
        to: Option<String>,
        /// How the types relate.
        relation: Relation,
    },
    /// The command no longer answers on success.
    ReplyDropped,
    /// The command answers on success now.
    ReplyAdded,
    /// A struct became a union, say.
    KindChanged {
        /// What it was.
        from: ItemKind,
    },
    /// Another member selects the branch.
    DiscriminatorChanged,
    /// It exists in other builds than before.
    ConditionChanged {
        /// The old condition.
        from: Option<Condition>,
        /// The new condition.
        to: Option<Condition>,
    },
    /// It has a feature more.
    FeatureAdded(String),
    /// It has a feature less.
    FeatureRemoved(String),
}

/// How a new type relates to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Another name for the same values.
    Same,
    /// An alternate that also takes the old type.
    Widened,
    /// From nothing to an object.
    Began,
    /// Anything else.
    Unrelated,
}

/// Which way the values of an item travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Direction {
    /// To the agent, as arguments.
    pub argument: bool,
    /// From the agent, as results or event data.
    pub result: bool,
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match (self.argument, self.result) {
            (true, true) => "argument and result",
            (true, false) => "argument",
            (false, true) => "result",
            (false, false) => "unused",
        })
    }
}

/// What changed from `old` to `new`, by path.
pub fn diff(old: &Schema, new: &Schema) -> Vec<Change> {
    let comparison = Comparison {
        new,
        old_items: items(old),
        new_items: items(new),
        usage: Usage::of(old).and(Usage::of(new)),
    };
    comparison.changes()
}

struct Comparison<'a> {
    new: &'a Schema,
    old_items: BTreeMap<String, Item>,
    new_items: BTreeMap<String, Item>,
    usage: Usage,
}

impl Comparison<'_> {
    fn changes(&self) -> Vec<Change> {
        let paths = self.old_items.keys().chain(self.new_items.keys()).collect::<BTreeSet<_>>();
        paths.into_iter().flat_map(|path| self.changes_at(path)).collect()
    }

    fn changes_at(&self, path: &str) -> Vec<Change> {
        let (old, new) = (self.old_items.get(path), self.new_items.get(path));
        let kinds = self.kinds_at(path);
        if kinds.is_empty() || self.is_told_elsewhere(path, old, new, &kinds) {
            return Vec::new();
        }
        let Some(item) = new.or(old) else { return Vec::new() };
        let owner = owner_path(path);
        let (direction, used_by) = self.usage.of_item(owner);
        let used_by = used_by.into_iter().filter(|user| user != owner).collect::<Vec<_>>();
        let owner_item = self.new_items.get(owner).or_else(|| self.old_items.get(owner));
        let of_alternate = owner_item.is_some_and(|owner| owner.kind == ItemKind::Alternate);
        let change = |kind| Change {
            path: path.to_owned(),
            item: item.kind,
            kind,
            of_alternate: of_alternate && item.kind == ItemKind::Branch,
            direction,
            used_by: used_by.clone(),
        };
        kinds.into_iter().map(change).collect()
    }

    /// What happened at `path`, wherever else it may have been told.
    fn kinds_at(&self, path: &str) -> Vec<ChangeKind> {
        match (self.old_items.get(path), self.new_items.get(path)) {
            (None, Some(new)) => vec![ChangeKind::Added { optional: new.optional }],
            (Some(old), None) => vec![ChangeKind::Removed { optional: old.optional }],
            (Some(old), Some(new)) => self.compare(old, new),
            (None, None) => Vec::new(),
        }
    }

    /// Parts of a definition that came, went or became another kind, and what is inherited from a struct that tells of it itself.
    fn is_told_elsewhere(
        &self,
        path: &str,
        old: Option<&Item>,
        new: Option<&Item>,
        kinds: &[ChangeKind],
    ) -> bool {
        let owner = owner_path(path);
        if owner == path {
            return false;
        }
        let kind = |items: &BTreeMap<String, Item>| items.get(owner).map(|item| item.kind);
        if kind(&self.old_items) != kind(&self.new_items) {
            return true;
        }
        let via = [old, new]
            .into_iter()
            .flatten()
            .map(|item| item.via.as_deref())
            .collect::<BTreeSet<_>>();
        match via.into_iter().collect::<Vec<_>>()[..] {
            [Some(base)] => self.kinds_at(&format!("{base}{}", &path[owner.len()..])) == kinds,
            _ => false,
        }
    }

    fn compare(&self, old: &Item, new: &Item) -> Vec<ChangeKind> {
        if old.kind != new.kind {
            return vec![ChangeKind::KindChanged { from: old.kind }];
        }
        let mut kinds = Vec::new();
        if old.ty != new.ty {
            let relation = self.relate(old.ty.as_deref(), new.ty.as_deref());
            kinds.push(ChangeKind::Retyped { from: old.ty.clone(), to: new.ty.clone(), relation });
        }
        match (old.optional, new.optional) {
            (false, true) => kinds.push(ChangeKind::MadeOptional),
            (true, false) => kinds.push(ChangeKind::MadeMandatory),
            _ => {}
        }
        match (old.success_response, new.success_response) {
            (true, false) => kinds.push(ChangeKind::ReplyDropped),
            (false, true) => kinds.push(ChangeKind::ReplyAdded),
            _ => {}
        }
        if old.discriminator != new.discriminator {
            kinds.push(ChangeKind::DiscriminatorChanged);
        }
        if old.condition != new.condition {
            kinds.push(ChangeKind::ConditionChanged {
                from: old.condition.clone(),
                to: new.condition.clone(),
            });
        }
        let missing = |of: &Item, from: &Item| {
            of.features
                .iter()
                .filter(|feature| !from.features.contains(feature))
                .cloned()
                .collect::<Vec<_>>()
        };
        kinds.extend(missing(new, old).into_iter().map(ChangeKind::FeatureAdded));
        kinds.extend(missing(old, new).into_iter().map(ChangeKind::FeatureRemoved));
        kinds
    }

    fn relate(&self, old: Option<&str>, new: Option<&str>) -> Relation {
        let (Some(old), Some(new)) = (old, new) else {
            let object = |name: &str| matches!(self.kind_of(name), Some(TypeKind::Struct(_)));
            return if old.is_none() && new.is_some_and(object) {
                Relation::Began
            } else {
                Relation::Unrelated
            };
        };
        if same_values(old, new) {
            return Relation::Same;
        }
        match self.kind_of(new) {
            Some(TypeKind::Alternate(alternate)) => {
                let takes_old = alternate.branches.iter().any(|branch| {
                    same_values(old, &crate::history::type_name(self.new, branch.ty))
                });
                if takes_old { Relation::Widened } else { Relation::Unrelated }
            }
            _ => Relation::Unrelated,
        }
    }

    fn kind_of(&self, name: &str) -> Option<&TypeKind> {
        self.new.type_named(name).map(|(_, ty)| &ty.kind)
    }
}

/// Built-in types of different names with the same values.
fn same_values(old: &str, new: &str) -> bool {
    let canonical = |name: &str| match name {
        "int64" => "int".to_owned(),
        "size" => "uint64".to_owned(),
        "[int64]" => "[int]".to_owned(),
        "[size]" => "[uint64]".to_owned(),
        other => other.to_owned(),
    };
    canonical(old) == canonical(new)
}

/// Who reaches which definition, and in which direction. Commands and events reach themselves.
#[derive(Default)]
struct Usage {
    users: BTreeMap<String, (Direction, BTreeSet<String>)>,
}

impl Usage {
    fn of(schema: &Schema) -> Self {
        const ARGUMENT: Direction = Direction { argument: true, result: false };
        const RESULT: Direction = Direction { argument: false, result: true };
        let mut usage = Self::default();
        for (_, command) in schema.commands() {
            usage.add(&command.name, &command.name, ARGUMENT);
            usage.reach(schema, &command.name, command.arguments, ARGUMENT);
            usage.reach(schema, &command.name, command.returns, RESULT);
        }
        for (_, event) in schema.events() {
            usage.add(&event.name, &event.name, RESULT);
            usage.reach(schema, &event.name, event.arguments, RESULT);
        }
        usage
    }

    fn reach(&mut self, schema: &Schema, user: &str, from: Option<TypeId>, direction: Direction) {
        let mut seen = BTreeSet::new();
        let mut waiting = from.into_iter().collect::<Vec<_>>();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            self.add(&schema[id].name, user, direction);
            waiting.extend(schema[id].kind.references());
        }
    }

    fn add(&mut self, definition: &str, user: &str, direction: Direction) {
        let (known, users) = self.users.entry(definition.to_owned()).or_default();
        known.argument |= direction.argument;
        known.result |= direction.result;
        users.insert(user.to_owned());
    }

    fn and(mut self, other: Self) -> Self {
        for (definition, (direction, users)) in other.users {
            for user in users {
                self.add(&definition, &user, direction);
            }
        }
        self
    }

    /// The direction of an item that belongs to `owner`, and who uses it.
    fn of_item(&self, owner: &str) -> (Direction, BTreeSet<String>) {
        self.users.get(owner).cloned().unwrap_or_default()
    }
}
