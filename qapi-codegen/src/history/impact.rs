//! The rule table: what a change means for programs on the wire and for the generated API.

use crate::history::diff::{Change, ChangeKind, Relation};
use crate::history::item::ItemKind;

/// What a change does to programs that talk the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wire {
    /// Nothing.
    Unchanged,
    /// Something to use that was not there.
    New,
    /// Old and new sides understand each other.
    Compatible,
    /// Some program that worked stops working.
    Breaking,
}

impl Wire {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::New => "new",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }
}

/// The version bump that a change asks of bindings which describe old and new releases at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// The bindings stay as they are.
    None,
    /// Documentation changes.
    Patch,
    /// Something is added.
    Minor,
    /// Something that programs use changes.
    Major,
}

impl Bump {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable name, in kebab case.
    pub name: &'static str,
    /// On the wire.
    pub wire: Wire,
    /// In the bindings.
    pub api: Bump,
    /// Whom it concerns and how.
    pub effect: &'static str,
}

macro_rules! rules {
    ($($ident:ident = $name:literal, $wire:ident, $api:ident, $effect:literal;)+) => {
        $(const $ident: Rule = Rule { name: $name, wire: Wire::$wire, api: Bump::$api, effect: $effect };)+

        /// Every rule, in the order of the table.
        pub const RULES: &[Rule] = &[$($ident,)+];
    };
}

