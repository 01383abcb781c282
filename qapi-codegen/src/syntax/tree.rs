//! The syntax tree: everything with its place, nothing interpreted.

use crate::source::{Span, Spanned};
use crate::syntax::doc::Doc;

/// One QAPI expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// From its first to its last character.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `{ 'key': value, ... }`; keys are distinct.
    Object(Vec<Entry>),
    /// `[ value, ... ]`.
    Array(Vec<Value>),
    /// `'text'`, escapes resolved.
    String(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`, which only older releases knew.
    Null,
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, without quotes; a leading `*` is still there.
    pub key: Spanned<String>,
    /// Its value.
    pub value: Value,
}

impl Value {
    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&[Entry]> {
        if let ValueKind::Object(entries) = &self.kind { Some(entries) } else { None }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let ValueKind::Array(elements) = &self.kind { Some(elements) } else { None }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let ValueKind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The value, if this is a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        if let ValueKind::Bool(value) = self.kind { Some(value) } else { None }
    }

    /// The member named `key`, if this is an object that has it. For the releases that knew `null`, a member
    /// of this value was no member.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let entry = self.as_object()?.iter().find(|entry| entry.key.value == key)?;
        Some(&entry.value).filter(|value| value.kind != ValueKind::Null)
    }
}

/// One thing at the top level of a file, include directives already followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An include directive; what the file holds follows it, unless it had been included before.
    Include(Include),
    /// A definition with the comment that documents it. Shape not checked yet.
    Definition(Expression),
    /// Documentation that belongs to no definition.
    FreeForm(Doc),
}

/// One include directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The directive's own place.
    pub span: Span,
    /// The module it names: the path of the file relative to the root file's folder.
    pub module: String,
}

/// One definition, as an object that nobody has looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The object.
    pub value: Value,
    /// The definition comment directly before it.
    pub doc: Option<Doc>,
}

/// Lists that exempt named definitions from a rule, and the one rule that can be switched on.
/// There is one for a whole schema: the last assignment of a key wins, wherever it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pragma {
    /// Every definition needs a doc comment.
    pub doc_required: bool,
    /// Commands that may have `_` in their names.
    pub command_name_exceptions: Vec<String>,
    /// Commands that may return any type.
    pub command_returns_exceptions: Vec<String>,
    /// Definitions whose members need no description.
    pub documentation_exceptions: Vec<String>,
    /// Types whose members or values may contain upper case and `_`.
    pub member_name_exceptions: Vec<String>,
}

/// A whole schema, read but not understood: the result of following all includes from one root file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Everything at top level, in the order it takes effect.
    pub items: Vec<Item>,
    /// The final pragma state.
    pub pragma: Pragma,
    /// Every file that was read, in the order of reading: the root first. Their spans ascend.
    pub modules: Vec<SourceModule>,
}

/// One file of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceModule {
    /// Its path relative to the root file's folder; what an [`Include`] of it names.
    pub name: String,
    /// Where its text lies: whatever has its span in there belongs to the module.
    pub span: Span,
}
