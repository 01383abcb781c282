//! What a plan is made of: Rust items, described without a token of Rust.

use super::needs::Need;
use crate::history::Release;
use crate::schema::Condition;

/// All that is generated for a schema.
#[derive(Debug, Default)]
pub(in crate::rust) struct Plan {
    pub(in crate::rust) types: Vec<Type>,
    pub(in crate::rust) commands: Vec<Command>,
    pub(in crate::rust) events: Vec<Event>,
    /// Every release, oldest first; stable ones are left out, which have the schema of their line.
    pub(in crate::rust) releases: Vec<Release>,
    /// Documentation that the file of texts lacks, by path.
    pub(in crate::rust) undocumented: Vec<String>,
}

/// A Rust type for one of the schema's.
#[derive(Debug)]
pub(in crate::rust) enum Type {
    Struct(Struct),
    Enum(Enum),
    Union(Union),
    Alternate(Alternate),
}

/// What can be derived beyond `Clone`, `Debug` and `PartialEq`.
#[derive(Clone, Copy, Debug)]
pub(in crate::rust) struct Derives {
    pub(in crate::rust) eq: bool,
    pub(in crate::rust) hash: bool,
    pub(in crate::rust) default: bool,
}

/// A struct: of an object type, of a command or of an event.
#[derive(Debug)]
pub(in crate::rust) struct Struct {
    pub(in crate::rust) name: String,
    /// QAPI's name.
    pub(in crate::rust) wire: String,
    pub(in crate::rust) docs: Vec<String>,
    pub(in crate::rust) fields: Vec<Field>,
    pub(in crate::rust) derives: Derives,
    /// Whether `new` exists: with very many mandatory members nobody could call it without a mistake.
    pub(in crate::rust) constructor: bool,
    /// Whether values need different releases.
    pub(in crate::rust) varies: bool,
}

/// One field of a struct.
#[derive(Clone, Debug)]
pub(in crate::rust) struct Field {
    pub(in crate::rust) name: String,
    pub(in crate::rust) wire: String,
    pub(in crate::rust) docs: Vec<String>,
    /// The first paragraph of `docs`.
    pub(in crate::rust) summary: String,
    pub(in crate::rust) ty: Ty,
    pub(in crate::rust) optional: bool,
    /// Whether its value must not be shown.
    pub(in crate::rust) secret: bool,
    /// What of it decides the release that a value of its owner needs.
    pub(in crate::rust) needs: Vec<Need>,
}

/// The Rust type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rust) enum Ty {
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
pub(in crate::rust) struct Enum {
    pub(in crate::rust) name: String,
    pub(in crate::rust) wire: String,
    pub(in crate::rust) docs: Vec<String>,
    pub(in crate::rust) values: Vec<Value>,
    /// Whether values need different releases.
    pub(in crate::rust) varies: bool,
}

/// A value of an enum.
#[derive(Debug)]
pub(in crate::rust) struct Value {
    pub(in crate::rust) name: String,
    pub(in crate::rust) wire: String,
    pub(in crate::rust) docs: Vec<String>,
    /// The release that it needs, if that is newer than its enum is sent.
    pub(in crate::rust) needs: Option<Release>,
}

/// A union: an enum of its branches and, if it has more members than the discriminator, a struct around that.
#[derive(Debug)]
pub(in crate::rust) struct Union {
    pub(in crate::rust) name: String,
    pub(in crate::rust) wire: String,
    pub(in crate::rust) docs: Vec<String>,
    /// The members that are always there; `None` stands for the discriminator.
    pub(in crate::rust) base: Vec<Option<Field>>,
    /// Name on the wire of the discriminator.
    pub(in crate::rust) tag: String,
    /// What its field would be called.
    pub(in crate::rust) tag_name: String,
    /// Rust name of the discriminator's enum.
    pub(in crate::rust) tag_type: String,
    pub(in crate::rust) branches: Vec<Branch>,
    /// Rust name of the enum of branches: the union's own, unless that is the struct's.
    pub(in crate::rust) branch_enum: String,
    /// Whether the discriminator has values that no branch is written for.
    pub(in crate::rust) has_empty: bool,
    pub(in crate::rust) eq: bool,
    /// Whether values need different releases.
    pub(in crate::rust) varies: bool,
}

