//! Commands as data: what a command line, an audit or a completion script wants to know of them.

use crate::command::{Release, ReleaseSpan};

/// What there is to know of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// One sentence on what it does.
    pub summary: &'static str,
    /// The first release that has it; `None` where the schema's history is not known.
    pub since: Option<Release>,
    /// The first release that no longer has it.
    pub until: Option<Release>,
    /// The arguments, in schema order.
    pub arguments: &'static [ArgumentInfo],
    /// QAPI's name of the type it returns; `None` if it returns nothing but success.
    pub returns: Option<&'static str>,
    /// Whether there is a reply on success.
    pub success_response: bool,
    /// In which builds it exists, in words; `None` if in all.
    pub condition: Option<&'static str>,
    /// The releases in which it exists in some builds only, and in which.
    pub conditional: &'static [(ReleaseSpan, BuildCondition)],
}

/// Which builds of an agent have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildCondition {
    /// Those for which this macro was defined: `CONFIG_LINUX`, `HAVE_UTMPX`.
    Defined(&'static str),
    /// Those that meet all of these.
    All(&'static [BuildCondition]),
    /// Those that meet one of these.
    Any(&'static [BuildCondition]),
    /// Those that do not meet this.
    Not(&'static BuildCondition),
}

/// What there is to know of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArgumentInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// One sentence on what it means.
    pub summary: &'static str,
    /// QAPI's name of its type; `[str]` for a list of `str`.
    pub type_name: &'static str,
    /// What its values look like.
    pub kind: ValueKind,
    /// Whether it may be left out.
    pub optional: bool,
    /// The first release that has it; `None` where that is not known.
    pub since: Option<Release>,
}

/// What values of a type look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Text.
    String,
    /// Bytes, which travel as base64.
    Bytes,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `null`.
    Null,
    /// One of these strings, or one that is not known yet.
    Enum(&'static [&'static str]),
    /// A list.
    List(&'static ValueKind),
    /// An object.
    Object,
    /// One of several, told apart by their JSON type.
    Alternate(&'static [ValueKind]),
    /// Any JSON value.
    Any,
}

impl CommandInfo {
    /// A command that takes and returns nothing and exists everywhere.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        Self {
            name,
            summary,
            since: None,
            until: None,
            arguments: &[],
            returns: None,
            success_response: true,
            condition: None,
            conditional: &[],
        }
    }

    /// Sets [`since`](Self::since).
    #[must_use]
    pub const fn since(mut self, since: Release) -> Self {
        self.since = Some(since);
        self
    }

    /// Sets [`until`](Self::until).
    #[must_use]
    pub const fn until(mut self, until: Release) -> Self {
        self.until = Some(until);
        self
    }

    /// Sets [`arguments`](Self::arguments).
    #[must_use]
    pub const fn arguments(mut self, arguments: &'static [ArgumentInfo]) -> Self {
        self.arguments = arguments;
        self
    }

    /// Sets [`returns`](Self::returns).
    #[must_use]
    pub const fn returns(mut self, type_name: &'static str) -> Self {
        self.returns = Some(type_name);
        self
    }

    /// There is no reply on success.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.success_response = false;
        self
    }

    /// Sets [`conditional`](Self::conditional).
    #[must_use]
    pub const fn conditional(mut self, spans: &'static [(ReleaseSpan, BuildCondition)]) -> Self {
        self.conditional = spans;
        self
    }

    /// Whether agents of a release have it, as far as their builds let them.
    pub fn is_in(&self, release: Release) -> bool {
        self.since.is_none_or(|since| since <= release)
            && self.until.is_none_or(|until| release < until)
    }

    /// Which agents of a release have it, if it is in that release; `None` if all have it.
    pub fn condition_in(&self, release: Release) -> Option<BuildCondition> {
        let mut spans = self.conditional.iter();
        spans.find(|(span, _)| span.contains(release)).map(|&(_, condition)| condition)
    }

    /// Sets [`condition`](Self::condition).
    #[must_use]
    pub const fn condition(mut self, condition: &'static str) -> Self {
        self.condition = Some(condition);
        self
    }
}

impl ArgumentInfo {
    /// A mandatory argument.
    pub const fn new(
        name: &'static str,
        type_name: &'static str,
        kind: ValueKind,
        summary: &'static str,
    ) -> Self {
        Self { name, summary, type_name, kind, optional: false, since: None }
    }

    /// It may be left out.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Sets [`since`](Self::since).
    #[must_use]
    pub const fn since(mut self, since: Release) -> Self {
        self.since = Some(since);
        self
    }
}
