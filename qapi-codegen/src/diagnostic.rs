//! What is wrong with a schema, as plain data; [`render`] turns it into text.

mod code;
mod render;

pub use code::{Code, Stage};
pub use render::Format;

use crate::source::Span;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The schema is read all the same.
    Warning,
    /// The schema is rejected.
    Error,
}

/// A place and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A lower-case fragment; may be empty.
    pub message: String,
}

/// Something wrong with a schema, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of this kind of fault.
    pub code: Code,
    /// Whether the schema is rejected for it.
    pub severity: Severity,
    /// A lower-case fragment, names in `backticks`.
    pub message: String,
    /// The reported position: that of the fault itself for a syntax error, that of the definition's opening
    /// brace for anything found later, just as QEMU's own front end reports. `None` if there is no text,
    /// such as for a root file that cannot be read.
    pub at: Option<Span>,
    /// The culprits within, where they are narrower than `at`.
    pub labels: Vec<Label>,
    /// Other places that explain the fault ("first declared here").
    pub related: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `at`.
    pub fn error(code: Code, at: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            at: Some(at),
            labels: Vec::new(),
            related: Vec::new(),
            help: None,
        }
    }

    /// An error that concerns no text.
    pub fn without_place(code: Code, message: impl Into<String>) -> Self {
        Self { at: None, ..Self::error(code, Span::default(), message) }
    }

    /// The same, as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Points at a culprit.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Points at another place that explains.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Label { span, message: message.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Collects diagnostics while stages run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
}

impl Diagnostics {
    /// At most this many errors are kept per run, and as many warnings: a hostile text must not fill the memory
    /// with complaints.
    pub const LIMIT: usize = 1000;

    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, unless there are [`Self::LIMIT`] of its severity already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let alike = match diagnostic.severity {
            Severity::Error => self.errors,
            Severity::Warning => self.list.len() - self.errors,
        };
        if alike < Self::LIMIT {
            self.errors += usize::from(diagnostic.severity == Severity::Error);
            self.list.push(diagnostic);
        }
    }

    /// Whether there is no room for another error.
    pub fn is_full(&self) -> bool {
        self.errors >= Self::LIMIT
    }

    /// All of them, in the order QEMU's own front end would find them.
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Whether any of them rejects the schema.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        iter.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}
