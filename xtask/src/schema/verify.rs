//! `cargo xtask schema verify`: whether what is pinned is canonical, complete, and true to upstream's texts.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, Release};
use qapi_codegen::import::canonical;
use qapi_codegen::schema::{Entity, Schema};
use qapi_codegen::source::SourceMap;
use qapi_codegen::syntax::doc::{Doc, SectionKind};

use crate::pins::{Pins, Snapshot, read_text};
use crate::schema::add::import;
use crate::schema::upstream::Upstream;

/// Checks everything that can be checked without upstream's texts: each snapshot is what the importer would
/// write, and all of them together have one description.
///
/// # Errors
/// What is wrong, and the command that mends it.
pub fn verify_pins(pins: &Pins) -> Result<()> {
    for snapshot in &pins.snapshots {
        let text = canonical(&snapshot.schema)?;
        ensure!(
            text == snapshot.text,
            "snapshot {} is not canonical: import it again with `cargo xtask schema add`",
            snapshot.name()
        );
    }
    pins.history()?;
    Ok(())
}

/// Checks upstream's texts against the pins that came from them: one text, or of a git checkout that of every pinned
/// release. Returns what was found, and what the documentation of the newest says of releases that the pins disprove.
///
/// # Errors
/// When no pin came from a text, or importing it gives something else than what is pinned.
pub fn verify_upstream(pins: &Pins, from: &Path) -> Result<String> {
    let origins = origins(pins, from)?;
    for (release, snapshot, upstream) in &origins {
        ensure!(
            import(*release, &upstream.text)? == snapshot.text,
            "importing {release} from {} gives something else than snapshot {}: run \
             `cargo xtask schema add {release} --from ...`",
            from.display(),
            snapshot.name()
        );
    }
    let (newest, _, upstream) = origins.last().context("no pinned release")?;
    let mut sources = SourceMap::new();
    let schema = read_text(&mut sources, &upstream.path, &upstream.text, Dialect::any())?;
    let mut text = since_report(*newest, &schema, &pins.history()?);
    let what = match &origins[..] {
        [_] => "importing it gives what is pinned".to_owned(),
        all => format!("importing {} releases gives what is pinned", all.len()),
    };
    let _ = writeln!(text, "{}: {what}", from.display());
    Ok(text)
}

/// A pinned release, its snapshot, and the upstream text it came from.
type Source<'a> = (Release, &'a Snapshot, Upstream);

/// The pinned releases whose texts are at `from`, known by their checksums, oldest first.
fn origins<'a>(pins: &'a Pins, from: &Path) -> Result<Vec<Source<'a>>> {
    ensure!(from.exists(), "there is no {}", from.display());
    // A file or a tree holds one text, a checkout one for each release.
    let is_checkout = from.join(".git").exists();
    let mut found = Vec::new();
    for snapshot in &pins.snapshots {
        for (&release, origin) in &snapshot.releases {
            let Ok(upstream) = Upstream::find(release, from) else { continue };
            if upstream.sha256() == origin.sha256 {
                found.push((release, snapshot, upstream));
            } else {
                ensure!(
                    !is_checkout,
                    "the text of {release} in {} is not the one that was pinned: its SHA-256 is {}",
                    from.display(),
                    upstream.sha256()
                );
            }
        }
    }
    ensure!(!found.is_empty(), "{} holds the text of no pinned release", from.display());
    found.sort_by_key(|&(release, ..)| release);
    if !is_checkout {
        // Several releases may have one text; the oldest stands for them.
        found.truncate(1);
    }
    Ok(found)
}

/// Definitions whose documentation names another release than the first that has them, or none.
fn since_report(release: Release, schema: &Schema, history: &History) -> String {
    let mut text = String::new();
    for entity in schema.entities() {
        let (name, implicit, doc) = match *entity {
            Entity::Type(id) => (&schema[id].name, schema[id].implicit, &schema[id].doc),
            Entity::Command(id) => (&schema[id].name, false, &schema[id].doc),
            Entity::Event(id) => (&schema[id].name, false, &schema[id].doc),
        };
        let (Some(life), false, Some(doc)) = (history.life(name), implicit, doc) else { continue };
        let proven = life.since;
        let _ = match documented_since(doc) {
            None => writeln!(
                text,
                "{release}: {name} does not say since when it exists; it is in {proven}"
            ),
            Some(said) if (said.major, said.minor) != (proven.major, proven.minor) => {
                writeln!(
                    text,
                    "{release}: {name} says since {said}; the first release with it is {proven}"
                )
            }
            Some(_) => Ok(()),
        };
    }
    text
}

/// The first version number of the `Since` section.
fn documented_since(doc: &Doc) -> Option<Release> {
    let section = doc.sections.iter().find(|section| section.kind == SectionKind::Since)?;
    let numbers = section.text.split(|c: char| !c.is_ascii_digit() && c != '.');
    numbers.into_iter().find_map(|word| word.trim_matches('.').parse().ok())
}