rules! {
    COMMAND_ADDED = "command-added", New, Minor,
        "agents before it answer CommandNotFound";
    EVENT_ADDED = "event-added", New, Minor,
        "programs that know no such event must ignore it";
    TYPE_ADDED = "type-added", New, Minor,
        "only what uses it matters on the wire";
    COMMAND_REMOVED = "command-removed", Breaking, Patch,
        "programs that send it get CommandNotFound from newer agents; the bindings keep it";
    EVENT_REMOVED = "event-removed", Breaking, Patch,
        "programs that wait for it wait in vain; the bindings keep it";
    TYPE_REMOVED = "type-removed", Unchanged, Patch,
        "only what used it matters on the wire; the bindings keep it";
    OPTIONAL_ARGUMENT_ADDED = "optional-argument-added", Compatible, Minor,
        "agents before it refuse a request that holds it";
    MANDATORY_ARGUMENT_ADDED = "mandatory-argument-added", Breaking, Minor,
        "newer agents refuse the requests of programs that do not send it; optional in the bindings";
    RESULT_ADDED = "result-member-added", Compatible, Minor,
        "absent from older agents, so optional in the bindings; programs skip members they do not know";
    BOTH_ADDED = "optional-member-added", Compatible, Minor,
        "absent from older agents, which refuse a request that holds it";
    OPTIONAL_ARGUMENT_REMOVED = "optional-argument-removed", Breaking, Patch,
        "newer agents refuse a request that holds it; the bindings keep it";
    MANDATORY_ARGUMENT_REMOVED = "mandatory-argument-removed", Breaking, Major,
        "newer agents refuse every request of existing programs; it becomes optional in the bindings";
    OPTIONAL_RESULT_REMOVED = "optional-result-member-removed", Compatible, Patch,
        "programs had to do without it already; the bindings keep it";
    MANDATORY_RESULT_REMOVED = "mandatory-result-member-removed", Breaking, Major,
        "programs that rely on it fail with newer agents; it becomes optional in the bindings";
    ARGUMENT_MADE_OPTIONAL = "argument-made-optional", Compatible, Major,
        "agents before it still refuse a request without it; it becomes optional in the bindings";
    RESULT_MADE_OPTIONAL = "result-member-made-optional", Breaking, Major,
        "programs that rely on it fail when newer agents leave it out; it becomes optional in the bindings";
    ARGUMENT_MADE_MANDATORY = "argument-made-mandatory", Breaking, Patch,
        "newer agents refuse a request without it; it stays optional in the bindings";
    RESULT_MADE_MANDATORY = "result-member-made-mandatory", Compatible, Patch,
        "newer agents always send it; it stays optional in the bindings";
    VALUE_ADDED_TO_ARGUMENT = "argument-value-added", Compatible, Minor,
        "agents before it refuse the value";
    VALUE_ADDED_TO_RESULT = "result-value-added", Compatible, Minor,
        "programs must be ready for values they do not know; the bindings keep them";
    VALUE_REMOVED_FROM_ARGUMENT = "argument-value-removed", Breaking, Patch,
        "newer agents refuse the value; the bindings keep it";
    VALUE_REMOVED_FROM_RESULT = "result-value-removed", Compatible, Patch,
        "newer agents no longer send it; the bindings keep it";
    BRANCH_ADDED_TO_ARGUMENT = "argument-branch-added", Compatible, Minor,
        "agents before it refuse that form";
    BRANCH_ADDED_TO_RESULT = "result-branch-added", Compatible, Minor,
        "programs must be ready for branches they do not know; the bindings keep them undecoded";
    ALTERNATIVE_ADDED_TO_RESULT = "result-alternative-added", Breaking, Minor,
        "programs that know no such form cannot decode it";
    BRANCH_REMOVED_FROM_ARGUMENT = "argument-branch-removed", Breaking, Patch,
        "newer agents refuse that form; the bindings keep it";
    BRANCH_REMOVED_FROM_RESULT = "result-branch-removed", Compatible, Patch,
        "newer agents no longer send it; the bindings keep it";
    RENAMED_TYPE = "same-values-other-type", Compatible, Patch,
        "the same values under another name";
    ARGUMENT_WIDENED = "argument-widened", Compatible, Major,
        "agents before it take the old form only; the type changes in the bindings";
    RESULT_WIDENED = "result-widened", Breaking, Major,
        "programs that know the old form only cannot decode the new ones; the type changes in the bindings";
    ARGUMENT_RETYPED = "argument-retyped", Breaking, Major,
        "no value suits agents on both sides; one description of both needs a decision";
    RESULT_RETYPED = "result-member-retyped", Breaking, Major,
        "programs cannot decode the other side's values; one description of both needs a decision";
    RETURNS_BEGAN = "command-returns-more", Compatible, Major,
        "agents before it return an empty object, so every member is optional in the bindings";
    RETURNS_CHANGED = "command-returns-other", Breaking, Major,
        "programs cannot decode the other side's result; one description of both needs a decision";
    REPLY_DROPPED = "reply-dropped", Breaking, Major,
        "programs that wait for the reply wait in vain; the bindings expect none";
    REPLY_ADDED = "reply-added", Compatible, Patch,
        "the bindings expect no reply and accept one";
    KIND_CHANGED = "kind-changed", Breaking, Major,
        "another kind of definition under the same name; one description of both needs a decision";
    DISCRIMINATOR_CHANGED = "discriminator-changed", Breaking, Major,
        "branches are told apart by another member; one description of both needs a decision";
    CONDITION_CHANGED = "condition-changed", Compatible, Patch,
        "other builds have it than before";
    FEATURE_ADDED = "feature-added", Compatible, Patch,
        "programs may look for it";
    FEATURE_REMOVED = "feature-removed", Compatible, Patch,
        "programs that look for it do not find it";
    UNUSED = "unused", Unchanged, Patch,
        "no command or event uses it";
}

