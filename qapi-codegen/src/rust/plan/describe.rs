//! What the documentation of each item says: its text, and what is known of it besides.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use crate::history::{History, Life};
use crate::report::condition_words;
use crate::rust::docs::{Docs, markdown};
use crate::schema::{Condition, Feature, Meta};
use crate::syntax::doc::{Doc, SectionKind};

/// Finds texts and composes documentation, and remembers what it found and what not.
pub(super) struct Describe<'a> {
    history: &'a History,
    texts: Option<&'a Docs>,
    used: BTreeSet<String>,
    missing: BTreeSet<String>,
    /// The comment whose text was asked for last, and its texts by member: the members of a type come one after the other.
    comment: Option<(&'a Doc, BTreeMap<&'a str, &'a str>)>,
}

/// The documentation of a definition.
pub(super) struct Text {
    pub(super) lines: Vec<String>,
    /// The first paragraph.
    summary: Vec<String>,
}

impl Text {
    /// The first paragraph.
    pub(super) fn summary(&self) -> &[String] {
        &self.summary
    }

    /// The first paragraph, on one line.
    pub(super) fn summary_line(&self) -> String {
        self.summary.join(" ")
    }
}

/// A member, argument, value or branch to be described.
pub(super) struct Part<'a> {
    /// Where its text is, in a file of texts: `types.T.members.m`.
    pub(super) path: String,
    /// The definition that declares it.
    pub(super) doc: Option<&'a Doc>,
    /// Its own name, and its path in the history: `T.m`.
    pub(super) name: &'a str,
    pub(super) item: String,
    /// What it belongs to, whose age is not repeated.
    pub(super) owner: &'a str,
    pub(super) meta: &'a Meta,
    /// What is said if there is no text.
    pub(super) fallback: String,
    /// Whether `fallback` will do.
    pub(super) required: bool,
    pub(super) optional: bool,
}

impl<'a> Describe<'a> {
    pub(super) fn new(history: &'a History, texts: Option<&'a Docs>) -> Self {
        Self { history, texts, used: BTreeSet::new(), missing: BTreeSet::new(), comment: None }
    }

    /// The paths of missing texts, and of those that nothing asked for.
    pub(super) fn finish(self) -> (Vec<String>, Vec<String>) {
        let unused = self.texts.iter().flat_map(|texts| texts.unused(&self.used));
        (self.missing.into_iter().collect(), unused.map(str::to_owned).collect())
    }

    /// Documents a definition. `group` is `types`, `commands` or `events`.
    pub(super) fn definition(
        &mut self,
        group: &str,
        name: &str,
        doc: Option<&Doc>,
        meta: &Meta,
        fallback: String,
    ) -> Text {
        let path = format!("{group}.{name}");
        let body = match self.text(&path) {
            Some(text) => text,
            None => doc.map(plain_text).unwrap_or_default(),
        };
        if body.is_empty() {
            self.missing.insert(path.clone());
        }
        let summary = first_paragraph(&body).unwrap_or_else(|| vec![fallback.clone()]);
        let mut lines = if body.is_empty() { vec![fallback] } else { body };
        let mut facts = Self::life_facts(self.history.life(name));
        if facts.is_empty() {
            facts.extend(doc.and_then(since_text));
        }
        facts.extend(condition_fact(meta.condition.as_ref()));
        paragraph(&mut lines, &facts.join(" "));
        self.features(&mut lines, doc, &meta.features);
        for (title, key, kind) in [
            ("# Returns", "returns", SectionKind::Returns),
            ("# Errors", "errors", SectionKind::Errors),
        ] {
            let text = self.text(&format!("{path}.{key}"));
            let text = text.or_else(|| self.comment(doc, &kind));
            section(&mut lines, title, text.unwrap_or_default());
        }
        Text { lines, summary }
    }

    /// Documents a part of a definition.
    pub(super) fn part(&mut self, part: &Part<'a>) -> Text {
        let text = self.text(&part.path);
        let body = text.unwrap_or_else(|| {
            let comment = part.doc.and_then(|doc| self.of_member(doc, part.name));
            comment.map(sentence).unwrap_or_default()
        });
        if body.is_empty() && part.required {
            self.missing.insert(part.path.clone());
        }
        let summary = first_paragraph(&body).unwrap_or_else(|| vec![part.fallback.clone()]);
        let mut lines = if body.is_empty() { vec![part.fallback.clone()] } else { body };
        let mut facts = self.part_facts(part);
        facts.extend(condition_fact(part.meta.condition.as_ref()));
        paragraph(&mut lines, &facts.join(" "));
        self.features(&mut lines, part.doc, &part.meta.features);
        Text { lines, summary }
    }

