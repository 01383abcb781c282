//! `cargo xtask schema diff` and `schema history`: what changed between two schemas, and the life of an item.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, Release, diff};
use qapi_codegen::report::{DiffReport, Format, life_text};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;

use crate::pins::{Pins, read};

/// Where a tree keeps a schema: that of the guest agent if it has one, since 1.4 and before, or else that of QEMU
/// itself.
const ROOTS: [&str; 4] =
    ["qga/qapi-schema.json", "qapi-schema-guest.json", "qapi/qapi-schema.json", "qapi-schema.json"];

/// Writes what changed from `old` to `new`, and says whether any of it breaks a program. Each side is a pinned
/// release, the path of a schema, or a folder that holds one where QEMU keeps it.
///
/// # Errors
/// When a side is neither, or cannot be read.
pub fn compare(pins: &Pins, old: &str, new: &str, format: Format) -> Result<(String, bool)> {
    let mut sources = SourceMap::new();
    let (from, to) = (side(pins, &mut sources, old)?, side(pins, &mut sources, new)?);
    let changes = diff(&from, &to);
    let report = DiffReport { from: old, to: new, changes: &changes };
    Ok((report.render(format), report.breaking() > 0))
}

fn side(pins: &Pins, sources: &mut SourceMap, name: &str) -> Result<Schema> {
    if let Ok(release) = name.parse::<Release>() {
        if let Some(schema) = pins.release(release) {
            return Ok(schema.clone());
        }
        if !Path::new(name).exists() {
            let known =
                pins.releases().iter().map(|(release, _)| release.to_string()).collect::<Vec<_>>();
            bail!("{name} is not pinned, and no such file exists; pinned are {}", known.join(", "));
        }
    }
    let path = Path::new(name);
    if !path.is_dir() {
        return read(sources, path, Dialect::any());
    }
    let found = ROOTS.iter().map(|root| path.join(root)).find(|path| path.is_file());
    let found = found.with_context(|| format!("{name} holds none of {}", ROOTS.join(", ")))?;
    read(sources, &found, Dialect::any())
}

/// The life of one item; without a name, the names of all.
///
/// # Errors
/// When there is no such item; the message suggests what may be meant.
pub fn life(history: &History, name: Option<&str>) -> Result<String> {
    let Some(name) = name else {
        let all = history.lives().iter();
        let lines = all.map(|(path, life)| format!("{:<10} {path}", life.kind.as_str()));
        return Ok(lines.collect::<Vec<_>>().join("\n") + "\n");
    };
    // A branch is often written with a dot.
    let branch = || name.rsplit_once('.').map(|(owner, part)| format!("{owner}/{part}"));
    if let Some(text) = life_text(history, name).or_else(|| life_text(history, &branch()?)) {
        return Ok(text);
    }
    let similar = similar(name, history.lives().keys().map(String::as_str));
    let hint = if similar.is_empty() {
        "cargo xtask schema history lists all items".to_owned()
    } else {
        format!("there is {}", similar.join(", "))
    };
    bail!("no release has an item `{name}`: {hint}")
}

/// How many names are suggested.
const SUGGESTIONS: usize = 5;

/// The known names that may be meant by a wrong one: those that hold it, or else those that take the fewest changes of a
/// letter.
fn similar<'a>(wanted: &str, known: impl Iterator<Item = &'a str> + Clone) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let holding = known.clone().filter(|name| name.to_lowercase().contains(&wanted));
    let holding = holding.take(SUGGESTIONS).collect::<Vec<_>>();
    if !holding.is_empty() {
        return holding;
    }
    let farthest = wanted.chars().count() / 3;
    let mut near = known
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .filter(|&(distance, _)| distance <= farthest)
        .collect::<Vec<_>>();
    near.sort_unstable();
    near.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

/// How many letters must be put in, taken out or replaced to make `to` of `from`.
fn distance(from: &str, to: &str) -> usize {
    let to = to.chars().collect::<Vec<_>>();
    let mut row = (0..=to.len()).collect::<Vec<_>>();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (at, &other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