impl Change {
    /// The rule that applies.
    pub fn rule(&self) -> Rule {
        match &self.kind {
            ChangeKind::KindChanged { .. } => KIND_CHANGED,
            ChangeKind::DiscriminatorChanged => DISCRIMINATOR_CHANGED,
            ChangeKind::ConditionChanged { .. } => CONDITION_CHANGED,
            ChangeKind::FeatureAdded(_) => FEATURE_ADDED,
            ChangeKind::FeatureRemoved(_) => FEATURE_REMOVED,
            ChangeKind::ReplyDropped => REPLY_DROPPED,
            ChangeKind::ReplyAdded => REPLY_ADDED,
            ChangeKind::Retyped { relation, .. } => self.retyped(*relation),
            ChangeKind::Added { .. } | ChangeKind::Removed { .. } if self.item.is_definition() => {
                self.definition()
            }
            _ if !self.direction.argument && !self.direction.result => UNUSED,
            ChangeKind::Added { optional } => self.added(*optional),
            ChangeKind::Removed { optional } => self.removed(*optional),
            ChangeKind::MadeOptional if self.direction.result => RESULT_MADE_OPTIONAL,
            ChangeKind::MadeOptional => ARGUMENT_MADE_OPTIONAL,
            ChangeKind::MadeMandatory if self.direction.argument => ARGUMENT_MADE_MANDATORY,
            ChangeKind::MadeMandatory => RESULT_MADE_MANDATORY,
        }
    }

    fn definition(&self) -> Rule {
        match (&self.kind, self.item) {
            (ChangeKind::Added { .. }, ItemKind::Command) => COMMAND_ADDED,
            (ChangeKind::Added { .. }, ItemKind::Event) => EVENT_ADDED,
            (ChangeKind::Added { .. }, _) => TYPE_ADDED,
            (_, ItemKind::Command) => COMMAND_REMOVED,
            (_, ItemKind::Event) => EVENT_REMOVED,
            (_, _) => TYPE_REMOVED,
        }
    }

    fn added(&self, optional: bool) -> Rule {
        match (self.item, self.direction.argument, self.direction.result) {
            (ItemKind::Value, _, true) => VALUE_ADDED_TO_RESULT,
            (ItemKind::Value, _, false) => VALUE_ADDED_TO_ARGUMENT,
            (ItemKind::Branch, _, true) if self.of_alternate => ALTERNATIVE_ADDED_TO_RESULT,
            (ItemKind::Branch, _, true) => BRANCH_ADDED_TO_RESULT,
            (ItemKind::Branch, _, false) => BRANCH_ADDED_TO_ARGUMENT,
            (_, true, _) if !optional => MANDATORY_ARGUMENT_ADDED,
            (_, true, true) => BOTH_ADDED,
            (_, true, false) => OPTIONAL_ARGUMENT_ADDED,
            (_, false, _) => RESULT_ADDED,
        }
    }

    fn removed(&self, optional: bool) -> Rule {
        match (self.item, self.direction.argument) {
            (ItemKind::Value, true) => VALUE_REMOVED_FROM_ARGUMENT,
            (ItemKind::Value, false) => VALUE_REMOVED_FROM_RESULT,
            (ItemKind::Branch, true) => BRANCH_REMOVED_FROM_ARGUMENT,
            (ItemKind::Branch, false) => BRANCH_REMOVED_FROM_RESULT,
            (_, true) if optional => OPTIONAL_ARGUMENT_REMOVED,
            (_, true) => MANDATORY_ARGUMENT_REMOVED,
            (_, false) if optional => OPTIONAL_RESULT_REMOVED,
            (_, false) => MANDATORY_RESULT_REMOVED,
        }
    }

    fn retyped(&self, relation: Relation) -> Rule {
        let returns = self.item == ItemKind::Command;
        match relation {
            Relation::Same => RENAMED_TYPE,
            Relation::Began if returns => RETURNS_BEGAN,
            Relation::Widened if returns || self.direction.result => RESULT_WIDENED,
            Relation::Widened => ARGUMENT_WIDENED,
            _ if returns => RETURNS_CHANGED,
            _ if self.direction.result => RESULT_RETYPED,
            _ => ARGUMENT_RETYPED,
        }
    }
}

/// The bump that all of `changes` together ask for.
pub fn required_bump(changes: &[Change]) -> Bump {
    changes.iter().map(|change| change.rule().api).max().unwrap_or(Bump::None)
}