    /// What a comment says of a member.
    fn of_member(&mut self, doc: &'a Doc, member: &str) -> Option<&'a str> {
        let (_, texts) = match self.comment.take_if(|(known, _)| ptr::eq(*known, doc)) {
            Some(comment) => self.comment.insert(comment),
            // Of two texts the first counts, as everywhere.
            None => self.comment.insert((doc, doc.members().rev().collect())),
        };
        texts.get(member).copied()
    }

    /// The text at `path` of the file of texts.
    fn text(&mut self, path: &str) -> Option<Vec<String>> {
        self.used.insert(path.to_owned());
        let text = self.texts?.get(path)?;
        Some(text.trim().lines().map(|line| line.trim_end().to_owned()).collect())
    }

    fn comment(&self, doc: Option<&Doc>, kind: &SectionKind) -> Option<Vec<String>> {
        let section = doc?.sections.iter().find(|section| section.kind == *kind)?;
        self.texts.is_none().then(|| sentence(&section.text))
    }

    fn life_facts(life: Option<&Life>) -> Vec<String> {
        let Some(life) = life else { return Vec::new() };
        let mut facts = vec![format!("Since QEMU {}.", life.since)];
        facts.extend(life.until.map(|until| format!("Removed in QEMU {until}.")));
        facts
    }

    /// What the history of a part adds to that of its owner.
    fn part_facts(&self, part: &Part<'_>) -> Vec<String> {
        let Some(life) = self.history.life(&part.item) else { return Vec::new() };
        let owner = self.history.life(part.owner);
        let mut facts = Vec::new();
        if owner.is_none_or(|owner| owner.since < life.since) {
            facts.push(format!("Since QEMU {}.", life.since));
        }
        if owner.is_none_or(|owner| owner.until != life.until) {
            facts.extend(life.until.map(|until| format!("Removed in QEMU {until}.")));
        }
        let newest_has_it = life.newest().is_some_and(|item| !item.optional);
        if part.optional && newest_has_it {
            facts.push("`None` from older agents.".to_owned());
        }
        if let Some(since) = life.optional_since() {
            facts.push(format!("Optional since QEMU {since}: older agents need it."));
        }
        let types = life.types();
        if let [(_, Some(old)), (since, Some(_))] = types[..] {
            facts.push(format!("Agents before QEMU {since} know only `{old}` here."));
        }
        facts
    }

    fn features(&self, lines: &mut Vec<String>, doc: Option<&Doc>, features: &[Feature]) {
        for feature in features {
            let lead = match feature.name.as_str() {
                "deprecated" => "**Deprecated.**".to_owned(),
                "unstable" => "**Unstable.**".to_owned(),
                name => format!("Feature `{name}`."),
            };
            let text = doc.filter(|_| self.texts.is_none());
            let text = text.and_then(|doc| doc.feature(&feature.name)).map(sentence);
            let mut text = text.unwrap_or_default().into_iter();
            let first = text.next().map_or(lead.clone(), |first| format!("{lead} {first}"));
            paragraph(lines, &first);
            lines.extend(text);
        }
    }
}

/// The first paragraph, if the text begins with one, and not with a literal block or a list.
fn first_paragraph(lines: &[String]) -> Option<Vec<String>> {
    let is_text = |line: &&String| !line.is_empty() && !line.starts_with("```");
    let first: Vec<String> = lines.iter().take_while(is_text).cloned().collect();
    (!first.is_empty() && !first.iter().any(|line| line.starts_with("- "))).then_some(first)
}

fn paragraph(lines: &mut Vec<String>, text: &str) {
    if !text.is_empty() {
        lines.push(String::new());
        lines.push(text.to_owned());
    }
}

fn section(lines: &mut Vec<String>, title: &str, text: Vec<String>) {
    if !text.is_empty() {
        paragraph(lines, title);
        lines.push(String::new());
        lines.extend(text);
    }
}

fn condition_fact(condition: Option<&Condition>) -> Option<String> {
    condition.map(|condition| format!("Only in builds {}.", condition_words(condition)))
}

/// What a comment says of the definition as a whole.
fn plain_text(doc: &Doc) -> Vec<String> {
    let plain = doc.sections.iter().filter(|section| section.kind == SectionKind::Plain);
    let text = plain.map(|section| section.text.trim()).filter(|text| !text.is_empty());
    markdown(&text.collect::<Vec<_>>().join("\n\n"))
}

fn since_text(doc: &Doc) -> Option<String> {
    let since = doc.sections.iter().find(|section| section.kind == SectionKind::Since)?;
    let text = markdown(&since.text).join(" ");
    let text = text.trim_end_matches('.');
    (!text.is_empty()).then(|| format!("Since {text}."))
}

/// A comment's description, which often begins in lower case and has no end, as a sentence.
fn sentence(text: &str) -> Vec<String> {
    let mut lines = markdown(text);
    if let Some(first) = lines.first_mut() {
        let word = first.split(' ').next().unwrap_or_default();
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            let (initial, rest) = first.split_at(1);
            *first = initial.to_ascii_uppercase() + rest;
        }
    }
    let is_open = |line: &str| line.ends_with(|c: char| c.is_alphanumeric() || "`)>\"".contains(c));
    if let [only] = &mut lines[..]
        && is_open(only)
    {
        only.push('.');
    }
    lines
}
