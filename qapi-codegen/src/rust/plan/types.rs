//! Plans the Rust types of the schema's types.

use super::describe::Part;
use super::{
    Alternate, Branch, Derives, Enum, Field, JsonKind, Need, Planner, Struct, Ty, Type, Union,
    Value,
};
use crate::history::Release;
use crate::rust::names::{self, Namespace};
use crate::schema::{self, Builtin, Member, TypeId, TypeKind};
use crate::source::Span;
use crate::syntax::doc::Doc;

/// A `new` with more parameters than this would be a way to mix them up.
const MAX_PARAMETERS: usize = 7;

/// Who has members: for names in messages, and for where their descriptions are.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    /// QAPI's name.
    pub(super) name: &'a str,
    /// `types`, `commands` or `events`, and what that calls its members.
    pub(super) group: &'static str,
    pub(super) parts: &'static str,
    pub(super) doc: Option<&'a Doc>,
    pub(super) span: Span,
    /// The oldest release it is sent to.
    pub(super) floor: Option<Release>,
}

impl<'a> Planner<'a> {
    pub(super) fn plan_types(&mut self) -> Vec<Type> {
        let schema = self.schema;
        let wanted = schema.types().filter(|(id, _)| self.facts.is_generated(*id));
        let wanted: Vec<_> = wanted.collect();
        wanted.into_iter().filter_map(|(id, ty)| self.plan_type(id, ty)).collect()
    }

    fn plan_type(&mut self, id: TypeId, ty: &'a schema::Type) -> Option<Type> {
        let name = self.name(id);
        let fallback = format!("QAPI's type `{}`.", ty.name);
        let doc = ty.doc.as_ref();
        // What the language makes by itself cannot be documented by a schema's authors.
        let docs = if ty.implicit {
            vec![fallback]
        } else {
            self.describe.definition("types", &ty.name, doc, &ty.meta, fallback).lines
        };
        let owner = Owner {
            name: &ty.name,
            group: "types",
            parts: "members",
            doc,
            span: ty.meta.span,
            floor: self.needs.floor(id),
        };
        let varies = self.needs.varies(id);
        match &ty.kind {
            TypeKind::Builtin(_) | TypeKind::Array(_) => None,
            TypeKind::Enum(kind) => {
                let values = self.plan_values(owner, kind, ty.implicit);
                Some(Type::Enum(Enum { name, wire: ty.name.clone(), docs, values, varies }))
            }
            TypeKind::Struct(_) => {
                let fields = self.plan_fields(owner, id, ty.implicit);
                let derives = self.derives(id, &fields);
                let many = fields.iter().filter(|field| !field.optional).count() > MAX_PARAMETERS;
                let constructor = !many || self.facts.is_argument(id);
                let wire = ty.name.clone();
                let object = Struct { name, wire, docs, fields, derives, constructor, varies };
                Some(Type::Struct(object))
            }
            TypeKind::Union(union) => Some(Type::Union(self.plan_union(owner, id, union, docs))),
            TypeKind::Alternate(kind) => {
                Some(Type::Alternate(self.plan_alternate(owner, id, kind, docs)))
            }
        }
    }

    fn derives(&self, id: TypeId, fields: &[Field]) -> Derives {
        let default = fields.iter().all(|field| field.optional);
        Derives { eq: self.facts.is_eq(id), hash: self.facts.is_hash(id), default }
    }

    /// The fields for all members of the object `id`, bases first.
    pub(super) fn plan_fields(&mut self, owner: Owner<'a>, id: TypeId, quiet: bool) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut taken = Namespace::new(format!("`{}`", owner.name));
        for (declarer, member) in self.members_of(id, owner.span) {
            let field = self.plan_field(owner, id, declarer, member, quiet);
            let path = format!("{}.{}", owner.name, member.name);
            taken.claim(&field.name, &path, place(member.meta.span, owner), self.diagnostics);
            fields.push(field);
        }
        fields
    }

