//! Several releases to one schema that is true of each of them.
//!
//! The newest release gives the shape; going back in time, each older one is folded in by these rules:
//! a member that some release lacks, or that it makes optional, becomes optional; a value, branch or definition
//! that only older releases have is kept; a result that used to be nothing makes the members of today's result
//! optional; a type that became an alternate with the old type among its branches stays that alternate; a reply
//! that some release does not send is not expected. Any other difference is reported, and nothing is merged.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::history::life::Life;
use crate::history::{Release, branch_path, member_path, type_name};
use crate::schema::{
    Branch, Command, Event, Member, Schema, Struct, Type, TypeId, TypeKind, Union,
};
use crate::source::Span;

/// Merges `releases`, oldest first; only those from `floor` on make a member optional by lacking it. Members whose paths are
/// in `loose` may change their types: somebody sees to it that they can hold any value.
pub(super) fn merge(
    releases: &[(Release, &Schema)],
    floor: Release,
    loose: &BTreeSet<String>,
    lives: &mut BTreeMap<String, Life>,
    diagnostics: &mut Diagnostics,
) -> Option<Schema> {
    let (&(_, newest), older) = releases.split_last()?;
    let mut merged = Merged { schema: newest.clone(), conflicts: Vec::new() };
    for &(release, schema) in older.iter().rev() {
        let counts = release >= floor;
        let mut fold = Fold { old: schema, release, counts, loose, into: &mut merged, lives };
        fold.types();
        fold.commands();
        fold.events();
    }
    let failed = !merged.conflicts.is_empty();
    diagnostics.extend(merged.conflicts);
    (!failed).then_some(merged.schema)
}

/// The schema under construction.
struct Merged {
    schema: Schema,
    conflicts: Vec<Diagnostic>,
}

impl Merged {
    fn known(&self, name: &str) -> Option<TypeId> {
        self.schema.type_named(name).map(|(id, _)| id)
    }

    fn kind_mut(&mut self, id: TypeId) -> &mut TypeKind {
        &mut self.schema.types[id.0 as usize].kind
    }

    /// Makes every member that `ty` always has optional.
    fn make_members_optional(&mut self, ty: TypeId) {
        let mut next = Some(ty);
        let mut left = self.schema.types.len();
        while let Some(id) = next.filter(|_| left > 0) {
            left -= 1;
            next = match self.kind_mut(id) {
                TypeKind::Struct(object) => {
                    object.members.iter_mut().for_each(|member| member.optional = true);
                    object.base
                }
                _ => None,
            };
        }
    }
}

/// One older release being folded into the rest.
struct Fold<'a> {
    old: &'a Schema,
    release: Release,
    /// Whether what this release lacks is optional.
    counts: bool,
    /// Members that may change their types.
    loose: &'a BTreeSet<String>,
    into: &'a mut Merged,
    lives: &'a mut BTreeMap<String, Life>,
}

/// What has members.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Named(&'a str),
    /// A struct of the old release.
    Type(TypeId),
}

