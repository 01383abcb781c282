//! The items of a schema: types, commands, events, and what they are made of.

use std::fmt;

use crate::schema::TypeId;
use crate::source::Span;
use crate::syntax::doc::Doc;

/// What definitions, members, values and branches have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Where it is written. Empty for built-in types.
    pub span: Span,
    /// When it exists.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
}

/// A condition on the build of the program that serves the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The C macro of this name is defined.
    Defined(String),
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

/// A named property that clients can look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name; `deprecated` and `unstable` have a meaning of their own.
    pub name: String,
    /// When it exists.
    pub condition: Option<Condition>,
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// QAPI's name: `GuestInfo`, `int`, `intList`, `q_obj_guest-exec-arg`.
    pub name: String,
    /// Made by the language (built-in, array, inline members), not written as a definition.
    pub implicit: bool,
    /// Place, condition, features.
    pub meta: Meta,
    /// The comment that documents it.
    pub doc: Option<Doc>,
    /// What it is.
    pub kind: TypeKind,
}

/// The kinds of type.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// Built into the language.
    Builtin(Builtin),
    /// A set of strings.
    Enum(Enum),
    /// An object with fixed members.
    Struct(Struct),
    /// An object whose members depend on the value of one of them.
    Union(Union),
    /// A value of one of several JSON types.
    Alternate(Alternate),
    /// A list of values of one type.
    Array(TypeId),
}

impl TypeKind {
    /// The types it refers to directly.
    pub(crate) fn references(&self) -> Vec<TypeId> {
        match self {
            Self::Builtin(_) | Self::Enum(_) => Vec::new(),
            Self::Array(element) => vec![*element],
            Self::Struct(object) => {
                object.base.into_iter().chain(object.members.iter().map(|m| m.ty)).collect()
            }
            Self::Union(union) => [union.base, union.tag]
                .into_iter()
                .chain(union.branches.iter().map(|b| b.ty))
                .collect(),
            Self::Alternate(alternate) => {
                alternate.branches.iter().map(|branch| branch.ty).collect()
            }
        }
    }

    /// The same, to be changed.
    pub(crate) fn references_mut(&mut self) -> Vec<&mut TypeId> {
        match self {
            Self::Builtin(_) | Self::Enum(_) => Vec::new(),
            Self::Array(element) => vec![element],
            Self::Struct(object) => object
                .base
                .iter_mut()
                .chain(object.members.iter_mut().map(|member| &mut member.ty))
                .collect(),
            Self::Union(union) => [&mut union.base, &mut union.tag]
                .into_iter()
                .chain(union.branches.iter_mut().map(|branch| &mut branch.ty))
                .collect(),
            Self::Alternate(alternate) => {
                alternate.branches.iter_mut().map(|branch| &mut branch.ty).collect()
            }
        }
    }
}

/// The built-in types that are neither enum nor object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the QAPI type of that name")]
pub enum Builtin {
    Str,
    Number,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Size,
    Bool,
    Null,
    Any,
}

/// A set of strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enum {
    /// The values, in schema order.
    pub values: Vec<EnumValue>,
    /// Prefix of the C constants; of no meaning elsewhere.
    pub prefix: Option<String>,
}

/// One value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// The string on the wire.
    pub name: String,
    /// Place, condition, features.
    pub meta: Meta,
}

/// An object with fixed members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Struct {
    /// The struct whose members come first.
    pub base: Option<TypeId>,
    /// Its own members, in schema order.
    pub members: Vec<Member>,
}

/// One member of an object, or one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key on the wire.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Whether it may be absent.
    pub optional: bool,
    /// How its string encodes something else, where a correction says so.
    pub encoding: Option<Encoding>,
    /// Whether its value must not be shown, where a correction says so.
    pub secret: bool,
    /// Place, condition, features.
    pub meta: Meta,
}

/// What a string stands for when it is more than text. QAPI cannot say it; corrections do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Bytes, in base64 with padding.
    Base64,
}

/// An object whose members depend on the value of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// The struct whose members are always there, the discriminator among them.
    pub base: TypeId,
    /// Name of the base member that selects the branch.
    pub discriminator: String,
    /// Its enum.
    pub tag: TypeId,
    /// One branch for each value: those written, in schema order, then the empty ones, in enum order.
    pub branches: Vec<Branch>,
}

/// One branch of a union or an alternate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The discriminator's value in a union; only a label in an alternate.
    pub name: String,
    /// Its type: in a union an object, `q_empty` where nothing is written.
    pub ty: TypeId,
    /// Not written, but there because the discriminator has the value.
    pub implied: bool,
    /// Place and condition; branches have no features.
    pub meta: Meta,
}

/// A value of one of several JSON types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternate {
    /// The branches; each has a JSON type of its own.
    pub branches: Vec<Branch>,
}

/// A command.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are QAPI's five independent flags")]
pub struct Command {
    /// The name on the wire.
    pub name: String,
    /// Place, condition, features.
    pub meta: Meta,
    /// The comment that documents it.
    pub doc: Option<Doc>,
    /// The object type whose members are the arguments; `None` if it takes none.
    pub arguments: Option<TypeId>,
    /// What it returns; `None` means an empty object.
    pub returns: Option<TypeId>,
    /// The arguments travel as one C struct. No effect on the wire.
    pub boxed: bool,
    /// QEMU generates a marshaller for it: the schema's `gen` flag, whose name Rust reserves.
    pub marshalled: bool,
    /// It answers on success.
    pub success_response: bool,
    /// QMP only: it may be executed out of band.
    pub allow_oob: bool,
    /// QMP only: it may be executed before the machine is configured.
    pub allow_preconfig: bool,
    /// QMP only: it runs in a coroutine.
    pub coroutine: bool,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The name on the wire.
    pub name: String,
    /// Place, condition, features.
    pub meta: Meta,
    /// The comment that documents it.
    pub doc: Option<Doc>,
    /// The object type whose members are its data; `None` if it has none.
    pub arguments: Option<TypeId>,
    /// The data travels as one C struct. No effect on the wire.
    pub boxed: bool,
}

/// On one line: `any(CONFIG_LINUX, not(CONFIG_WIN32))`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, parts) = match self {
            Self::Defined(name) => return f.write_str(name),
            Self::All(parts) => ("all", parts.as_slice()),
            Self::Any(parts) => ("any", parts.as_slice()),
            Self::Not(inner) => ("not", std::slice::from_ref(inner.as_ref())),
        };
        write!(f, "{name}(")?;
        for (at, part) in parts.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{part}")?;
        }
        f.write_str(")")
    }
}
