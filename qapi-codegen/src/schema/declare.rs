//! Definitions to drafts: creates every entity, the implicit ones before the definition that needs them.

use super::builtin::{self, array_name};
use super::draft::{Branches, Draft, DraftKind, Drafts};
use crate::check::definition::{
    Body, BranchItem, Definition, InlineStruct, MemberItem, Members, Traits, TypeRef, ValueItem,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Allowance, Dialect};
use crate::source::{Span, Spanned};
use crate::syntax::doc::Doc;
use crate::syntax::quote::quoted;

/// Creates the entities of a schema.
pub(super) struct Declarer<'d> {
    pub(super) drafts: Drafts,
    dialect: Dialect,
    diagnostics: &'d mut Diagnostics,
}

/// The definition whose entities are being created.
struct Owner {
    name: Spanned<String>,
    at: Span,
    traits: Traits,
}

impl<'d> Declarer<'d> {
    /// Nothing but the built-in types.
    pub(super) fn new(dialect: Dialect, diagnostics: &'d mut Diagnostics) -> Self {
        let mut drafts = Drafts::default();
        builtin::declare(&mut drafts);
        Self { drafts, dialect, diagnostics }
    }

    /// Creates the entities of one definition.
    pub(super) fn definition(&mut self, definition: Definition) {
        let Definition { name, span, doc, traits, body, inline } = definition;
        let owner = Owner { name, at: span, traits };
        for InlineStruct { name, members } in inline {
            self.implicit_object(&owner, name, members);
        }
        let kind = match body {
            Body::Enum { values, prefix } => DraftKind::Enum { values, prefix },
            Body::Struct { base, members } => {
                self.arrays_of_members(&owner, &members);
                DraftKind::Object { base, members, branches: None }
            }
            Body::Union { base, discriminator, branches } => {
                self.union(&owner, base, discriminator, branches)
            }
            Body::SimpleUnion { base, branches } => self.simple_union(&owner, base, branches),
            Body::Alternate { branches } => {
                for branch in &branches {
                    self.array(&owner, &branch.ty);
                }
                DraftKind::Alternate { branches }
            }
            Body::Command { arguments, returns, flags } => {
                let arguments = arguments.and_then(|members| self.object(&owner, members, "arg"));
                if let Some(returns) = &returns {
                    self.array(&owner, returns);
                }
                DraftKind::Command { arguments, returns, flags }
            }
            Body::Event { arguments, boxed } => {
                let arguments = arguments.and_then(|members| self.object(&owner, members, "arg"));
                DraftKind::Event { arguments, boxed }
            }
        };
        self.define(owner, doc, kind);
    }

    fn union(
        &mut self,
        owner: &Owner,
        base: Members,
        discriminator: Spanned<String>,
        list: Vec<BranchItem>,
    ) -> DraftKind {
        let base = self.object(owner, base, "base");
        for branch in &list {
            self.array(owner, &branch.ty);
        }
        let tag = self.string_discriminator(owner, base.as_ref(), &discriminator, &list);
        DraftKind::Object {
            base,
            members: Vec::new(),
            branches: Some(Branches { discriminator, tag, list }),
        }
    }

    /// The enum of the branches' names, where an old schema has a string to select one of them.
    fn string_discriminator(
        &mut self,
        owner: &Owner,
        base: Option<&TypeRef>,
        discriminator: &Spanned<String>,
        list: &[BranchItem],
    ) -> Option<String> {
        if !self.dialect.allows(Allowance::StringDiscriminators) {
            return None;
        }
        // A base that is defined later is not seen; no release had one.
        let (_, base) = self.drafts.resolve(base?)?;
        let DraftKind::Object { members, .. } = &base.kind else { return None };
        let member = members.iter().find(|member| member.name.value == discriminator.value)?;
        (!member.ty.array && member.ty.name == "str").then(|| self.kind_enum(owner, list))
    }

    /// A union whose branches' values are wrapped as `data`, beside a tag that is `type`.
    fn simple_union(
        &mut self,
        owner: &Owner,
        base: Option<TypeRef>,
        list: Vec<BranchItem>,
    ) -> DraftKind {
        let list: Vec<_> = list.into_iter().map(|branch| self.wrapped(owner, branch)).collect();
        let tag = self.kind_enum(owner, &list);
        let discriminator = Spanned::new("type".to_owned(), owner.name.span);
        let member = plain_member("type", type_ref(&tag, owner.name.span));
        let name = format!("q_obj_{}-base", owner.name.value);
        let kind = DraftKind::Object { base, members: vec![member], branches: None };
        self.implicit(owner, name.clone(), kind);
        let base = Some(type_ref(&name, owner.name.span));
        let branches = Some(Branches { discriminator, tag: None, list });
        DraftKind::Object { base, members: Vec::new(), branches }
    }