impl Union {
    /// Whether the union is a struct that holds the enum of branches.
    pub(in crate::rust) fn is_struct(&self) -> bool {
        self.branch_enum != self.name
    }
}

/// A branch of a union or an alternate.
#[derive(Debug)]
pub(in crate::rust) struct Branch {
    pub(in crate::rust) name: String,
    /// In a union, the variant of the discriminator's enum.
    pub(in crate::rust) tag: String,
    pub(in crate::rust) docs: Vec<String>,
    pub(in crate::rust) ty: Ty,
    /// The release that it needs, if that is newer than its owner is sent.
    pub(in crate::rust) needs: Option<Release>,
    /// The release that it needs if it has any members, where the value that selects it is older.
    pub(in crate::rust) needs_if_set: Option<Release>,
    /// Whether the values it holds need different releases.
    pub(in crate::rust) varies: bool,
}

/// A type told apart by JSON's types.
#[derive(Debug)]
pub(in crate::rust) struct Alternate {
    pub(in crate::rust) name: String,
    pub(in crate::rust) wire: String,
    pub(in crate::rust) docs: Vec<String>,
    pub(in crate::rust) branches: Vec<(JsonKind, Branch)>,
    pub(in crate::rust) derives: Derives,
    /// Whether values need different releases.
    pub(in crate::rust) varies: bool,
}

/// JSON's types, as the runtime names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rust) enum JsonKind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl JsonKind {
    /// Every type there is.
    pub(in crate::rust) const ALL: [Self; 6] =
        [Self::Null, Self::Boolean, Self::Number, Self::String, Self::Array, Self::Object];
}

/// What a command or an event carries.
#[derive(Debug)]
pub(in crate::rust) enum Payload {
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
    pub(in crate::rust) fn name(&self) -> &str {
        match self {
            Self::Members(object) => &object.name,
            Self::Whole { name, .. } => name,
        }
    }
}

/// A command.
#[derive(Debug)]
pub(in crate::rust) struct Command {
    pub(in crate::rust) wire: String,
    pub(in crate::rust) payload: Payload,
    pub(in crate::rust) since: Option<Release>,
    pub(in crate::rust) output: Output,
    /// Name of the method that executes it.
    pub(in crate::rust) method: String,
    pub(in crate::rust) method_docs: Vec<String>,
    pub(in crate::rust) info: CommandInfo,
}

/// What a command returns.
#[derive(Debug)]
pub(in crate::rust) enum Output {
    /// Success, and nothing else.
    Nothing,
    Value(Ty),
    /// There is no reply on success.
    Silence,
}

/// A command as data.
#[derive(Debug)]
pub(in crate::rust) struct CommandInfo {
    pub(in crate::rust) summary: String,
    pub(in crate::rust) until: Option<Release>,
    pub(in crate::rust) arguments: Vec<ArgumentInfo>,
    pub(in crate::rust) returns: Option<String>,
    pub(in crate::rust) condition: Option<String>,
    /// From which release on, up to which, only builds of this condition have it.
    pub(in crate::rust) conditional: Vec<(Release, Option<Release>, Condition)>,
}

/// An argument as data.
#[derive(Debug)]
pub(in crate::rust) struct ArgumentInfo {
    pub(in crate::rust) wire: String,
    pub(in crate::rust) type_name: String,
    pub(in crate::rust) kind: ValueKind,
    pub(in crate::rust) summary: String,
    pub(in crate::rust) optional: bool,
    pub(in crate::rust) since: Option<Release>,
}

/// What an argument's values look like.
#[derive(Debug)]
pub(in crate::rust) enum ValueKind {
    /// A kind that the runtime names so, without details.
    Plain(&'static str),
    Enum(Vec<String>),
    List(Box<ValueKind>),
    Alternate(Vec<ValueKind>),
}

/// An event.
#[derive(Debug)]
pub(in crate::rust) struct Event {
    pub(in crate::rust) wire: String,
    pub(in crate::rust) payload: Payload,
    /// Whether the schema gives it data.
    pub(in crate::rust) has_data: bool,
    /// What its variant says.
    pub(in crate::rust) docs: Vec<String>,
}
