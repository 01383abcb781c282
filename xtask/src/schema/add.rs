//! `cargo xtask schema add`: pins the definitions of a release.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, Release, diff};
use qapi_codegen::import::canonical;
use qapi_codegen::report::{DiffReport, Format};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;

use crate::codegen;
use crate::pins::{Origin, Pins, read_text};
use crate::print;
use crate::schema::skeleton;
use crate::schema::upstream::{Upstream, release_tags};
use crate::update::Update;

/// Asks for every release tag of a checkout.
pub const ALL_TAGS: &str = "--all-tags";

/// Pins `release`, or without one every release tag, of the schema at `from`; shows what that changes, and
/// brings everything that is generated up to date.
///
/// # Errors
/// When anything is wrong, and then nothing is written: a text that is no QAPI, a change that the bindings
/// cannot describe together with older releases, an item without documentation.
pub fn run(root: &Path, release: Option<Release>, from: &Path) -> Result<()> {
    let update = plan(root, release, from).context("nothing is written")?;
    for change in update.apply()? {
        print(&format!("{change}\n"));
    }
    Ok(())
}

fn plan(root: &Path, release: Option<Release>, from: &Path) -> Result<Update> {
    let (mut pins, gone) = Pins::open_what_is_there(&root.join("schema"))?;
    if !gone.is_empty() {
        print(&format!(
            "their snapshots are gone, so these are no longer pinned: {}\n",
            list(&gone)
        ));
    }
    let added = match release {
        None => pin_all_tags(&mut pins, from)?,
        Some(release) => {
            pin(&mut pins, release, &Upstream::find(release, from)?)?;
            vec![release]
        }
    };
    print(&summary(&pins, &added));
    let mut update = outputs(&pins)?;
    update.extend(regenerate(root, &pins)?);
    Ok(update)
}

/// What is generated from `pins`. Texts and corrections of what no pinned release has are left aside: they may
/// be waiting for one that is yet to be added.
fn regenerate(root: &Path, pins: &Pins) -> Result<Update> {
    let mut history: History = pins.uncorrected()?;
    let (mut corrections, mut docs) = (pins.corrections()?, codegen::docs(pins)?);
    let mut aside = corrections.retain_known(history.schema());
    history.correct(&corrections).context("schema/corrections.toml")?;
    aside.extend(docs.retain_known(history.schema()));
    if !aside.is_empty() {
        print(&format!(
            "no pinned release has what {} texts in docs.toml and corrections.toml are about, such as {}\n",
            aside.len(),
            aside[0]
        ));
    }
    let bindings = codegen::generate(pins, &history, docs, false)?;
    let missing = bindings.undocumented();
    if !missing.is_empty() {
        let known = codegen::docs_text(pins)?;
        print(&format!("\n{}\n", skeleton::skeleton(missing, history.schema(), &known)));
        bail!(
            "schema/docs.toml lacks {} texts: put what is above into it, say what each means, and add the \
             release again",
            missing.len()
        );
    }
    codegen::outputs_with(root, pins, &bindings)
}

/// Adds `release` to `pins`, or replaces it; nothing is written yet.
///
/// # Errors
/// When the text cannot be read as QAPI, or has no canonical form.
pub fn pin(pins: &mut Pins, release: Release, upstream: &Upstream) -> Result<()> {
    let text = import(release, &upstream.text)?;
    pins.insert(release, Origin { path: upstream.path.clone(), sha256: upstream.sha256() }, text)
}

/// Pins every release tag of a git checkout, and says what it skips.
fn pin_all_tags(pins: &mut Pins, checkout: &Path) -> Result<Vec<Release>> {
    let (tags, mut skipped) = release_tags(checkout)?;
    let mut added = Vec::new();
    for (release, tag) in tags {
        match Upstream::from_tag(checkout, &tag) {
            Ok(upstream) => {
                pin(pins, release, &upstream).with_context(|| format!("importing {tag}"))?;
                added.push(release);
            }
            Err(_) => skipped.push(tag),
        }
    }
    let place = checkout.display();
    ensure!(!added.is_empty(), "{place} has no release tag with a guest agent schema");
    print(&format!("read the tags of {}\n", list(&added)));
    if !skipped.is_empty() {
        print(&format!(
            "skipped, for want of a release number or a schema: {}\n",
            skipped.join(", ")
        ));
    }
    Ok(added)
}

fn list(releases: &[Release]) -> String {
    releases.iter().map(Release::to_string).collect::<Vec<_>>().join(", ")
}

/// What each of `added` changed, compared with the release before it.
pub fn summary(pins: &Pins, added: &[Release]) -> String {
    let releases = pins.releases();
    let mut text = String::new();
    for pair in releases.windows(2) {
        let [(from, old), (to, new)] = [pair[0], pair[1]];
        // A release put between two others changes what the later one is compared with.
        if added.contains(&to) || added.contains(&from) {
            let changes = diff(old, new);
            let report =
                DiffReport { from: &from.to_string(), to: &to.to_string(), changes: &changes };
            text.push_str(&report.render(Format::Text));
        }
    }
    text
}

/// The canonical text of an upstream text.
///
/// # Errors
/// When it cannot be read as QAPI, or has no canonical form.
pub fn import(release: Release, text: &str) -> Result<String> {
    let schema: Schema =
        read_text(&mut SourceMap::new(), &format!("QEMU {release}"), text, Dialect::any())?;
    Ok(canonical(&schema)?)
}

/// Everything under `schema/` that the importer writes.
///
/// # Errors
/// When the folder of snapshots cannot be listed.
pub fn outputs(pins: &Pins) -> Result<Update> {
    let mut update = Update::new();
    let files = pins
        .snapshots
        .iter()
        .map(|snapshot| (format!("{}.json", snapshot.name()), snapshot.text.clone()));
    update.fill(&pins.folder().join("snapshots"), &files.collect())?;
    update.write(pins.folder().join("releases.toml"), pins.list().to_string());
    Ok(update)
}
