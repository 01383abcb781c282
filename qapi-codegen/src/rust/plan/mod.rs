//! Every decision about the Rust that is generated, and not a single token of it.
//!
//! Planning turns a [`History`](crate::history::History) into names, types, optionality, derives, signatures
//! and documentation; `emit` only spells them out.

mod callables;
mod describe;
mod facts;
mod info;
mod items;
mod needs;
mod types;

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::history::{History, Release};
use crate::rust::Options;
use crate::rust::names::{self, Namespace};
use crate::schema::{Builtin, Encoding, Member, Schema, TypeId, TypeKind};
use crate::source::Span;
use describe::Describe;
use facts::Facts;
pub(super) use items::{
    Alternate, ArgumentInfo, Branch, Command, CommandInfo, Derives, Enum, Event, Field, JsonKind,
    Output, Payload, Plan, Struct, Ty, Type, Union, Value, ValueKind,
};
pub(super) use needs::Need;
use needs::Needs;

/// The generated members of all structs together may not be more: bases of bases of bases could make a small
/// schema into a huge program.
const MAX_MEMBERS: usize = 50_000;

/// Plans the Rust for a schema. What cannot be done is reported.
pub(super) fn plan(options: &Options, history: &History, diagnostics: &mut Diagnostics) -> Plan {
    let schema = history.schema();
    let mut planner = Planner {
        options,
        history,
        schema,
        facts: Facts::find(schema, options, diagnostics),
        needs: Needs::find(history, options),
        describe: Describe::new(history, options.docs.as_ref()),
        names: BTreeMap::new(),
        types: type_namespace(),
        renamed: BTreeMap::new(),
        members: 0,
        diagnostics,
    };
    planner.name_types();
    let mut plan = Plan {
        types: planner.plan_types(),
        commands: planner.plan_commands(),
        events: planner.plan_events(),
        releases: lines(history.releases()),
        undocumented: Vec::new(),
    };
    plan.undocumented = planner.finish();
    plan
}

/// The releases by their first two numbers.
fn lines(releases: &[Release]) -> Vec<Release> {
    let mut lines = releases.to_vec();
    lines.dedup_by_key(|release| (release.major, release.minor));
    lines
}

struct Planner<'a> {
    options: &'a Options,
    history: &'a History,
    schema: &'a Schema,
    facts: Facts,
    needs: Needs<'a>,
    describe: Describe<'a>,
    /// The Rust names of the types that are generated.
    names: BTreeMap<TypeId, String>,
    types: Namespace,
    /// Which renames had something to rename.
    renamed: BTreeMap<&'a str, bool>,
    members: usize,
    diagnostics: &'a mut Diagnostics,
}

impl Planner<'_> {
    /// The name of the item `path`: the user's choice, or the rule's.
    fn choose(&mut self, path: &str, rule: impl FnOnce() -> String) -> String {
        match self.options.renames.get_key_value(path) {
            Some((path, name)) => {
                self.renamed.insert(path, true);
                name.clone()
            }
            None => rule(),
        }
    }

    fn name_types(&mut self) {
        let schema = self.schema;
        for (id, ty) in schema.types() {
            if !self.facts.is_generated(id) {
                continue;
            }
            let name = self.choose(&ty.name, || names::type_name(&ty.name));
            self.types.claim(&name, &ty.name, ty.meta.span, self.diagnostics);
            self.names.insert(id, name);
        }
    }

    fn name(&self, id: TypeId) -> String {
        self.names.get(&id).cloned().unwrap_or_default()
    }

    /// The Rust type of values of the QAPI type `id`.
    fn ty(&self, id: TypeId) -> Ty {
        match &self.schema[id].kind {
            TypeKind::Builtin(builtin) => builtin_ty(*builtin),
            TypeKind::Array(element) => Ty::List(Box::new(self.ty(*element))),
            TypeKind::Struct(_) if self.facts.is_empty_object(id) => Ty::Empty,
            TypeKind::Alternate(_) => Ty::Alternate(self.name(id)),
            _ => Ty::Named(self.name(id)),
        }
    }

    /// The Rust type of a member of `owner`.
    fn member_ty(&mut self, owner: TypeId, path: &str, member: &Member) -> Ty {
        let ty = self.ty(member.ty);
        match member.encoding {
            Some(Encoding::Base64) if ty == Ty::String => Ty::Bytes,
            Some(_) => {
                let message = format!("`{path}` cannot be base64: it is no `str`");
                self.diagnostics.push(
                    Diagnostic::error(Code::RustEncoding, member.meta.span, message)
                        .help("remove the correction that says so"),
                );
                ty
            }
            None if self.facts.closes_a_cycle(owner, member.ty) => Ty::Boxed(Box::new(ty)),
            None => ty,
        }
    }

    /// Counts members of structs; reports once that there are too many.
    fn count_members(&mut self, count: usize, span: Span) -> bool {
        let before = self.members;
        self.members += count;
        if before <= MAX_MEMBERS && self.members > MAX_MEMBERS {
            let message =
                format!("with bases included, all objects have more than {MAX_MEMBERS} members");
            self.diagnostics.push(Diagnostic::error(Code::RustTooLarge, span, message));
        }
        self.members <= MAX_MEMBERS
    }

    /// Reports what was asked for and never met; gives what is not documented.
    fn finish(self) -> Vec<String> {
        for path in self.options.renames.keys() {
            if !self.renamed.contains_key(path.as_str()) {
                let message = format!("there is no `{path}` to be renamed");
                self.diagnostics.push(Diagnostic::without_place(Code::RustOption, message));
            }
        }
        let (missing, unused) = self.describe.finish();
        // With a selection of commands, texts on all the others are no mistake.
        if self.options.only.is_none() {
            for path in unused {
                let message = format!("`{path}` is documented, but the schema has nothing like it");
                self.diagnostics.push(
                    Diagnostic::without_place(Code::DocsUnused, message)
                        .help("correct the name, or remove the text"),
                );
            }
        }
        if self.options.require_docs {
            for path in &missing {
                let message = format!("`{path}` is not documented");
                self.diagnostics.push(
                    Diagnostic::without_place(Code::DocsMissing, message)
                        .help("say in a sentence what it means"),
                );
            }
        }
        missing
    }
}

/// The names of types, without those that would hide a type parameter of generated code.
fn type_namespace() -> Namespace {
    let mut types = Namespace::new("`types`");
    for name in ["D", "M", "S"] {
        types.reserve(name, "a type parameter of generated code");
    }
    types
}

fn builtin_ty(builtin: Builtin) -> Ty {
    match builtin {
        Builtin::Str => Ty::String,
        Builtin::Number => Ty::Float,
        Builtin::Int | Builtin::Int64 => Ty::Int("i64"),
        Builtin::Int8 => Ty::Int("i8"),
        Builtin::Int16 => Ty::Int("i16"),
        Builtin::Int32 => Ty::Int("i32"),
        Builtin::Uint8 => Ty::Int("u8"),
        Builtin::Uint16 => Ty::Int("u16"),
        Builtin::Uint32 => Ty::Int("u32"),
        Builtin::Uint64 | Builtin::Size => Ty::Int("u64"),
        Builtin::Bool => Ty::Bool,
        Builtin::Null => Ty::Null,
        Builtin::Any => Ty::Any,
    }
}