impl Fold<'_> {
    fn types(&mut self) {
        for (id, ty) in self.old.types() {
            match (&ty.kind, self.into.known(&ty.name)) {
                (TypeKind::Array(_) | TypeKind::Builtin(_), Some(_)) => {}
                (_, None) => {
                    self.adopt(id);
                }
                (_, Some(known)) => self.fold_type(id, ty, known),
            }
        }
    }

    fn fold_type(&mut self, id: TypeId, old: &Type, known: TypeId) {
        let mut kind =
            std::mem::replace(self.into.kind_mut(known), TypeKind::Struct(Struct::default()));
        match (&old.kind, &mut kind) {
            (TypeKind::Enum(old), TypeKind::Enum(new)) => {
                for value in &old.values {
                    if !new.values.iter().any(|known| known.name == value.name) {
                        new.values.push(value.clone());
                    }
                }
            }
            (TypeKind::Struct(old_struct), TypeKind::Struct(new)) => {
                if self.same_name(old_struct.base, new.base) {
                    self.fold_members(Owner::Type(id), &old_struct.members, &mut new.members);
                } else {
                    self.conflict(old, &old.name, "its base changed");
                }
            }
            (TypeKind::Union(old_union), TypeKind::Union(new)) => {
                self.fold_union(old, old_union, new);
            }
            (TypeKind::Alternate(old_kind), TypeKind::Alternate(new)) => {
                self.fold_branches(old, &old_kind.branches, &mut new.branches);
            }
            _ => self.conflict(old, &old.name, "it became a definition of another kind"),
        }
        *self.into.kind_mut(known) = kind;
    }

    fn fold_union(&mut self, ty: &Type, old: &Union, new: &mut Union) {
        if old.discriminator != new.discriminator || !self.same_name(Some(old.base), Some(new.base))
        {
            self.conflict(ty, &ty.name, "its base or its discriminator changed");
            return;
        }
        self.fold_branches(ty, &old.branches, &mut new.branches);
    }

    fn fold_branches(&mut self, ty: &Type, old: &[Branch], new: &mut Vec<Branch>) {
        for branch in old {
            let Some(at) = new.iter().position(|known| known.name == branch.name) else {
                let ty = self.translate(branch.ty);
                new.push(Branch { ty, ..branch.clone() });
                continue;
            };
            let known = &mut new[at];
            // A value without members that has some now: the branch came later than the value.
            let was_empty = branch.implied || self.is_empty_object(branch.ty);
            if !was_empty && !self.same_name(Some(branch.ty), Some(known.ty)) {
                let (was, path) =
                    (type_name(self.old, branch.ty), branch_path(&ty.name, &branch.name));
                self.conflict(ty, &path, &format!("its type was `{was}`"));
            }
        }
    }

    fn is_empty_object(&self, ty: TypeId) -> bool {
        matches!(&self.old[ty].kind, TypeKind::Struct(object) if object.base.is_none() && object.members.is_empty())
    }

    /// Folds the old members of `owner` into the known ones.
    fn fold_members(&mut self, owner: Owner<'_>, old: &[Member], new: &mut Vec<Member>) {
        for member in new.iter_mut() {
            match old.iter().find(|known| known.name == member.name) {
                None => member.optional |= self.counts,
                Some(known) => {
                    member.optional |= known.optional && self.counts;
                    self.fold_member_type(owner, known, member);
                }
            }
        }
        for member in old {
            if !new.iter().any(|known| known.name == member.name) {
                let ty = self.translate(member.ty);
                new.push(Member { ty, optional: true, ..member.clone() });
            }
        }
    }

    /// The name of an owner: a struct that stands where it is used has that of its user, for which all have to be looked at.
    fn owner(&self, owner: Owner<'_>) -> String {
        let id = match owner {
            Owner::Named(name) => return name.to_owned(),
            Owner::Type(id) => id,
        };
        let is_it = |ty: Option<TypeId>| ty == Some(id);
        let command = self.old.commands().find(|(_, command)| is_it(command.arguments));
        let event = self.old.events().find(|(_, event)| is_it(event.arguments));
        let union = self
            .old
            .types()
            .find(|(_, ty)| matches!(&ty.kind, TypeKind::Union(union) if union.base == id));
        let user = command
            .map(|(_, command)| &command.name)
            .or_else(|| event.map(|(_, event)| &event.name))
            .or_else(|| union.map(|(_, ty)| &ty.name));
        user.filter(|_| self.old[id].implicit).unwrap_or(&self.old[id].name).clone()
    }

    fn fold_member_type(&mut self, owner: Owner<'_>, old: &Member, new: &Member) {
        let was = &self.old[old.ty].name;
        if *was == self.into.schema[new.ty].name || self.widened(old.ty, new.ty) {
            return;
        }
        let now = type_name(&self.into.schema, new.ty);
        let message = format!("its type was `{}` and became `{now}`", type_name(self.old, old.ty));
        let path = member_path(&self.owner(owner), &old.name);
        if self.loose.contains(&path) {
            return;
        }
        let conflict = conflict(&path, self.release, old.meta.span, &message);
        self.report(conflict.related(new.meta.span, "now").help(format!(
            "{WAY_OUT}; or let it hold any value: an entry in corrections.toml with `at = \"{path}\"`, `as = \"any\"` and the reason"
        )));
    }

    /// Whether `new` is an alternate that takes whatever `old` takes. Where it is, the branch has been usable
    /// since the old type was, which its life then says.
    fn widened(&mut self, old: TypeId, new: TypeId) -> bool {
        let old = &self.old[old].name;
        let Type { name, kind: TypeKind::Alternate(alternate), .. } = &self.into.schema[new] else {
            return false;
        };
        let Some(branch) =
            alternate.branches.iter().find(|branch| self.into.schema[branch.ty].name == *old)
        else {
            return false;
        };
        if let Some(life) = self.lives.get_mut(&branch_path(name, &branch.name)) {
            life.since = life.since.min(self.release);
        }
        true
    }

    fn commands(&mut self) {
        for (_, old) in self.old.commands() {
            let known =
                self.into.schema.commands.iter().position(|command| command.name == old.name);
            let Some(at) = known else {
                let command = Command {
                    arguments: old.arguments.map(|ty| self.translate(ty)),
                    returns: old.returns.map(|ty| self.translate(ty)),
                    ..old.clone()
                };
                self.into.schema.add_command(command);
                continue;
            };
            let mut command = self.into.schema.commands[at].clone();
            command.arguments =
                self.fold_object(&old.name, old.meta.span, old.arguments, command.arguments);
            self.fold_returns(old, &mut command);
            command.success_response &= old.success_response;
            self.into.schema.commands[at] = command;
        }
    }

    fn fold_returns(&mut self, old: &Command, new: &mut Command) {
        match (old.returns, new.returns) {
            (Some(was), Some(now))
                if !self.same_name(Some(was), Some(now)) && !self.widened(was, now) =>
            {
                let message = format!(
                    "it returned `{}`, then `{}`",
                    type_name(self.old, was),
                    type_name(&self.into.schema, now)
                );
                self.report(conflict(&old.name, self.release, old.meta.span, &message));
            }
            (Some(was), None) => {
                let now = self.translate(was);
                self.into.make_members_optional(now);
                new.returns = Some(now);
            }
            (None, Some(now)) if old.success_response => {
                if !matches!(self.into.schema[now].kind, TypeKind::Struct(_)) {
                    let message = "it returned nothing, then something that is not an object";
                    self.report(conflict(&old.name, self.release, old.meta.span, message));
                } else if self.counts {
                    self.into.make_members_optional(now);
                }
            }
            _ => {}
        }
    }

    fn events(&mut self) {
        for (_, old) in self.old.events() {
            let known = self.into.schema.events.iter().position(|event| event.name == old.name);
            let Some(at) = known else {
                let event =
                    Event { arguments: old.arguments.map(|ty| self.translate(ty)), ..old.clone() };
                self.into.schema.add_event(event);
                continue;
            };
            let arguments = self.into.schema.events[at].arguments;
            self.into.schema.events[at].arguments =
                self.fold_object(&old.name, old.meta.span, old.arguments, arguments);
        }
    }

    /// Folds the members of an argument object. Named types have been folded as types already, and so have
    /// implicit ones that both releases have; what is left is one side without any.
    fn fold_object(
        &mut self,
        owner: &str,
        span: Span,
        old: Option<TypeId>,
        new: Option<TypeId>,
    ) -> Option<TypeId> {
        match (old, new) {
            (None, Some(new)) => {
                if self.counts {
                    self.into.make_members_optional(new);
                }
                Some(new)
            }
            (Some(old), None) => {
                let new = self.translate(old);
                self.into.make_members_optional(new);
                Some(new)
            }
            (Some(old), Some(new)) if !self.same_name(Some(old), Some(new)) => {
                self.fold_unlike_objects(owner, span, old, new);
                Some(new)
            }
            (_, new) => new,
        }
    }

    /// Two argument objects of different names, such as members written in place that became a named struct:
    /// alike on the wire if the members are.
    fn fold_unlike_objects(&mut self, owner: &str, span: Span, old: TypeId, new: TypeId) {
        let old_members = self.old.members(old).into_iter().cloned().collect::<Vec<_>>();
        let new_is_flat = matches!(&self.into.schema[new].kind, TypeKind::Struct(object) if object.base.is_none());
        if !new_is_flat || !matches!(self.old[old].kind, TypeKind::Struct(_)) {
            let message = "its arguments became an object of another kind";
            self.report(conflict(owner, self.release, span, message));
            return;
        }
        let mut kind =
            std::mem::replace(self.into.kind_mut(new), TypeKind::Struct(Struct::default()));
        if let TypeKind::Struct(object) = &mut kind {
            self.fold_members(Owner::Named(owner), &old_members, &mut object.members);
        }
        *self.into.kind_mut(new) = kind;
    }

    /// The merged id for a type of the old schema, which is adopted if it is not known.
    fn translate(&mut self, old: TypeId) -> TypeId {
        match self.into.known(&self.old[old].name) {
            Some(known) => known,
            None => self.adopt(old),
        }
    }

    /// Takes a type that no newer release has over, and all that it refers to.
    fn adopt(&mut self, root: TypeId) -> TypeId {
        // Ids first, references afterwards: types may refer to each other in circles.
        let mut adopted = Vec::new();
        let mut waiting = vec![root];
        while let Some(old) = waiting.pop() {
            let ty = &self.old[old];
            if self.into.known(&ty.name).is_some() {
                continue;
            }
            adopted.push(self.into.schema.add_type(ty.clone()));
            waiting.extend(ty.kind.references());
        }
        for &id in &adopted {
            let mut kind = self.into.schema[id].kind.clone();
            for reference in kind.references_mut() {
                if let Some(known) = self.into.known(&self.old[*reference].name) {
                    *reference = known;
                }
            }
            *self.into.kind_mut(id) = kind;
        }
        self.into.known(&self.old[root].name).unwrap_or(root)
    }

    fn same_name(&self, old: Option<TypeId>, new: Option<TypeId>) -> bool {
        old.map(|ty| &self.old[ty].name) == new.map(|ty| &self.into.schema[ty].name)
    }

    /// Releases below the floor may differ as they like.
    fn report(&mut self, conflict: Diagnostic) {
        if self.counts {
            self.into.conflicts.push(conflict);
        }
    }

    fn conflict(&mut self, old: &Type, path: &str, message: &str) {
        self.report(conflict(path, self.release, old.meta.span, message));
    }
}

fn conflict(path: &str, release: Release, span: Span, message: &str) -> Diagnostic {
    let text = format!(
        "`{path}` of {release} and of later releases have no common description: {message}"
    );
    Diagnostic::error(Code::IncompatibleRelease, span, text).help(WAY_OUT)
}

/// What a person can do about releases without a common description.
const WAY_OUT: &str = "raise `oldest` in releases.toml past this release: the types then follow the newer form, agents older \
                       than that may be misread, and the bindings need a major release";
