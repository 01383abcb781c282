//! Drafts that passed all rules to the final model: names become ids.

use std::collections::BTreeMap;

use super::builtin::EMPTY;
use super::draft::{Branches, Draft, DraftKind, Drafts};
use super::{
    Alternate, Branch, Command, Condition, Entity, Enum, EnumValue, Event, Member, Meta, Module,
    ModuleItem, Schema, Struct, Type, TypeId, TypeKind, Union,
};
use crate::check::definition::{BranchItem, MemberItem, Traits, TypeRef, ValueItem};
use crate::source::Span;
use crate::syntax::doc::Doc;
use crate::syntax::tree::{Include, SourceModule};

/// The module of everything built in.
const BUILTIN_MODULE: &str = "./builtin";

/// What the parts of a schema are made of.
pub(super) struct Parts {
    pub(super) drafts: Drafts,
    /// Include directives, each with the number of entities created before it.
    pub(super) includes: Vec<(usize, Include)>,
    pub(super) docs: Vec<Doc>,
    pub(super) modules: Vec<SourceModule>,
}

/// A name that means nothing, or not what it should. The rules have excluded that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unresolved;

/// Builds the schema.
pub(super) fn build(parts: Parts) -> Result<Schema, Unresolved> {
    let Parts { drafts, includes, docs, modules } = parts;
    let ids = drafts.ids();
    let mut schema = Schema { docs, ..Schema::default() };
    schema.modules = arrange(&drafts, &ids, includes, &modules);
    let builder = Builder { drafts: &drafts, ids: &ids };
    for draft in &drafts.entities {
        builder.add(&mut schema, draft)?;
    }
    Ok(schema)
}

/// Sorts entities and include directives into the modules.
fn arrange(
    drafts: &Drafts,
    ids: &[Entity],
    includes: Vec<(usize, Include)>,
    sources: &[SourceModule],
) -> Vec<Module> {
    let names =
        std::iter::once(BUILTIN_MODULE).chain(sources.iter().map(|source| source.name.as_str()));
    let mut modules: Vec<_> =
        names.map(|name| Module { name: name.to_owned(), items: Vec::new() }).collect();
    // The built-in module is the first; the count of files that start before a place is thus a module's index.
    let index = |at: Option<Span>| {
        at.map_or(0, |span| sources.partition_point(|source| source.span.start <= span.start))
    };
    let mut includes = includes.into_iter().peekable();
    for (at, (draft, id)) in drafts.entities.iter().zip(ids).enumerate() {
        while let Some((_, include)) = includes.next_if(|(before, _)| *before <= at) {
            if let Some(module) = modules.get_mut(index(Some(include.span))) {
                module.items.push(ModuleItem::Include(include.module));
            }
        }
        let home = match &draft.kind {
            DraftKind::Array { element } => {
                drafts.type_named(element).map_or(draft, |(_, element)| element)
            }
            _ => draft,
        };
        if let Some(module) = modules.get_mut(index(home.at)) {
            module.items.push(ModuleItem::Entity(*id));
        }
    }
    for (_, include) in includes {
        if let Some(module) = modules.get_mut(index(Some(include.span))) {
            module.items.push(ModuleItem::Include(include.module));
        }
    }
    modules
}

struct Builder<'a> {
    drafts: &'a Drafts,
    ids: &'a [Entity],
}

