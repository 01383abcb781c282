//! Documentation comments: the lines between two `##`, split into sections.

pub(crate) mod faults;
mod lines;
mod opening;
pub(crate) mod parser;
mod section;
mod style;

use crate::source::{Span, Spanned};

/// One documentation comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// From the opening `##` to the closing one.
    pub span: Span,
    /// The definition it names in its first line; `None` for free-form documentation.
    pub symbol: Option<Spanned<String>>,
    /// Its text in order. The first section is always [`SectionKind::Plain`], possibly empty.
    pub sections: Vec<Section>,
}

/// One part of a documentation comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it describes.
    pub kind: SectionKind,
    /// Its text, indentation removed, lines joined with `\n`.
    pub text: String,
    /// The line that starts it.
    pub span: Span,
    /// How far its lines are indented, in spaces, but for one behind the name of the section.
    indentation: usize,
    /// Whether its text begins behind the name of the section.
    begins_behind_name: bool,
}

impl Section {
    /// Its text with the indentation that it has in the source.
    pub(crate) fn indented(&self) -> String {
        let mut text = String::with_capacity(self.text.len());
        for (at, line) in self.text.split('\n').enumerate() {
            if at > 0 {
                text.push('\n');
            }
            if !line.is_empty() && (at > 0 || !self.begins_behind_name) {
                text.extend(std::iter::repeat_n(' ', self.indentation));
            }
            text.push_str(line);
        }
        text
    }
}

/// What a section describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// The definition as a whole, or text between other sections.
    Plain,
    /// A member, argument, value or branch.
    Member(String),
    /// A feature.
    Feature(String),
    /// What a command returns.
    Returns,
    /// What errors a command gives.
    Errors,
    /// The release that introduced the definition.
    Since,
    /// A note of the schema's authors to themselves.
    Todo,
}

impl Doc {
    /// The text that describes `member`, if there is any.
    pub fn member(&self, member: &str) -> Option<&str> {
        self.find(|kind| matches!(kind, SectionKind::Member(name) if name == member))
    }

    /// The members that are described, each with its text.
    pub(crate) fn members(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.sections.iter().filter_map(|section| match &section.kind {
            SectionKind::Member(name) => Some((name.as_str(), section.text.as_str())),
            _ => None,
        })
    }

    /// The text that describes `feature`, if there is any.
    pub fn feature(&self, feature: &str) -> Option<&str> {
        self.find(|kind| matches!(kind, SectionKind::Feature(name) if name == feature))
    }

    fn find(&self, wanted: impl Fn(&SectionKind) -> bool) -> Option<&str> {
        self.sections
            .iter()
            .find(|section| wanted(&section.kind))
            .map(|section| section.text.as_str())
    }
}

#[cfg(test)]
mod tests;
