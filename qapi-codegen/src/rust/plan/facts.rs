//! What has to be known of all types before one can be planned: which are generated, which contain themselves,
//! and which can be compared and hashed.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::rust::Options;
use crate::schema::{Builtin, Schema, Type, TypeId, TypeKind};

/// Facts about the types of a schema.
#[derive(Debug)]
pub(super) struct Facts {
    generated: BTreeSet<TypeId>,
    empty: Option<TypeId>,
    arguments: BTreeSet<TypeId>,
    cycle: BTreeMap<TypeId, usize>,
    not_eq: BTreeSet<TypeId>,
    not_hash: BTreeSet<TypeId>,
}

impl Facts {
    pub(super) fn find(schema: &Schema, options: &Options, diagnostics: &mut Diagnostics) -> Self {
        let mut generated = BTreeSet::new();
        let mut arguments = BTreeSet::new();
        if let Some(only) = &options.only {
            for name in only {
                if schema.command_named(name).is_none() {
                    let message = format!("there is no command `{name}` to be generated");
                    diagnostics.push(Diagnostic::without_place(Code::RustOption, message));
                }
            }
        } else {
            let written = |(id, ty): (TypeId, &Type)| (!ty.implicit).then_some((id, Met::Named));
            let data = schema.events().filter_map(|(_, event)| event.arguments);
            let data = data.map(|id| payload(schema, id));
            spread(schema, schema.types().filter_map(written).chain(data), &mut generated);
        }
        let commands = || schema.commands().filter(|(_, command)| options.selects(&command.name));
        let taken = commands().filter_map(|(_, command)| command.arguments);
        spread(schema, taken.map(|id| payload(schema, id)), &mut arguments);
        let returned = commands().filter_map(|(_, command)| command.returns);
        spread(schema, returned.map(|id| (id, Met::Named)), &mut generated);
        generated.extend(&arguments);
        let is_number = |kind: &TypeKind| matches!(kind, TypeKind::Builtin(Builtin::Number));
        let has_no_hash = |kind: &TypeKind| {
            is_number(kind) || matches!(kind, TypeKind::Union(_) | TypeKind::Builtin(Builtin::Any))
        };
        Self {
            generated,
            empty: schema.type_named("q_empty").map(|(id, _)| id),
            arguments,
            cycle: components(schema),
            not_eq: users_of(schema, of_kind(schema, is_number)),
            not_hash: users_of(schema, of_kind(schema, has_no_hash)),
        }
    }

    /// Whether there is a Rust type for it alone.
    pub(super) fn is_generated(&self, id: TypeId) -> bool {
        self.generated.contains(&id)
    }

    /// Whether it is QAPI's own object without members.
    pub(super) fn is_empty_object(&self, id: TypeId) -> bool {
        self.empty == Some(id)
    }

    /// Whether users have to make values of it, because some command takes them.
    pub(super) fn is_argument(&self, id: TypeId) -> bool {
        self.arguments.contains(&id)
    }

    /// Whether a member of `owner` that is a `member` would make the type contain itself.
    pub(super) fn closes_a_cycle(&self, owner: TypeId, member: TypeId) -> bool {
        self.cycle.get(&owner).is_some_and(|own| self.cycle.get(&member) == Some(own))
    }

    pub(super) fn is_eq(&self, id: TypeId) -> bool {
        !self.not_eq.contains(&id)
    }

    pub(super) fn is_hash(&self, id: TypeId) -> bool {
        !self.not_hash.contains(&id)
    }
}

/// How a type is met: by its own name, or as the members it lends to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Named,
    Flattened,
}

/// How the type of arguments or event data is met: members are taken over, but a union stays whole.
fn payload(schema: &Schema, id: TypeId) -> (TypeId, Met) {
    match schema[id].kind {
        TypeKind::Struct(_) => (id, Met::Flattened),
        _ => (id, Met::Named),
    }
}

/// Adds every type that Rust types for `from` mention.
fn spread(
    schema: &Schema,
    from: impl IntoIterator<Item = (TypeId, Met)>,
    found: &mut BTreeSet<TypeId>,
) {
    let mut open: Vec<(TypeId, Met)> = from.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some((id, met)) = open.pop() {
        if !seen.insert((id, met)) {
            continue;
        }
        let ty = &schema[id];
        let own = !matches!(ty.kind, TypeKind::Builtin(_) | TypeKind::Array(_));
        if own && met == Met::Named && ty.name != "q_empty" {
            found.insert(id);
        }
        let named = |id| (id, Met::Named);
        match &ty.kind {
            TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
            TypeKind::Array(element) => open.push(named(*element)),
            TypeKind::Struct(object) => {
                open.extend(object.members.iter().map(|member| named(member.ty)));
                open.extend(object.base.map(|base| (base, Met::Flattened)));
            }
            TypeKind::Union(union) => {
                open.extend([named(union.tag), (union.base, Met::Flattened)]);
                open.extend(union.branches.iter().map(|branch| named(branch.ty)));
            }
            TypeKind::Alternate(alternate) => {
                open.extend(alternate.branches.iter().map(|branch| named(branch.ty)));
            }
        }
    }
}