impl Builder<'_> {
    fn add(&self, schema: &mut Schema, draft: &Draft) -> Result<(), Unresolved> {
        let meta = meta(draft.at.unwrap_or_default(), &draft.traits);
        let (name, doc) = (draft.name.clone(), draft.doc.clone());
        match &draft.kind {
            DraftKind::Command { arguments, returns, flags } => {
                schema.add_command(Command {
                    name,
                    meta,
                    doc,
                    arguments: self.optional(arguments.as_ref())?,
                    returns: self.optional(returns.as_ref())?,
                    boxed: flags.boxed,
                    marshalled: flags.marshalled,
                    success_response: flags.success_response,
                    allow_oob: flags.allow_oob,
                    allow_preconfig: flags.allow_preconfig,
                    coroutine: flags.coroutine,
                });
            }
            DraftKind::Event { arguments, boxed } => {
                let arguments = self.optional(arguments.as_ref())?;
                schema.add_event(Event { name, meta, doc, arguments, boxed: *boxed });
            }
            _ => {
                let (kind, condition) = self.type_kind(draft)?;
                let meta = Meta { condition: meta.condition.or(condition), ..meta };
                schema.add_type(Type { name, implicit: draft.implicit, meta, doc, kind });
            }
        }
        Ok(())
    }

    /// What a type is, and the condition that it has from another one.
    fn type_kind(&self, draft: &Draft) -> Result<(TypeKind, Option<Condition>), Unresolved> {
        let kind = match &draft.kind {
            DraftKind::Builtin(builtin) => TypeKind::Builtin(*builtin),
            DraftKind::Array { element } => {
                let (at, element) = self.drafts.type_named(element).ok_or(Unresolved)?;
                return Ok((TypeKind::Array(self.type_id(at)?), element.traits.condition.clone()));
            }
            DraftKind::Enum { values, prefix } => TypeKind::Enum(Enum {
                values: values.iter().map(value).collect(),
                prefix: prefix.clone(),
            }),
            DraftKind::Object { base, members, branches: None } => TypeKind::Struct(Struct {
                base: self.optional(base.as_ref())?,
                members: members
                    .iter()
                    .map(|member| self.member(member))
                    .collect::<Result<_, _>>()?,
            }),
            DraftKind::Object { base, branches: Some(branches), .. } => {
                TypeKind::Union(self.union(base.as_ref().ok_or(Unresolved)?, branches)?)
            }
            DraftKind::Alternate { branches } => TypeKind::Alternate(Alternate {
                branches: branches
                    .iter()
                    .map(|branch| self.branch(branch))
                    .collect::<Result<_, _>>()?,
            }),
            DraftKind::Command { .. } | DraftKind::Event { .. } => return Err(Unresolved),
        };
        Ok((kind, None))
    }

    fn union(&self, base: &TypeRef, branches: &Branches) -> Result<Union, Unresolved> {
        let tag = match &branches.tag {
            Some(tag) => self.drafts.type_named(tag),
            None => self
                .find_member(base, &branches.discriminator.value)
                .and_then(|member| self.drafts.resolve(&member.ty)),
        };
        let (_, tag) = tag.ok_or(Unresolved)?;
        let DraftKind::Enum { values, .. } = &tag.kind else { return Err(Unresolved) };
        let by_name: BTreeMap<&str, &ValueItem> =
            values.iter().map(|value| (value.name.value.as_str(), value)).collect();
        // An old schema may have branches that can never be selected.
        let written: Vec<_> = branches
            .list
            .iter()
            .filter(|branch| by_name.contains_key(branch.name.value.as_str()))
            .map(|branch| self.branch(branch))
            .collect::<Result<_, _>>()?;
        let names: std::collections::BTreeSet<_> =
            branches.list.iter().map(|branch| branch.name.value.as_str()).collect();
        let empty = self.named(EMPTY)?;
        let implied =
            values.iter().filter(|value| !names.contains(value.name.value.as_str())).map(|value| {
                Branch {
                    name: value.name.value.clone(),
                    ty: empty,
                    implied: true,
                    meta: Meta { condition: value.traits.condition.clone(), ..Meta::default() },
                }
            });
        Ok(Union {
            base: self.resolve(base)?,
            discriminator: branches.discriminator.value.clone(),
            tag: self.named(&tag.name)?,
            branches: written.into_iter().chain(implied).collect(),
        })
    }

    /// The member named `name` of a struct or of its bases.
    fn find_member(&self, object: &TypeRef, name: &str) -> Option<&MemberItem> {
        let mut next = Some(object);
        while let Some(current) = next {
            let (_, draft) = self.drafts.resolve(current)?;
            let DraftKind::Object { base, members, .. } = &draft.kind else { return None };
            let found = members.iter().find(|member| member.name.value == name);
            if found.is_some() {
                return found;
            }
            next = base.as_ref();
        }
        None
    }

    fn member(&self, item: &MemberItem) -> Result<Member, Unresolved> {
        Ok(Member {
            name: item.name.value.clone(),
            ty: self.resolve(&item.ty)?,
            optional: item.optional,
            encoding: None,
            secret: false,
            meta: meta(item.name.span.to(item.ty.span), &item.traits),
        })
    }

    fn branch(&self, item: &BranchItem) -> Result<Branch, Unresolved> {
        let meta = Meta {
            span: item.name.span.to(item.ty.span),
            condition: item.condition.clone(),
            features: Vec::new(),
        };
        Ok(Branch {
            name: item.name.value.clone(),
            ty: self.resolve(&item.ty)?,
            implied: false,
            meta,
        })
    }

    fn optional(&self, ty: Option<&TypeRef>) -> Result<Option<TypeId>, Unresolved> {
        ty.map(|ty| self.resolve(ty)).transpose()
    }

    fn resolve(&self, ty: &TypeRef) -> Result<TypeId, Unresolved> {
        self.type_id(self.drafts.resolve(ty).ok_or(Unresolved)?.0)
    }

    fn named(&self, name: &str) -> Result<TypeId, Unresolved> {
        self.type_id(self.drafts.type_named(name).ok_or(Unresolved)?.0)
    }

    fn type_id(&self, at: usize) -> Result<TypeId, Unresolved> {
        match self.ids.get(at) {
            Some(Entity::Type(id)) => Ok(*id),
            _ => Err(Unresolved),
        }
    }
}

fn value(item: &ValueItem) -> EnumValue {
    EnumValue { name: item.name.value.clone(), meta: meta(item.name.span, &item.traits) }
}

fn meta(span: Span, traits: &Traits) -> Meta {
    Meta { span, condition: traits.condition.clone(), features: traits.model_features() }
}