    /// `branch` with an object around its value; unions with branches of the same type share it.
    fn wrapped(&mut self, owner: &Owner, branch: BranchItem) -> BranchItem {
        self.array(owner, &branch.ty);
        let inner =
            if branch.ty.array { array_name(&branch.ty.name) } else { branch.ty.name.clone() };
        let name = format!("q_obj_{inner}-wrapper");
        let span = branch.ty.span;
        if self.drafts.named(&name).is_none() {
            let members = vec![plain_member("data", branch.ty)];
            let kind = DraftKind::Object { base: None, members, branches: None };
            let shared =
                Owner { name: owner.name.clone(), at: owner.at, traits: Traits::default() };
            self.implicit(&shared, name.clone(), kind);
        }
        BranchItem { ty: type_ref(&name, span), ..branch }
    }

    /// An enum of the branches' names.
    fn kind_enum(&mut self, owner: &Owner, list: &[BranchItem]) -> String {
        let name = format!("{}Kind", owner.name.value);
        let value = |branch: &BranchItem| ValueItem {
            name: branch.name.clone(),
            traits: Traits { condition: branch.condition.clone(), features: Vec::new() },
        };
        let values = list.iter().map(value).collect();
        self.implicit(owner, name.clone(), DraftKind::Enum { values, prefix: None });
        name
    }

    /// The object type that has `members`: an implicit one if they are written in place.
    fn object(&mut self, owner: &Owner, members: Members, role: &str) -> Option<TypeRef> {
        match members {
            Members::Named(ty) => {
                self.array(owner, &ty);
                Some(ty)
            }
            Members::Inline(members) if members.is_empty() => None,
            Members::Inline(members) => {
                let name = format!("q_obj_{}-{role}", owner.name.value);
                let ty = type_ref(&name, owner.name.span);
                self.implicit_object(owner, name, members);
                Some(ty)
            }
        }
    }

    fn implicit_object(&mut self, owner: &Owner, name: String, members: Vec<MemberItem>) {
        self.arrays_of_members(owner, &members);
        self.implicit(owner, name, DraftKind::Object { base: None, members, branches: None });
    }

    /// Adds a type that is part of a definition. If there is one of its name, then the definition is a second
    /// one of the same name, too, and about to be reported.
    fn implicit(&mut self, owner: &Owner, name: String, kind: DraftKind) {
        if self.drafts.named(&name).is_some() {
            return;
        }
        self.drafts.add(Draft {
            name,
            implicit: true,
            at: Some(owner.at),
            label: owner.name.span,
            doc: None,
            traits: Traits { condition: owner.traits.condition.clone(), features: Vec::new() },
            kind,
        });
    }

    fn arrays_of_members(&mut self, owner: &Owner, members: &[MemberItem]) {
        for member in members {
            self.array(owner, &member.ty);
        }
    }

    /// Adds the array type that `ty` stands for, unless it is there already.
    fn array(&mut self, owner: &Owner, ty: &TypeRef) {
        if !ty.array || self.drafts.has_array_of(&ty.name) {
            return;
        }
        self.drafts.add(Draft {
            name: array_name(&ty.name),
            implicit: true,
            at: Some(owner.at),
            label: ty.span,
            doc: None,
            traits: Traits::default(),
            kind: DraftKind::Array { element: ty.name.clone() },
        });
    }

    /// Adds what is defined, unless its name is taken.
    fn define(&mut self, owner: Owner, doc: Option<Doc>, kind: DraftKind) {
        let Owner { name, at, traits } = owner;
        if let Some((_, other)) = self.drafts.named(&name.value) {
            let array = matches!(other.kind, DraftKind::Array { .. });
            if !(array && self.dialect.allows(Allowance::LooseNames)) {
                let fault = redefinition(&name, at, other);
                self.diagnostics.push(fault);
                return;
            }
            self.drafts.forget(&name.value);
        }
        let label = name.span;
        let name = name.value;
        self.drafts.add(Draft { name, implicit: false, at: Some(at), label, doc, traits, kind });
    }
}

fn redefinition(name: &Spanned<String>, at: Span, other: &Draft) -> Diagnostic {
    let (message, first) = match other.at {
        Some(_) => (format!("{} is defined twice", quoted(&name.value)), Some(other.label)),
        None => (format!("{} is a built-in type", quoted(&name.value)), None),
    };
    let fault = Diagnostic::error(Code::Redefinition, at, message).label(name.span, "");
    match first {
        Some(first) => fault
            .related(first, format!("first defined here, as {}", other.describe()))
            .help("types, commands and events share one space of names, whatever their conditions"),
        None => fault.help("choose another name"),
    }
}

fn type_ref(name: &str, span: Span) -> TypeRef {
    TypeRef { name: name.to_owned(), array: false, span }
}

fn plain_member(name: &str, ty: TypeRef) -> MemberItem {
    let name = Spanned::new(name.to_owned(), ty.span);
    MemberItem { name, optional: false, ty, traits: Traits::default() }
}
