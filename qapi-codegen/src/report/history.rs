//! A history as a document: what each release added or changed, and the life of one item.

use std::fmt::Write as _;

use crate::history::{History, Item, Release, diff, owner_path};
use crate::report::condition::condition_code;
use crate::report::diff::{DiffReport, Format};
use crate::schema::Schema;

/// What each release added or changed, newest first, as Markdown. Releases that changed nothing are named in
/// the heading of the one they equal.
pub fn history_markdown(releases: &[(Release, &Schema)]) -> String {
    let mut ordered = releases.to_vec();
    ordered.sort_by_key(|&(release, _)| release);
    let mut sections: Vec<(Vec<Release>, String)> = Vec::new();
    let mut last: Option<(Release, &Schema)> = None;
    for (release, schema) in ordered {
        let changes = last.map(|(_, old)| diff(old, schema));
        match (&changes, last, sections.last_mut()) {
            (Some(changes), _, Some((same, _))) if changes.is_empty() => same.push(release),
            (Some(changes), Some((from, _)), _) => {
                let report =
                    DiffReport { from: &from.to_string(), to: &release.to_string(), changes };
                sections.push((vec![release], report.render(Format::Markdown)));
            }
            _ => {
                let count = |what: usize, word: &str| format!("{what} {word}");
                let types = schema.types().filter(|(_, ty)| !ty.implicit).count();
                let text = format!(
                    "The first release: {}, {}.\n",
                    count(schema.commands().len(), "commands"),
                    count(types, "types")
                );
                sections.push((vec![release], text));
            }
        }
        last = Some((release, schema));
    }
    let mut text = String::new();
    for (releases, section) in sections.iter().rev() {
        let names = releases.iter().map(Release::to_string).collect::<Vec<_>>().join(", ");
        let _ = write!(text, "\n## {names}\n\n{section}");
    }
    text
}

/// The life of one item, a line for each thing that happened to it.
pub fn life_text(history: &History, path: &str) -> Option<String> {
    let life = history.life(path)?;
    let mut text = format!("{} {path}\n", life.kind);
    let mut before: Option<&Item> = None;
    for era in &life.eras {
        let happened = match before {
            None => tell_arrival(&era.item),
            Some(old) => tell_change(old, &era.item),
        };
        let _ = writeln!(text, "  {:<8} {happened}", era.from.to_string());
        before = Some(&era.item);
    }
    match life.until {
        Some(until) => {
            let _ = writeln!(text, "  {:<8} removed", until.to_string());
        }
        None => {
            if let Some(newest) = history.releases().last() {
                let _ = writeln!(text, "  {:<8} still there", newest.to_string());
            }
        }
    }
    text.push_str(&parts_text(history, path));
    Some(text)
}

/// The parts of a definition, each with the releases that added and changed it.
fn parts_text(history: &History, owner: &str) -> String {
    let parts =
        history.lives().iter().filter(|(path, _)| *path != owner && owner_path(path) == owner);
    let mut text = String::new();
    for (path, life) in parts {
        let name = path.get(owner.len() + 1..).unwrap_or_default();
        let mut story = life.since.to_string();
        for era in life.eras.iter().skip(1) {
            let _ = write!(story, ", changed {}", era.from);
        }
        if let Some(until) = life.until {
            let _ = write!(story, ", removed {until}");
        }
        let _ = writeln!(text, "    {:<8} {name:<24} {story}", life.kind.as_str());
    }
    text
}

/// What an item was when it came.
pub(super) fn tell_arrival(item: &Item) -> String {
    let mut text = "added".to_owned();
    if let Some(ty) = &item.ty {
        let _ = write!(text, ": {ty}");
    }
    if item.optional {
        text.push_str(", optional");
    }
    if !item.success_response {
        text.push_str(", no reply on success");
    }
    if let Some(condition) = &item.condition {
        let _ = write!(text, ", if {}", condition_code(condition));
    }
    text
}

/// What is new about an item that was there before.
pub(super) fn tell_change(old: &Item, new: &Item) -> String {
    let mut parts = Vec::new();
    if old.ty != new.ty {
        let name = |ty: &Option<String>| ty.clone().unwrap_or_else(|| "nothing".to_owned());
        parts.push(format!("{} -> {}", name(&old.ty), name(&new.ty)));
    }
    if old.optional != new.optional {
        parts.push(if new.optional { "optional now" } else { "mandatory now" }.to_owned());
    }
    if old.success_response != new.success_response {
        parts.push(
            if new.success_response { "replies now" } else { "no reply on success now" }.to_owned(),
        );
    }
    if old.condition != new.condition {
        let name = |condition: &Option<_>| {
            condition.as_ref().map_or_else(|| "always".to_owned(), condition_code)
        };
        parts.push(format!("condition {} -> {}", name(&old.condition), name(&new.condition)));
    }
    if old.features != new.features {
        parts.push(format!("features now: {}", new.features.join(", ")));
    }
    if parts.is_empty() { "changed form".to_owned() } else { parts.join("; ") }
}
