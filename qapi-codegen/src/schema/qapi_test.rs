//! A schema in the text form that QEMU's own front end is tested with, so that the two can be compared.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};

use super::{
    Branch, Command, Condition, Entity, Enum, Event, Feature, Member, Meta, ModuleItem, Schema,
    Struct, Type, TypeId, TypeKind,
};
use crate::syntax::doc::{Doc, Section, SectionKind};

impl Schema {
    /// The schema in the text form of QEMU's `test-qapi.py`.
    pub fn qapi_test(&self) -> String {
        let mut dump = Dump { schema: self, text: String::new() };
        for module in &self.modules {
            dump.line(format_args!("module {}", module.name));
            module.items.iter().for_each(|item| dump.item(item));
        }
        self.docs.iter().for_each(|doc| dump.doc(doc));
        dump.text
    }

    /// The names that the comment of an entity describes, in the order in which QEMU looks at them: what is
    /// written within its definition.
    fn described(&self, entity: Entity) -> Vec<&str> {
        match entity {
            Entity::Type(id) => match &self[id].kind {
                TypeKind::Enum(Enum { values, .. }) => {
                    values.iter().map(|value| value.name.as_str()).collect()
                }
                TypeKind::Struct(Struct { base, members }) => {
                    let mut names = base.map(|base| self.inline_members(base)).unwrap_or_default();
                    names.extend(members.iter().map(|member| member.name.as_str()));
                    names
                }
                TypeKind::Union(union) => self.inline_members(union.base),
                TypeKind::Alternate(alternate) => {
                    alternate.branches.iter().map(|branch| branch.name.as_str()).collect()
                }
                TypeKind::Builtin(_) | TypeKind::Array(_) => Vec::new(),
            },
            Entity::Command(id) => {
                self[id].arguments.map(|ty| self.inline_members(ty)).unwrap_or_default()
            }
            Entity::Event(id) => {
                self[id].arguments.map(|ty| self.inline_members(ty)).unwrap_or_default()
            }
        }
    }

