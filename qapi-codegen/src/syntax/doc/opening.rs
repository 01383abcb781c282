//! What a line of documentation begins.

use crate::syntax::doc::SectionKind;

/// What the first line of a paragraph announces.
pub(super) enum Opening<'t> {
    Features,
    /// `@name:`
    Name,
    /// One of [`TAGS`] and the text after it.
    Tag(Option<SectionKind>, &'t str),
    Text,
}

/// The words that start a section, and what it describes; nothing for those that only older releases knew.
const TAGS: [(&str, Option<SectionKind>); 8] = [
    ("Returns", Some(SectionKind::Returns)),
    ("Errors", Some(SectionKind::Errors)),
    ("Since", Some(SectionKind::Since)),
    ("TODO", Some(SectionKind::Todo)),
    ("Note", None),
    ("Notes", None),
    ("Example", None),
    ("Examples", None),
];

/// The name and the text of `@name: text`.
pub(super) fn at_name(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix('@')?.split_once(':')?;
    Some((name, rest.trim_start_matches(' ')))
}

pub(super) fn opening(text: &str) -> Opening<'_> {
    if text == "Features:" {
        return Opening::Features;
    }
    if at_name(text).is_some() {
        return Opening::Name;
    }
    let tagged = TAGS.iter().find_map(|(name, kind)| {
        let rest = text.strip_prefix(name)?.strip_prefix(':')?;
        // Two colons introduce literal text.
        (!rest.starts_with(':')).then(|| Opening::Tag(kind.clone(), rest.trim_start_matches(' ')))
    });
    tagged.unwrap_or(Opening::Text)
}
