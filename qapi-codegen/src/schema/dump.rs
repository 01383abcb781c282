//! A schema as stable text, for goldens and for people: one line per item, built-in types left out.

use std::fmt::{Display, Write};

use super::{
    Alternate, Branch, Command, Entity, Enum, Event, Member, Meta, ModuleItem, Schema, Struct,
    Type, TypeId, TypeKind, Union,
};
use crate::source::Span;
use crate::syntax::doc::{Doc, SectionKind};

impl Schema {
    /// The whole schema as text: its modules with all that is in them, then its documentation.
    pub fn dump(&self) -> String {
        let mut dump = Dump { schema: self, text: String::new() };
        for module in &self.modules {
            let mut items = module.items.iter().filter(|item| !self.is_builtin(item)).peekable();
            // Every schema has the built-in part; it is worth a line only if something was added to it.
            if items.peek().is_some() || !module.name.starts_with("./") {
                dump.line(0, format_args!("module {}", module.name));
            }
            items.for_each(|item| dump.item(item));
        }
        self.docs.iter().for_each(|doc| dump.doc(doc));
        dump.text
    }

    fn is_builtin(&self, item: &ModuleItem) -> bool {
        match item {
            ModuleItem::Entity(Entity::Type(id)) => {
                self[*id].implicit && self[*id].meta.span == Span::default()
            }
            _ => false,
        }
    }

    /// A type as schemas write it: `int`, `[GuestDisk]`.
    pub fn type_name(&self, ty: TypeId) -> String {
        match self[ty].kind {
            TypeKind::Array(element) => format!("[{}]", self[element].name),
            _ => self[ty].name.clone(),
        }
    }
}

struct Dump<'a> {
    schema: &'a Schema,
    text: String,
}

impl Dump<'_> {
    fn line(&mut self, depth: usize, text: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = depth * 2);
    }

    fn item(&mut self, item: &ModuleItem) {
        match item {
            ModuleItem::Include(module) => self.line(1, format_args!("include {module}")),
            ModuleItem::Entity(Entity::Type(id)) => self.ty(&self.schema[*id]),
            ModuleItem::Entity(Entity::Command(id)) => self.command(&self.schema[*id]),
            ModuleItem::Entity(Entity::Event(id)) => self.event(&self.schema[*id]),
        }
    }

    /// A line for something that may have a condition and features.
    fn entry(&mut self, depth: usize, text: &str, meta: &Meta) {
        let condition = meta.condition.as_ref().map(|condition| format!(" if {condition}"));
        self.line(depth, format_args!("{text}{}", condition.unwrap_or_default()));
        for feature in &meta.features {
            let condition = feature.condition.as_ref().map(|condition| format!(" if {condition}"));
            let condition = condition.unwrap_or_default();
            self.line(depth + 1, format_args!("feature {}{condition}", feature.name));
        }
    }

    fn ty(&mut self, ty: &Type) {
        let implicit = if ty.implicit { "implicit " } else { "" };
        let head = |kind: &str| format!("{implicit}{kind} {}", ty.name);
        match &ty.kind {
            TypeKind::Builtin(_) => {}
            TypeKind::Array(element) => {
                let element = &self.schema[*element].name;
                self.entry(1, &format!("array {} of {element}", ty.name), &ty.meta);
            }
            TypeKind::Enum(Enum { values, prefix }) => {
                let prefix = prefix.as_ref().map(|prefix| format!(" prefix {prefix}"));
                self.entry(1, &format!("{}{}", head("enum"), prefix.unwrap_or_default()), &ty.meta);
                for value in values {
                    self.entry(2, &format!("value {}", value.name), &value.meta);
                }
            }
            TypeKind::Struct(Struct { base, members }) => {
                let base = base.map(|base| format!(" base {}", self.schema[base].name));
                self.entry(1, &format!("{}{}", head("struct"), base.unwrap_or_default()), &ty.meta);
                for member in members {
                    self.member(member);
                }
            }
            TypeKind::Union(union) => self.union(&head("union"), &ty.meta, union),
            TypeKind::Alternate(Alternate { branches }) => {
                self.entry(1, &head("alternate"), &ty.meta);
                for branch in branches {
                    self.branch(branch);
                }
            }
        }
    }

    fn union(&mut self, head: &str, meta: &Meta, union: &Union) {
        let base = &self.schema[union.base].name;
        let tag = &self.schema[union.tag].name;
        self.entry(
            1,
            &format!("{head} base {base} discriminator {}: {tag}", union.discriminator),
            meta,
        );
        for branch in &union.branches {
            self.branch(branch);
        }
    }

    fn member(&mut self, member: &Member) {
        let optional = if member.optional { "?" } else { "" };
        let encoding =
            member.encoding.map(|encoding| format!(" in {encoding:?}")).unwrap_or_default();
        let ty = self.schema.type_name(member.ty);
        let secret = if member.secret { ", secret" } else { "" };
        self.entry(
            2,
            &format!("member {}{optional}: {ty}{encoding}{secret}", member.name),
            &member.meta,
        );
    }

    fn branch(&mut self, branch: &Branch) {
        let implied = if branch.implied { " (implied)" } else { "" };
        let ty = self.schema.type_name(branch.ty);
        self.entry(2, &format!("branch {}: {ty}{implied}", branch.name), &branch.meta);
    }

    fn command(&mut self, command: &Command) {
        let arguments = command.arguments.map(|ty| self.schema.type_name(ty)).unwrap_or_default();
        let returns = command.returns.map(|ty| format!(" -> {}", self.schema.type_name(ty)));
        let mut line =
            format!("command {}({arguments}){}", command.name, returns.unwrap_or_default());
        let flags = [
            (!command.marshalled, " gen=false"),
            (!command.success_response, " success-response=false"),
            (command.boxed, " boxed"),
            (command.allow_oob, " allow-oob"),
            (command.allow_preconfig, " allow-preconfig"),
            (command.coroutine, " coroutine"),
        ];
        line.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, text)| text));
        self.entry(1, &line, &command.meta);
    }

    fn event(&mut self, event: &Event) {
        let arguments = event.arguments.map(|ty| self.schema.type_name(ty)).unwrap_or_default();
        let boxed = if event.boxed { " boxed" } else { "" };
        self.entry(1, &format!("event {}({arguments}){boxed}", event.name), &event.meta);
    }

    fn doc(&mut self, doc: &Doc) {
        match &doc.symbol {
            Some(symbol) => self.line(0, format_args!("doc {}", symbol.value)),
            None => self.line(0, "doc"),
        }
        for section in doc.sections.iter().filter(|section| !section.text.is_empty()) {
            match &section.kind {
                SectionKind::Plain => self.line(1, "text"),
                SectionKind::Member(name) => self.line(1, format_args!("member {name}")),
                SectionKind::Feature(name) => self.line(1, format_args!("feature {name}")),
                SectionKind::Returns => self.line(1, "returns"),
                SectionKind::Errors => self.line(1, "errors"),
                SectionKind::Since => self.line(1, "since"),
                SectionKind::Todo => self.line(1, "todo"),
            }
            section.text.lines().for_each(|line| self.line(2, format_args!("|{line}")));
        }
    }
}
