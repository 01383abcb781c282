//! What generated items are documented with: a file of our own, or the schema's comments.

mod inline;
mod markdown;

pub(super) use markdown::markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use crate::history::{ItemKind, items, owner_path};
use crate::schema::Schema;

/// Documentation of a schema's items, apart from the schema.
///
/// The file is TOML with a table for each command, type and event; texts are Markdown:
///
/// ```toml
/// [commands.guest-exec]
/// doc = "Runs a program.\n\nThe first sentence is the summary."
/// returns = "The process id."
/// errors = "The program cannot be run."
/// [commands.guest-exec.arguments]
/// path = "The program."
///
/// [types.GuestExec]
/// doc = "A program that was started."
/// [types.GuestExec.members]
/// pid = "Its process id."
/// ```
///
/// Enums have `values`, unions and alternates `branches`, events `members`.
#[derive(Clone, Debug, Default)]
pub struct Docs {
    texts: BTreeMap<String, String>,
}

/// Why documentation cannot be read.
#[derive(Clone, Debug)]
pub struct InvalidDocs(String);

impl fmt::Display for InvalidDocs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for InvalidDocs {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    commands: BTreeMap<String, CommandEntry>,
    #[serde(default)]
    types: BTreeMap<String, TypeEntry>,
    #[serde(default)]
    events: BTreeMap<String, EventEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandEntry {
    doc: Option<String>,
    returns: Option<String>,
    errors: Option<String>,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeEntry {
    doc: Option<String>,
    #[serde(default)]
    members: BTreeMap<String, String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    branches: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEntry {
    doc: Option<String>,
    #[serde(default)]
    members: BTreeMap<String, String>,
}

impl Docs {
    /// Reads the text of such a file.
    ///
    /// # Errors
    /// When it is not TOML of this form.
    pub fn parse(text: &str) -> Result<Self, InvalidDocs> {
        let file: File = toml::from_str(text).map_err(|error| InvalidDocs(error.to_string()))?;
        let mut docs = Self::default();
        for (name, entry) in file.commands {
            let path = format!("commands.{name}");
            docs.add_one(format!("{path}.returns"), entry.returns);
            docs.add_one(format!("{path}.errors"), entry.errors);
            docs.add_all(&path, "arguments", entry.arguments);
            docs.add_one(path, entry.doc);
        }
        for (name, entry) in file.types {
            let path = format!("types.{name}");
            docs.add_all(&path, "members", entry.members);
            docs.add_all(&path, "values", entry.values);
            docs.add_all(&path, "branches", entry.branches);
            docs.add_one(path, entry.doc);
        }
        for (name, entry) in file.events {
            let path = format!("events.{name}");
            docs.add_all(&path, "members", entry.members);
            docs.add_one(path, entry.doc);
        }
        Ok(docs)
    }

    fn add_one(&mut self, path: String, text: Option<String>) {
        self.texts.extend(text.map(|text| (path, text)));
    }

    fn add_all(&mut self, owner: &str, group: &str, texts: BTreeMap<String, String>) {
        let path = |name| format!("{owner}.{group}.{name}");
        self.texts.extend(texts.into_iter().map(|(name, text)| (path(name), text)));
    }

    /// Drops the texts on what `schema` does not have, and names them.
    pub fn retain_known(&mut self, schema: &Schema) -> Vec<String> {
        let mut known = BTreeSet::new();
        for (path, item) in items(schema) {
            for place in Self::places(item.kind, &path) {
                known.extend(["", ".returns", ".errors"].map(|more| format!("{place}{more}")));
            }
        }
        let unknown = self.texts.keys().filter(|path| !known.contains(*path)).cloned();
        let unknown = unknown.collect::<Vec<_>>();
        self.texts.retain(|path, _| known.contains(path));
        unknown
    }

    /// The first sentence on an item, `guest-exec.path` for instance, on one line and with names in backticks.
    pub fn summary(&self, kind: ItemKind, item: &str) -> Option<String> {
        let text = Self::places(kind, item).iter().find_map(|place| self.get(place))?;
        let lines = text.trim().lines().map(str::trim).take_while(|line| !line.is_empty());
        let paragraph = lines.collect::<Vec<_>>().join(" ");
        let begins = |rest: &str| rest.starts_with(|c: char| c.is_uppercase() || c == '`');
        let ends = paragraph.match_indices(". ").map(|(at, _)| at + 1);
        let mut ends = ends.filter(|&end| paragraph.get(end + 1..).is_some_and(begins));
        let sentence = ends.next().and_then(|end| paragraph.get(..end));
        Some(sentence.unwrap_or(&paragraph).to_owned())
    }

    /// Where the file may have the text on an item.
    fn places(kind: ItemKind, item: &str) -> Vec<String> {
        let owner = owner_path(item);
        let part = item.get(owner.len() + 1..).unwrap_or_default();
        match kind {
            ItemKind::Command => vec![format!("commands.{item}")],
            ItemKind::Event => vec![format!("events.{item}")],
            ItemKind::Struct | ItemKind::Enum | ItemKind::Union | ItemKind::Alternate => {
                vec![format!("types.{item}")]
            }
            ItemKind::Argument => vec![format!("commands.{owner}.arguments.{part}")],
            ItemKind::Member => {
                ["types", "events"].map(|group| format!("{group}.{owner}.members.{part}")).to_vec()
            }
            ItemKind::Value => vec![format!("types.{owner}.values.{part}")],
            ItemKind::Branch => vec![format!("types.{owner}.branches.{part}")],
        }
    }

    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    pub(super) fn unused(&self, used: &BTreeSet<String>) -> impl Iterator<Item = &str> {
        self.texts.keys().filter(|path| !used.contains(*path)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Docs;
    use crate::history::ItemKind;

    #[test]
    fn every_text_has_a_path() {
        let text = "[commands.c]\ndoc = 'D'\nreturns = 'R'\n[commands.c.arguments]\na-b = 'A'\n\
                    [types.T.values]\nv = 'V'\n[events.E]\ndoc = 'E'\n";
        let docs = Docs::parse(text).unwrap();
        let paths: Vec<&str> = docs.texts.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "commands.c",
                "commands.c.arguments.a-b",
                "commands.c.returns",
                "events.E",
                "types.T.values.v"
            ]
        );
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_line() {
        let error = Docs::parse("[types.T]\ndocs = 'D'\n").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(error.to_string().contains("docs"), "{error}");
    }

    #[test]
    fn a_summary_is_the_first_sentence_wherever_the_item_is() {
        let text = r#"
[commands.c]
doc = """
Reads `a.b` of, e.g. two
lines. Then more.

And more."""
[commands.c.arguments]
x-y = "How many. All if omitted."
[types.T.branches]
one = "Only one"
[events.E.members]
m = "`M`."
"#;
        let docs = Docs::parse(text).unwrap();
        let summary = |kind, item| docs.summary(kind, item).unwrap_or_default();
        assert_eq!(summary(ItemKind::Command, "c"), "Reads `a.b` of, e.g. two lines.");
        assert_eq!(summary(ItemKind::Argument, "c.x-y"), "How many.");
        assert_eq!(summary(ItemKind::Branch, "T/one"), "Only one");
        assert_eq!(summary(ItemKind::Member, "E.m"), "`M`.");
        assert_eq!(docs.summary(ItemKind::Member, "T.m"), None);
    }
}
