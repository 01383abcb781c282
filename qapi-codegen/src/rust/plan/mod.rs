//! Every decision about the Rust that is generated, and not a single token of it.
//!
//! Planning turns a [`History`](crate::history::History) into names, types, optionality, derives, signatures
//! and documentation; `emit` only spells them out.

mod callables;
mod describe;
mod facts;
mod info;
mod needs;
mod types;

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::history::{History, Release};
use crate::rust::Options;
use crate::rust::names::{self, Namespace};
use crate::schema::{Builtin, Condition, Encoding, Member, Schema, TypeId, TypeKind};
use crate::source::Span;
use describe::Describe;
use facts::Facts;
pub(super) use needs::Need;
use needs::Needs;

/// All that is generated for a schema.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) types: Vec<Type>,
    pub(super) commands: Vec<Command>,
    pub(super) events: Vec<Event>,
    /// Every release, oldest first; stable ones are left out, which have the schema of their line.
    pub(super) releases: Vec<Release>,
    /// Documentation that the file of texts lacks, by path.
    pub(super) undocumented: Vec<String>,
}

/// A Rust type for one of the schema's.
#[derive(Debug)]
pub(super) enum Type {
    Struct(Struct),
    Enum(Enum),
    Union(Union),
    Alternate(Alternate),
}

/// What can be derived beyond `Clone`, `Debug` and `PartialEq`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Derives {
    pub(super) eq: bool,
    pub(super) hash: bool,
    pub(super) default: bool,
}

/// A struct: of an object type, of a command or of an event.
#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    /// QAPI's name.
    pub(super) wire: String,
    pub(super) docs: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) derives: Derives,
    /// Whether `new` exists: with very many mandatory members nobody could call it without a mistake.
    pub(super) constructor: bool,
    /// Whether values need different releases.
    pub(super) varies: bool,
}

/// One field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) docs: Vec<String>,
    /// The first paragraph of `docs`.
    pub(super) summary: String,
    pub(super) ty: Ty,
    pub(super) optional: bool,
    /// Whether its value must not be shown.
    pub(super) secret: bool,
    /// What of it decides the release that a value of its owner needs.
    pub(super) needs: Vec<Need>,
}

/// The Rust type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    String,
    Bool,
    /// A primitive integer, by its Rust name.
    Int(&'static str),
    Float,
    Null,
    Any,
    /// The object without members.
    Empty,
    /// Bytes in base64.
    Bytes,
    /// A generated type.
    Named(String),
    /// A generated type that is cheap to convert into: an alternate.
    Alternate(String),
    List(Box<Ty>),
    /// Behind a pointer, because the type contains itself or is a branch.
    Boxed(Box<Ty>),
}

/// An enum of strings.
#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) docs: Vec<String>,
    pub(super) values: Vec<Value>,
    /// Whether values need different releases.
    pub(super) varies: bool,
}

/// A value of an enum.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) docs: Vec<String>,
    /// The release that it needs, if that is newer than its enum is sent.
    pub(super) needs: Option<Release>,
}

/// A union: an enum of its branches and, if it has more members than the discriminator, a struct around that.
#[derive(Debug)]
pub(super) struct Union {
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) docs: Vec<String>,
    /// The members that are always there; `None` stands for the discriminator.
    pub(super) base: Vec<Option<Field>>,
    /// Name on the wire of the discriminator.
    pub(super) tag: String,
    /// What its field would be called.
    pub(super) tag_name: String,
    /// Rust name of the discriminator's enum.
    pub(super) tag_type: String,
    pub(super) branches: Vec<Branch>,
    /// Rust name of the enum of branches: the union's own, unless that is the struct's.
    pub(super) branch_enum: String,
    /// Whether the discriminator has values that no branch is written for.
    pub(super) has_empty: bool,
    pub(super) eq: bool,
    /// Whether values need different releases.
    pub(super) varies: bool,
}

impl Union {
    /// Whether the union is a struct that holds the enum of branches.
    pub(super) fn is_struct(&self) -> bool {
        self.branch_enum != self.name
    }
}

/// A branch of a union or an alternate.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) name: String,
    /// In a union, the variant of the discriminator's enum.
    pub(super) tag: String,
    pub(super) docs: Vec<String>,
    pub(super) ty: Ty,
    /// The release that it needs, if that is newer than its owner is sent.
    pub(super) needs: Option<Release>,
    /// The release that it needs if it has any members, where the value that selects it is older.
    pub(super) needs_if_set: Option<Release>,
    /// Whether the values it holds need different releases.
    pub(super) varies: bool,
}

/// A type told apart by JSON's types.
#[derive(Debug)]
pub(super) struct Alternate {
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) docs: Vec<String>,
    pub(super) branches: Vec<(JsonKind, Branch)>,
    pub(super) derives: Derives,
    /// Whether values need different releases.
    pub(super) varies: bool,
}

/// JSON's types, as the runtime names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonKind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl JsonKind {
    /// Every type there is.
    pub(super) const ALL: [Self; 6] =
        [Self::Null, Self::Boolean, Self::Number, Self::String, Self::Array, Self::Object];
}

/// What a command or an event carries.
#[derive(Debug)]
pub(super) enum Payload {
    /// Members of its own.
    Members(Struct),
    /// A union, whole.
    Whole {
        name: String,
        docs: Vec<String>,
        field_docs: Vec<String>,
        ty: String,
        eq: bool,
        varies: bool,
    },
}

impl Payload {
    /// The Rust name of the command or event.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Members(object) => &object.name,
            Self::Whole { name, .. } => name,
        }
    }
}

/// A command.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) wire: String,
    pub(super) payload: Payload,
    pub(super) since: Option<Release>,
    pub(super) output: Output,
    /// Name of the method that executes it.
    pub(super) method: String,
    pub(super) method_docs: Vec<String>,
    pub(super) info: CommandInfo,
}

/// What a command returns.
#[derive(Debug)]
pub(super) enum Output {
    /// Success, and nothing else.
    Nothing,
    Value(Ty),
    /// There is no reply on success.
    Silence,
}

/// A command as data.
#[derive(Debug)]
pub(super) struct CommandInfo {
    pub(super) summary: String,
    pub(super) until: Option<Release>,
    pub(super) arguments: Vec<ArgumentInfo>,
    pub(super) returns: Option<String>,
    pub(super) condition: Option<String>,
    /// From which release on, up to which, only builds of this condition have it.
    pub(super) conditional: Vec<(Release, Option<Release>, Condition)>,
}

/// An argument as data.
#[derive(Debug)]
pub(super) struct ArgumentInfo {
    pub(super) wire: String,
    pub(super) type_name: String,
    pub(super) kind: ValueKind,
    pub(super) summary: String,
    pub(super) optional: bool,
    pub(super) since: Option<Release>,
}

/// What an argument's values look like.
#[derive(Debug)]
pub(super) enum ValueKind {
    /// A kind that the runtime names so, without details.
    Plain(&'static str),
    Enum(Vec<String>),
    List(Box<ValueKind>),
    Alternate(Vec<ValueKind>),
}

/// An event.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) wire: String,
    pub(super) payload: Payload,
    /// Whether the schema gives it data.
    pub(super) has_data: bool,
    /// What its variant says.
    pub(super) docs: Vec<String>,
}

/// The generated members of all structs together may not be more: bases of bases of bases could make a small
/// schema into a huge program.
const MAX_MEMBERS: usize = 200_000;

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