    /// The members of a type that is part of another definition.
    fn inline_members(&self, ty: TypeId) -> Vec<&str> {
        match &self[ty].kind {
            TypeKind::Struct(Struct { members, .. }) if self[ty].implicit => {
                members.iter().map(|member| member.name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }
}

struct Dump<'a> {
    schema: &'a Schema,
    text: String,
}

impl Dump<'_> {
    fn line(&mut self, text: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{text}");
    }

    fn item(&mut self, item: &ModuleItem) {
        match item {
            ModuleItem::Include(module) => self.line(format_args!("include {module}")),
            ModuleItem::Entity(Entity::Type(id)) => self.ty(&self.schema[*id]),
            ModuleItem::Entity(Entity::Command(id)) => self.command(&self.schema[*id]),
            ModuleItem::Entity(Entity::Event(id)) => self.event(&self.schema[*id]),
        }
    }

    fn ty(&mut self, ty: &Type) {
        let name = &ty.name;
        match &ty.kind {
            TypeKind::Builtin(_) => return,
            TypeKind::Array(_) if ty.meta.span == crate::source::Span::default() => return,
            TypeKind::Array(element) => {
                self.line(format_args!("array {name} {}", self.schema[*element].name));
            }
            TypeKind::Enum(Enum { values, prefix }) => {
                self.line(format_args!("enum {name}"));
                if let Some(prefix) = prefix.as_ref().filter(|prefix| !prefix.is_empty()) {
                    self.line(format_args!("    prefix {prefix}"));
                }
                for value in values {
                    self.line(format_args!("    member {}", value.name));
                    self.meta(&value.meta, 8);
                }
            }
            TypeKind::Struct(Struct { base, members }) => {
                self.line(format_args!("object {name}"));
                if let Some(base) = base {
                    self.line(format_args!("    base {}", self.schema[*base].name));
                }
                for member in members {
                    self.member(member);
                }
            }
            TypeKind::Union(union) => {
                self.line(format_args!("object {name}"));
                self.line(format_args!("    base {}", self.schema[union.base].name));
                self.branches(&union.discriminator, &union.branches);
            }
            TypeKind::Alternate(alternate) => {
                self.line(format_args!("alternate {name}"));
                self.branches("type", &alternate.branches);
            }
        }
        self.meta(&ty.meta, 4);
    }

    fn member(&mut self, member: &Member) {
        let ty = &self.schema[member.ty].name;
        self.line(format_args!(
            "    member {}: {ty} optional={}",
            member.name,
            python(member.optional)
        ));
        self.meta(&member.meta, 8);
    }

    fn branches(&mut self, tag: &str, branches: &[Branch]) {
        self.line(format_args!("    tag {tag}"));
        for branch in branches {
            self.line(format_args!("    case {}: {}", branch.name, self.schema[branch.ty].name));
            self.condition(branch.meta.condition.as_ref(), 8);
        }
    }

    fn command(&mut self, command: &Command) {
        let arguments = self.name_or_none(command.arguments);
        let returns = self.name_or_none(command.returns);
        self.line(format_args!("command {} {arguments} -> {returns}", command.name));
        self.line(format_args!(
            "    gen={} success_response={} boxed={} oob={} preconfig={}{}",
            python(command.marshalled),
            python(command.success_response),
            python(command.boxed),
            python(command.allow_oob),
            python(command.allow_preconfig),
            if command.coroutine { " coroutine=True" } else { "" },
        ));
        self.meta(&command.meta, 4);
    }

    fn event(&mut self, event: &Event) {
        let arguments = self.name_or_none(event.arguments);
        self.line(format_args!("event {} {arguments}", event.name));
        self.line(format_args!("    boxed={}", python(event.boxed)));
        self.meta(&event.meta, 4);
    }

    fn name_or_none(&self, ty: Option<TypeId>) -> String {
        ty.map_or_else(|| "None".to_owned(), |ty| self.schema[ty].name.clone())
    }

    fn meta(&mut self, meta: &Meta, indent: usize) {
        self.condition(meta.condition.as_ref(), indent);
        for Feature { name, condition } in &meta.features {
            self.line(format_args!("{:indent$}feature {name}", ""));
            self.condition(condition.as_ref(), indent + 4);
        }
    }

    fn condition(&mut self, condition: Option<&Condition>, indent: usize) {
        match condition {
            None => {}
            Some(Condition::Defined(name)) => self.line(format_args!("{:indent$}if {name}", "")),
            Some(condition) => {
                self.line(format_args!("{:indent$}if {}", "", python_condition(condition)));
            }
        }
    }

    fn doc(&mut self, doc: &Doc) {
        match &doc.symbol {
            Some(symbol) => self.line(format_args!("doc symbol={}", symbol.value)),
            None => self.line("doc freeform"),
        }
        let body = doc.sections.first().map(Section::indented);
        self.line(format_args!("    body=\n{}", body.unwrap_or_default()));

        let mut written = BTreeSet::new();
        for section in &doc.sections {
            if let SectionKind::Member(name) = &section.kind {
                self.line(format_args!("    arg={name}\n{}", section.indented()));
                written.insert(name.as_str());
            }
        }
        let entity = doc.symbol.as_ref().and_then(|symbol| self.schema.entity_named(&symbol.value));
        for name in entity.map(|entity| self.schema.described(entity)).unwrap_or_default() {
            if written.insert(name) {
                self.line(format_args!("    arg={name}\n"));
            }
        }
        for section in &doc.sections {
            if let SectionKind::Feature(name) = &section.kind {
                self.line(format_args!("    feature={name}\n{}", section.indented()));
            }
        }
        for section in doc.sections.iter().skip(1) {
            let kind = match &section.kind {
                SectionKind::Member(_) | SectionKind::Feature(_) => continue,
                SectionKind::Plain => "Plain",
                SectionKind::Returns => "Returns",
                SectionKind::Errors => "Errors",
                SectionKind::Since => "Since",
                SectionKind::Todo => "Todo",
            };
            self.line(format_args!("    section={kind}\n{}", section.indented()));
        }
    }
}

fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A condition as Python shows it.
fn python_condition(condition: &Condition) -> String {
    let list = |key: &str, parts: &[Condition]| {
        let parts = parts.iter().map(python_condition).collect::<Vec<_>>().join(", ");
        format!("{{'{key}': [{parts}]}}")
    };
    match condition {
        Condition::Defined(name) => format!("'{name}'"),
        Condition::All(parts) => list("all", parts),
        Condition::Any(parts) => list("any", parts),
        Condition::Not(inner) => format!("{{'not': {}}}", python_condition(inner)),
    }
}
