//! The types that the language brings along.

use super::Builtin;
use super::draft::{Draft, DraftKind, Drafts};
use crate::check::definition::{Traits, ValueItem};
use crate::source::{Span, Spanned};

impl Builtin {
    /// All of them, in the order in which they are created.
    pub const ALL: [Self; 15] = [
        Self::Str,
        Self::Number,
        Self::Int,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Uint8,
        Self::Uint16,
        Self::Uint32,
        Self::Uint64,
        Self::Size,
        Self::Bool,
        Self::Any,
        Self::Null,
    ];

    /// The name it has in schemas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Number => "number",
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Size => "size",
            Self::Bool => "bool",
            Self::Any => "any",
            Self::Null => "null",
        }
    }

    /// The kind of JSON value that carries it.
    pub const fn json_type(self) -> JsonType {
        match self {
            Self::Str => JsonType::String,
            Self::Number => JsonType::Number,
            Self::Int
            | Self::Int8
            | Self::Int16
            | Self::Int32
            | Self::Int64
            | Self::Uint8
            | Self::Uint16
            | Self::Uint32
            | Self::Uint64
            | Self::Size => JsonType::Int,
            Self::Bool => JsonType::Boolean,
            Self::Any => JsonType::Value,
            Self::Null => JsonType::Null,
        }
    }
}

/// The kinds of JSON value that QAPI tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the JSON type of that name")]
pub enum JsonType {
    String,
    Number,
    /// A number without fraction and exponent.
    Int,
    Boolean,
    Null,
    Object,
    Array,
    /// Any of them.
    Value,
}

impl JsonType {
    /// The name it has in introspection.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Int => "int",
            Self::Boolean => "boolean",
            Self::Null => "null",
            Self::Object => "object",
            Self::Array => "array",
            Self::Value => "value",
        }
    }
}

/// The object without members.
pub(super) const EMPTY: &str = "q_empty";

/// The enum of JSON types, and its values.
const QTYPE: &str = "QType";
const QTYPES: [&str; 7] = ["none", "qnull", "qnum", "qstring", "qdict", "qlist", "qbool"];

/// Adds the built-in types with an array of each, then the empty object and `QType`.
pub(super) fn declare(drafts: &mut Drafts) {
    for builtin in Builtin::ALL {
        let name = builtin.name();
        drafts.add(Draft::builtin(name, DraftKind::Builtin(builtin)));
        let array = DraftKind::Array { element: name.to_owned() };
        drafts.add(Draft::builtin(&array_name(name), array));
    }
    let empty = DraftKind::Object { base: None, members: Vec::new(), branches: None };
    drafts.add(Draft::builtin(EMPTY, empty));
    let value = |name: &str| ValueItem {
        name: Spanned::new(name.to_owned(), Span::default()),
        traits: Traits::default(),
    };
    let values = QTYPES.into_iter().map(value).collect();
    drafts.add(Draft::builtin(QTYPE, DraftKind::Enum { values, prefix: None }));
}

/// The name of the array type with elements of type `element`.
pub(super) fn array_name(element: &str) -> String {
    format!("{element}List")
}