/// Every type that Rust types for a command's arguments mention.
pub(super) fn taken(schema: &Schema, arguments: TypeId) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    spread(schema, [payload(schema, arguments)], &mut found);
    found
}

/// All types whose kind is as asked.
fn of_kind(schema: &Schema, is_asked: impl Fn(&TypeKind) -> bool) -> Vec<TypeId> {
    schema.types().filter(|(_, ty)| is_asked(&ty.kind)).map(|(id, _)| id).collect()
}

/// These types, and all that hold one of them, however deep.
pub(super) fn users_of(schema: &Schema, mut open: Vec<TypeId>) -> BTreeSet<TypeId> {
    let mut users: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
    for (id, ty) in schema.types() {
        for used in ty.kind.references() {
            users.entry(used).or_default().push(id);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(users.get(&id).into_iter().flatten());
        }
    }
    found
}

/// Numbers the types that contain themselves, the same number for those on one cycle.
///
/// Only members of objects contain: a list is a pointer, and a branch is put behind one.
fn components(schema: &Schema) -> BTreeMap<TypeId, usize> {
    let held: BTreeMap<TypeId, Vec<TypeId>> = schema
        .types()
        .filter(|(_, ty)| matches!(ty.kind, TypeKind::Struct(_) | TypeKind::Union(_)))
        .map(|(id, ty)| (id, held_by(&ty.kind)))
        .collect();
    let mut search = Search { held: &held, marks: BTreeMap::new(), stack: Vec::new(), count: 0 };
    for id in held.keys() {
        search.visit(*id);
    }
    search.marks.into_iter().filter_map(|(id, mark)| Some((id, mark.component?))).collect()
}

/// What the Rust type holds without a pointer. A base stands for its members.
fn held_by(kind: &TypeKind) -> Vec<TypeId> {
    match kind {
        TypeKind::Struct(object) => {
            object.base.into_iter().chain(object.members.iter().map(|member| member.ty)).collect()
        }
        TypeKind::Union(union) => vec![union.base],
        _ => Vec::new(),
    }
}

/// Tarjan's search for cycles, with a stack of its own: schemas may be as deep as they like.
struct Search<'a> {
    held: &'a BTreeMap<TypeId, Vec<TypeId>>,
    marks: BTreeMap<TypeId, Mark>,
    stack: Vec<TypeId>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Mark {
    index: usize,
    low: usize,
    open: bool,
    component: Option<usize>,
}

impl Search<'_> {
    fn visit(&mut self, root: TypeId) {
        let mut path = Vec::new();
        if !self.marks.contains_key(&root) {
            self.open(root, &mut path);
        }
        while let Some((id, next)) = path.last_mut() {
            let (id, at) = (*id, *next);
            *next += 1;
            let Some(child) = self.held.get(&id).and_then(|held| held.get(at)) else {
                path.pop();
                let low = self.close(id);
                if let Some((parent, _)) = path.last() {
                    self.lower(*parent, low);
                }
                continue;
            };
            match self.marks.get(child).copied() {
                None if self.held.contains_key(child) => self.open(*child, &mut path),
                Some(mark) if mark.open => self.lower(id, mark.index),
                _ => {}
            }
        }
    }

    fn open(&mut self, id: TypeId, path: &mut Vec<(TypeId, usize)>) {
        let index = self.marks.len();
        self.marks.insert(id, Mark { index, low: index, open: true, component: None });
        self.stack.push(id);
        path.push((id, 0));
    }

    fn lower(&mut self, id: TypeId, low: usize) {
        if let Some(mark) = self.marks.get_mut(&id) {
            mark.low = mark.low.min(low);
        }
    }

    /// Ends a type; if it is the first of a cycle, ends all of that.
    fn close(&mut self, id: TypeId) -> usize {
        let Some(mark) = self.marks.get(&id).copied() else { return usize::MAX };
        if mark.low == mark.index {
            let start = self.stack.iter().rposition(|other| *other == id).unwrap_or(0);
            let members = self.stack.split_off(start);
            let alone =
                members.len() == 1 && !self.held.get(&id).is_some_and(|held| held.contains(&id));
            self.count += 1;
            for member in members {
                if let Some(mark) = self.marks.get_mut(&member) {
                    mark.open = false;
                    mark.component = (!alone).then_some(self.count);
                }
            }
        }
        mark.low
    }
}
