//! Entities with names, on their way to a schema: types are known by name only, rules are not checked yet.

use std::collections::BTreeMap;

use super::{Builtin, Entity, TypeId};
use crate::check::definition::{BranchItem, Flags, MemberItem, Traits, TypeRef, ValueItem};
use crate::source::{Span, Spanned};
use crate::syntax::doc::Doc;
use crate::syntax::quote::quoted;

/// Everything that will be in the schema, in the order of creation.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) entities: Vec<Draft>,
    /// First come, first served; a second of the same name is an error elsewhere.
    names: BTreeMap<String, usize>,
    /// Arrays by their element's name. They have names, but a definition of an old schema may have one too.
    arrays: BTreeMap<String, usize>,
}

/// One entity.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) implicit: bool,
    /// The definition that made it; `None` for the built-in ones.
    pub(super) at: Option<Span>,
    /// Where the name is written, or whatever comes nearest.
    pub(super) label: Span,
    pub(super) doc: Option<Doc>,
    pub(super) traits: Traits,
    pub(super) kind: DraftKind,
}

#[derive(Debug)]
pub(super) enum DraftKind {
    Builtin(Builtin),
    Array { element: String },
    Enum { values: Vec<ValueItem>, prefix: Option<String> },
    Object { base: Option<TypeRef>, members: Vec<MemberItem>, branches: Option<Branches> },
    Alternate { branches: Vec<BranchItem> },
    Command { arguments: Option<TypeRef>, returns: Option<TypeRef>, flags: Flags },
    Event { arguments: Option<TypeRef>, boxed: bool },
}

/// The part of an object that depends on the value of a member.
#[derive(Debug)]
pub(super) struct Branches {
    pub(super) discriminator: Spanned<String>,
    /// The enum, where it is not the discriminator's own type.
    pub(super) tag: Option<String>,
    pub(super) list: Vec<BranchItem>,
}

impl Draft {
    /// A type of the language itself.
    pub(super) fn builtin(name: &str, kind: DraftKind) -> Self {
        Self {
            name: name.to_owned(),
            implicit: true,
            at: None,
            label: Span::default(),
            doc: None,
            traits: Traits::default(),
            kind,
        }
    }

    pub(super) fn is_type(&self) -> bool {
        !matches!(self.kind, DraftKind::Command { .. } | DraftKind::Event { .. })
    }

    /// What it is, in words.
    pub(super) fn describe(&self) -> String {
        let kind = match &self.kind {
            DraftKind::Builtin(_) => "built-in type",
            DraftKind::Array { element } => return format!("the array type `['{element}']`"),
            DraftKind::Enum { .. } if self.at.is_none() => "built-in type",
            DraftKind::Enum { .. } => "enum",
            DraftKind::Object { branches: Some(_), .. } => "union",
            DraftKind::Object { .. } if self.at.is_none() => "built-in type",
            DraftKind::Object { .. } => "struct",
            DraftKind::Alternate { .. } => "alternate",
            DraftKind::Command { .. } => "command",
            DraftKind::Event { .. } => "event",
        };
        format!("{kind} {}", quoted(&self.name))
    }
}

impl Drafts {
    /// Adds `draft`, and gives its place.
    pub(super) fn add(&mut self, draft: Draft) -> usize {
        let at = self.entities.len();
        if let DraftKind::Array { element } = &draft.kind {
            self.arrays.entry(element.clone()).or_insert(at);
        }
        self.names.entry(draft.name.clone()).or_insert(at);
        self.entities.push(draft);
        at
    }

    /// The first entity of this name.
    pub(super) fn named(&self, name: &str) -> Option<(usize, &Draft)> {
        let at = *self.names.get(name)?;
        Some((at, self.entities.get(at)?))
    }

    /// Lets `name` mean the entity that is added next.
    pub(super) fn forget(&mut self, name: &str) {
        self.names.remove(name);
    }

    pub(super) fn has_array_of(&self, element: &str) -> bool {
        self.arrays.contains_key(element)
    }

    /// The type that `ty` names.
    pub(super) fn resolve(&self, ty: &TypeRef) -> Option<(usize, &Draft)> {
        if ty.array {
            let at = *self.arrays.get(&ty.name)?;
            Some((at, self.entities.get(at)?))
        } else {
            self.type_named(&ty.name)
        }
    }

    /// The type named `name`.
    pub(super) fn type_named(&self, name: &str) -> Option<(usize, &Draft)> {
        self.named(name).filter(|(_, draft)| draft.is_type())
    }

    /// The ids that the entities will have in the schema: each kind is counted by itself.
    pub(super) fn ids(&self) -> Vec<Entity> {
        let (mut types, mut commands, mut events) = (0, 0, 0);
        let next = |count: &mut u32| {
            *count += 1;
            *count - 1
        };
        let id = |draft: &Draft| match draft.kind {
            DraftKind::Command { .. } => Entity::Command(super::CommandId(next(&mut commands))),
            DraftKind::Event { .. } => Entity::Event(super::EventId(next(&mut events))),
            _ => Entity::Type(TypeId(next(&mut types))),
        };
        self.entities.iter().map(id).collect()
    }
}