    /// All members of an object, each with the type that declares it.
    fn members_of(&mut self, id: TypeId, span: Span) -> Vec<(TypeId, &'a Member)> {
        let schema = self.schema;
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(current) = next {
            next = match &schema[current].kind {
                TypeKind::Struct(object) => {
                    if !self.count_members(object.members.len() + 1, span) {
                        return Vec::new();
                    }
                    chain.push((current, object.members.as_slice()));
                    object.base
                }
                TypeKind::Union(union) => Some(union.base),
                _ => None,
            };
        }
        let with_declarer =
            |(id, members): (TypeId, &'a [Member])| members.iter().map(move |member| (id, member));
        chain.into_iter().rev().flat_map(with_declarer).collect()
    }

    fn plan_field(
        &mut self,
        owner: Owner<'a>,
        id: TypeId,
        declarer: TypeId,
        member: &'a Member,
        quiet: bool,
    ) -> Field {
        let source = &self.schema[declarer];
        let item = format!("{}.{}", owner.name, member.name);
        let (path, doc) = if source.implicit {
            (format!("{}.{}.{}.{}", owner.group, owner.name, owner.parts, member.name), owner.doc)
        } else {
            (format!("types.{}.members.{}", source.name, member.name), source.doc.as_ref())
        };
        let noun = if owner.parts == "arguments" { "argument" } else { "member" };
        let docs = self.describe.part(&Part {
            path,
            doc,
            name: &member.name,
            item: item.clone(),
            owner: owner.name,
            meta: &member.meta,
            fallback: format!("The {noun} `{}`.", member.name),
            required: !quiet,
            optional: member.optional,
        });
        let name = self.choose(&item, || names::member_name(&member.name));
        let ty = self.member_ty(id, &item, member);
        Field {
            name,
            wire: member.name.clone(),
            summary: docs.summary_line(),
            docs: docs.lines,
            ty,
            optional: member.optional,
            secret: member.secret,
            needs: self.field_needs(owner, member),
        }
    }

    /// What of a member decides the release that a value of its owner needs.
    fn field_needs(&mut self, owner: Owner<'a>, member: &'a Member) -> Vec<Need> {
        let Some(floor) = owner.floor else { return Vec::new() };
        let mut needs = self.needs.of_member(owner.name, floor, member);
        for need in &mut needs {
            if let Need::Form { ty, variants, .. } = need {
                for variant in variants {
                    *variant = self.branch(&format!("{ty}/{variant}"), variant);
                }
                *ty = self.name(member.ty);
            }
        }
        if self.needs.varies(member.ty) {
            needs.push(Need::Value);
        }
        needs
    }

    fn plan_values(&mut self, owner: Owner<'a>, kind: &'a schema::Enum, quiet: bool) -> Vec<Value> {
        let mut taken = Namespace::new(format!("`{}`", owner.name));
        taken.reserve("Unrecognized", "the variant for unknown values");
        let mut values = Vec::new();
        for value in &kind.values {
            let item = format!("{}.{}", owner.name, value.name);
            let docs = self.describe.part(&Part {
                path: format!("types.{}.values.{}", owner.name, value.name),
                doc: owner.doc,
                name: &value.name,
                item: item.clone(),
                owner: owner.name,
                meta: &value.meta,
                fallback: format!("The value `{}`.", value.name),
                required: !quiet,
                optional: false,
            });
            let name = self.variant(&item, &value.name);
            taken.claim(&name, &item, place(value.meta.span, owner), self.diagnostics);
            let floor = owner.floor;
            let needs = floor.and_then(|floor| self.needs.of_value(owner.name, floor, &value.name));
            values.push(Value { name, wire: value.name.clone(), docs: docs.lines, needs });
        }
        values
    }

    /// The variant for an enum's value, whoever asks: unions name the same variants as the enum itself.
    fn variant(&mut self, item: &str, value: &str) -> String {
        self.choose(item, || names::upper_camel(value))
    }

    fn plan_union(
        &mut self,
        owner: Owner<'a>,
        id: TypeId,
        union: &'a schema::Union,
        docs: Vec<String>,
    ) -> Union {
        let name = self.name(id);
        let mut tag_name = names::member_name(&union.discriminator);
        let mut base = Vec::new();
        for field in self.plan_fields(owner, id, false) {
            if field.wire == union.discriminator {
                tag_name = field.name;
                base.push(None);
            } else {
                base.push(Some(field));
            }
        }
        let branch_enum = if base.len() > 1 { format!("{name}Branch") } else { name.clone() };
        if base.len() > 1 {
            let path = format!("{}'s branches", owner.name);
            self.types.claim(&branch_enum, &path, owner.span, self.diagnostics);
        }
        if base.iter().flatten().any(|field| field.name == "branch") {
            let mut taken = Namespace::new(format!("`{}`", owner.name));
            taken.reserve("branch", "the field for the union's branch");
            let path = format!("{}.branch", owner.name);
            taken.claim("branch", &path, owner.span, self.diagnostics);
        }
        let (written, empty): (Vec<_>, Vec<_>) =
            union.branches.iter().partition(|branch| !self.is_without_members(branch));
        let tag_enum = self.schema[union.tag].name.as_str();
        let mut taken = Namespace::new(format!("`{}`", owner.name));
        taken.reserve("Other", "the variant for branches without a type");
        let mut branches = Vec::new();
        for branch in written {
            let tag = self.variant(&format!("{tag_enum}.{}", branch.name), &branch.name);
            let fallback = format!("`{}` is `{}`.", union.discriminator, branch.name);
            let ty = Ty::Boxed(Box::new(self.ty(branch.ty)));
            let mut planned = self.plan_branch(owner, branch, Some(tag), ty, fallback, &mut taken);
            if let Some(floor) = owner.floor {
                let needs = self.needs.of_selected(owner.name, floor, tag_enum, branch);
                (planned.needs, planned.needs_if_set) = needs;
            }
            branches.push(planned);
        }
        Union {
            name,
            wire: owner.name.to_owned(),
            docs,
            base,
            tag: union.discriminator.clone(),
            tag_name,
            tag_type: self.name(union.tag),
            branches,
            branch_enum,
            has_empty: !empty.is_empty(),
            eq: self.facts.is_eq(id),
            varies: self.needs.varies(id),
        }
    }

    /// Whether a branch adds nothing: then it shares a variant with what is not known at all.
    fn is_without_members(&self, branch: &schema::Branch) -> bool {
        branch.implied || self.facts.is_empty_object(branch.ty)
    }

    fn plan_branch(
        &mut self,
        owner: Owner<'a>,
        branch: &'a schema::Branch,
        tag: Option<String>,
        ty: Ty,
        fallback: String,
        taken: &mut Namespace,
    ) -> Branch {
        let item = format!("{}/{}", owner.name, branch.name);
        let docs = self.describe.part(&Part {
            path: format!("types.{}.branches.{}", owner.name, branch.name),
            doc: owner.doc,
            name: &branch.name,
            item: item.clone(),
            owner: owner.name,
            meta: &branch.meta,
            fallback,
            // A union's branch is explained by the value that selects it.
            required: tag.is_none(),
            optional: false,
        });
        let name = match &tag {
            Some(tag) => self.choose(&item, || tag.clone()),
            None => self.branch(&item, &branch.name),
        };
        taken.claim(&name, &item, place(branch.meta.span, owner), self.diagnostics);
        let needs = owner.floor.and_then(|floor| self.needs.of_branch(owner.name, floor, branch));
        let varies = self.needs.varies(branch.ty);
        let (tag, docs) = (tag.unwrap_or_default(), docs.lines);
        Branch { name, tag, docs, ty, needs, needs_if_set: None, varies }
    }

    /// The variant for an alternate's branch.
    fn branch(&mut self, item: &str, branch: &str) -> String {
        self.choose(item, || names::upper_camel(branch))
    }

    fn plan_alternate(
        &mut self,
        owner: Owner<'a>,
        id: TypeId,
        kind: &'a schema::Alternate,
        docs: Vec<String>,
    ) -> Alternate {
        let mut taken = Namespace::new(format!("`{}`", owner.name));
        let mut branches = Vec::new();
        for branch in &kind.branches {
            let json = self.json_kind(branch.ty);
            let ty = self.ty(branch.ty);
            let ty = if json == JsonKind::Object { Ty::Boxed(Box::new(ty)) } else { ty };
            let fallback = format!("The branch `{}`.", branch.name);
            branches.push((json, self.plan_branch(owner, branch, None, ty, fallback, &mut taken)));
        }
        let derives =
            Derives { eq: self.facts.is_eq(id), hash: self.facts.is_hash(id), default: false };
        let (name, wire) = (self.name(id), owner.name.to_owned());
        Alternate { name, wire, docs, branches, derives, varies: self.needs.varies(id) }
    }

    fn json_kind(&self, id: TypeId) -> JsonKind {
        match &self.schema[id].kind {
            TypeKind::Builtin(Builtin::Str) | TypeKind::Enum(_) => JsonKind::String,
            TypeKind::Builtin(Builtin::Bool) => JsonKind::Boolean,
            TypeKind::Builtin(Builtin::Null) => JsonKind::Null,
            TypeKind::Builtin(_) => JsonKind::Number,
            TypeKind::Array(_) => JsonKind::Array,
            TypeKind::Struct(_) | TypeKind::Union(_) | TypeKind::Alternate(_) => JsonKind::Object,
        }
    }
}

/// Where to point for a part: at the definition, if the part's own place is not known.
fn place(span: Span, owner: Owner<'_>) -> Span {
    if span == Span::default() { owner.span } else { span }
}
