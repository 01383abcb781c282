//! What the checks of single definitions produce: one form for every way of writing the same thing.

use crate::schema::{Condition, Feature};
use crate::source::{Span, Spanned};
use crate::syntax::doc::Doc;
use crate::syntax::tree::{Include, Pragma, SourceModule};

/// All definitions of a schema, each of the right shape.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    /// Everything at top level, in order.
    pub(crate) items: Vec<Item>,
    /// The schema's pragma state.
    pub(crate) pragma: Pragma,
    /// Its files.
    pub(crate) modules: Vec<SourceModule>,
}

/// One thing at top level.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Include(Include),
    Definition(Box<Definition>),
    FreeForm(Doc),
}

/// One definition of the right shape. Its names are spelt well, but nobody has looked them up.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: Spanned<String>,
    /// The whole expression: where faults of the definition are reported.
    pub(crate) span: Span,
    pub(crate) doc: Option<Doc>,
    pub(crate) traits: Traits,
    pub(crate) body: Body,
    /// Structs written in place of a type name, inner ones first: old dialects only.
    pub(crate) inline: Vec<InlineStruct>,
}

/// What all kinds of item may carry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traits {
    pub(crate) condition: Option<Condition>,
    pub(crate) features: Vec<FeatureItem>,
}

impl Traits {
    /// The features as the schema's model has them.
    pub(crate) fn model_features(&self) -> Vec<Feature> {
        let model = |item: &FeatureItem| Feature {
            name: item.name.value.clone(),
            condition: item.condition.clone(),
        };
        self.features.iter().map(model).collect()
    }
}

/// One feature and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct FeatureItem {
    pub(crate) name: Spanned<String>,
    pub(crate) condition: Option<Condition>,
}

/// The part of a definition that depends on its kind.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Enum { values: Vec<ValueItem>, prefix: Option<String> },
    Struct { base: Option<TypeRef>, members: Vec<MemberItem> },
    Union { base: Members, discriminator: Spanned<String>, branches: Vec<BranchItem> },
    SimpleUnion { base: Option<TypeRef>, branches: Vec<BranchItem> },
    Alternate { branches: Vec<BranchItem> },
    Command { arguments: Option<Members>, returns: Option<TypeRef>, flags: Flags },
    Event { arguments: Option<Members>, boxed: bool },
}

/// The switches of a command, as they are in effect.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "these are QAPI's independent flags")]
pub(crate) struct Flags {
    pub(crate) marshalled: bool,
    pub(crate) success_response: bool,
    pub(crate) boxed: bool,
    pub(crate) allow_oob: bool,
    pub(crate) allow_preconfig: bool,
    pub(crate) coroutine: bool,
}

/// A name where a type is expected, or such a name in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeRef {
    pub(crate) name: String,
    pub(crate) array: bool,
    pub(crate) span: Span,
}

/// Members by the name of their struct, or written in place.
#[derive(Clone, Debug)]
pub(crate) enum Members {
    Named(TypeRef),
    Inline(Vec<MemberItem>),
}

/// One member or argument.
#[derive(Clone, Debug)]
pub(crate) struct MemberItem {
    pub(crate) name: Spanned<String>,
    pub(crate) optional: bool,
    pub(crate) ty: TypeRef,
    pub(crate) traits: Traits,
}

/// One enum value.
#[derive(Clone, Debug)]
pub(crate) struct ValueItem {
    pub(crate) name: Spanned<String>,
    pub(crate) traits: Traits,
}

/// One branch of a union or alternate.
#[derive(Clone, Debug)]
pub(crate) struct BranchItem {
    pub(crate) name: Spanned<String>,
    pub(crate) ty: TypeRef,
    pub(crate) condition: Option<Condition>,
}

/// A struct without a name of its own.
#[derive(Clone, Debug)]
pub(crate) struct InlineStruct {
    pub(crate) name: String,
    pub(crate) members: Vec<MemberItem>,
}
