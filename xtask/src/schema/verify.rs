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

/// Checks an upstream text against the pin that came from it, and returns what its documentation says of
/// releases that the pins disprove.
///
/// # Errors
/// When no pin came from the text, or importing it gives something else than what is pinned.
pub fn verify_upstream(pins: &Pins, from: &Path) -> Result<String> {
    let (release, snapshot, upstream) = find(pins, from)?;
    let text = import(release, &upstream.text)?;
    ensure!(
        text == snapshot.text,
        "importing {} gives something else than snapshot {}: run `cargo xtask schema add {release} --from ...`",
        from.display(),
        snapshot.name()
    );
    let mut sources = SourceMap::new();
    let schema = read_text(&mut sources, &upstream.path, &upstream.text, Dialect::any())?;
    Ok(since_report(release, &schema, &pins.history()?))
}

/// The pin whose text is at `from`, known by its checksum.
fn find<'a>(pins: &'a Pins, from: &Path) -> Result<(Release, &'a Snapshot, Upstream)> {
    for snapshot in &pins.snapshots {
        for (&release, origin) in &snapshot.releases {
            // A file holds one text; a checkout holds one for each release.
            let Ok(upstream) = Upstream::find(release, from) else { continue };
            if upstream.sha256() == origin.sha256 {
                return Ok((release, snapshot, upstream));
            }
        }
    }
    Upstream::find(pins.oldest, from)
        .with_context(|| format!("looking for a schema at {}", from.display()))?;
    anyhow::bail!("{} is not the text of any pinned release", from.display())
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
