//! The pinned releases: what is under `schema/`, read and merged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use qapi_codegen::corrections::Corrections;
use qapi_codegen::diagnostic::{Diagnostics, Format};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, Pin, Release, ReleaseList};
use qapi_codegen::load::{Memory, load_with};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;

/// The folder `schema/`, read.
#[derive(Debug)]
pub struct Pins {
    /// The oldest release the bindings describe in full.
    pub oldest: Release,
    /// Each distinct schema, that of the oldest release first.
    pub snapshots: Vec<Snapshot>,
    /// The texts of all snapshots.
    pub sources: SourceMap,
    folder: PathBuf,
}

/// One distinct schema.
#[derive(Debug)]
pub struct Snapshot {
    /// The releases that have it, at least one, each with its origin.
    pub releases: BTreeMap<Release, Origin>,
    /// The canonical text.
    pub text: String,
    /// What it says.
    pub schema: Schema,
}

/// The upstream text a release was imported from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Path in QEMU's tree.
    pub path: String,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

impl Snapshot {
    /// The oldest release that has it, which names its file.
    pub fn name(&self) -> String {
        self.releases.keys().next().map(Release::to_string).unwrap_or_default()
    }
}

impl Pins {
    /// Reads `folder`, the workspace's `schema/`.
    ///
    /// # Errors
    /// When a file is missing or wrong; a snapshot's faults are told with their places.
    pub fn open(folder: &Path) -> Result<Self> {
        let (pins, gone) = Self::open_what_is_there(folder)?;
        match gone.first() {
            None => Ok(pins),
            Some(release) => bail!(
                "the snapshot of {release} is gone from {}: bring it back, or add the release again with \
                 `cargo xtask schema add {release} --from PATH`",
                folder.join("snapshots").display()
            ),
        }
    }

    /// Reads `folder` without the releases whose snapshot is missing, and names those.
    ///
    /// # Errors
    /// When another file is missing, or one is wrong.
    pub fn open_what_is_there(folder: &Path) -> Result<(Self, Vec<Release>)> {
        let path = folder.join("releases.toml");
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let list = ReleaseList::parse(&text)?;
        let mut pins = Self::empty(folder, list.oldest);
        let snapshots = list.snapshots().into_iter();
        let snapshots = snapshots.map(|(name, releases)| (pins.snapshot_path(name), releases));
        let (there, gone): (Vec<_>, Vec<_>) = snapshots.partition(|(path, _)| path.exists());
        let mut gone: Vec<_> = gone.into_iter().flat_map(|(_, releases)| releases).collect();
        let paths: Vec<_> = there.iter().map(|(path, _)| path).collect();
        let schemas = read_all(&mut pins.sources, &paths, Dialect::strict())?;
        for ((path, releases), schema) in there.iter().zip(schemas) {
            let text =
                fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            let origin = |release: &Release| {
                let pin = list.releases.get(release)?;
                Some((*release, Origin { path: pin.path.clone(), sha256: pin.sha256.clone() }))
            };
            pins.snapshots.push(Snapshot {
                releases: releases.iter().filter_map(origin).collect(),
                text,
                schema,
            });
        }
        gone.sort();
        Ok((pins, gone))
    }

    /// No release yet, to be written to `folder`.
    pub fn empty(folder: &Path, oldest: Release) -> Self {
        Self { oldest, snapshots: Vec::new(), sources: SourceMap::new(), folder: folder.to_owned() }
    }

    /// The folder this was read from.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the snapshot `name` is.
    pub fn snapshot_path(&self, name: &str) -> PathBuf {
        self.folder.join("snapshots").join(format!("{name}.json"))
    }

    /// Pins `text`, canonical, as the schema of `release`, which may be pinned already.
    ///
    /// # Errors
    /// When the text is not accepted in strict mode.
    pub fn insert(&mut self, release: Release, origin: Origin, text: String) -> Result<()> {
        for snapshot in &mut self.snapshots {
            snapshot.releases.remove(&release);
        }
        if let Some(snapshot) = self.snapshots.iter_mut().find(|snapshot| snapshot.text == text) {
            snapshot.releases.insert(release, origin);
        } else {
            let schema =
                read_text(&mut self.sources, &format!("{release}.json"), &text, Dialect::strict())?;
            self.snapshots.push(Snapshot { releases: [(release, origin)].into(), text, schema });
        }
        self.snapshots.retain(|snapshot| !snapshot.releases.is_empty());
        self.snapshots.sort_by_key(|snapshot| snapshot.releases.keys().next().copied());
        Ok(())
    }

    /// What `releases.toml` is to say.
    pub fn list(&self) -> ReleaseList {
        let mut list = ReleaseList::new(self.oldest);
        for snapshot in &self.snapshots {
            for (&release, origin) in &snapshot.releases {
                let Origin { path, sha256 } = origin.clone();
                list.releases.insert(release, Pin { snapshot: snapshot.name(), path, sha256 });
            }
        }
        list
    }

    /// Every release with its schema, oldest first.
    pub fn releases(&self) -> Vec<(Release, &Schema)> {
        let mut releases = self
            .snapshots
            .iter()
            .flat_map(|snapshot| {
                snapshot.releases.keys().map(|&release| (release, &snapshot.schema))
            })
            .collect::<Vec<_>>();
        releases.sort_by_key(|&(release, _)| release);
        releases
    }

    /// The schema of one release, as `9.1` or `10.2.2`.
    pub fn release(&self, release: Release) -> Option<&Schema> {
        self.releases().into_iter().find(|&(known, _)| known == release).map(|(_, schema)| schema)
    }

    /// All releases as one, corrected.
    ///
    /// # Errors
    /// When releases have no common description, or a correction does not apply.
    pub fn history(&self) -> Result<History> {
        correct(self.uncorrected()?, &self.corrections()?)
    }

    /// All releases as one, as the schemas have it.
    ///
    /// # Errors
    /// When releases have no common description.
    pub fn uncorrected(&self) -> Result<History> {
        merge(&self.releases(), self.oldest, &self.corrections()?, &self.sources)
    }

    /// `corrections.toml`.
    ///
    /// # Errors
    /// When it cannot be read or is wrong.
    pub fn corrections(&self) -> Result<Corrections> {
        let path = self.folder.join("corrections.toml");
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Corrections::parse(&text).with_context(|| format!("in {}", path.display()))
    }
}

/// Merges `releases`, to be corrected by `corrections`.
///
/// # Errors
/// When they have no common description.
pub fn merge(
    releases: &[(Release, &Schema)],
    oldest: Release,
    corrections: &Corrections,
    sources: &SourceMap,
) -> Result<History> {
    let mut diagnostics = Diagnostics::new();
    match History::merge_for(releases, oldest, corrections, &mut diagnostics) {
        Some(history) => Ok(history),
        None => bail!("{}", diagnostics.render(sources, Format::Human)),
    }
}

/// Applies `corrections` to `history`.
///
/// # Errors
/// When one does not apply.
pub fn correct(mut history: History, corrections: &Corrections) -> Result<History> {
    history.correct(corrections).context("schema/corrections.toml")?;
    Ok(history)
}

/// Reads one schema, or fails with everything that is wrong with it.
///
/// # Errors
/// The rendered diagnostics.
pub fn read(sources: &mut SourceMap, path: &Path, dialect: Dialect) -> Result<Schema> {
    let mut diagnostics = Diagnostics::new();
    match qapi_codegen::read(sources, path, dialect, &mut diagnostics) {
        Some(schema) => Ok(schema),
        None => bail!("{}", diagnostics.render(sources, Format::Human)),
    }
}

/// Reads several schemas, or fails with everything that is wrong with any of them.
///
/// # Errors
/// The rendered diagnostics.
pub fn read_all(
    sources: &mut SourceMap,
    paths: &[impl AsRef<Path> + Sync],
    dialect: Dialect,
) -> Result<Vec<Schema>> {
    let mut diagnostics = Diagnostics::new();
    let schemas = qapi_codegen::read_all(sources, paths, dialect, &mut diagnostics);
    schemas.with_context(|| diagnostics.render(sources, Format::Human))
}

/// Reads a schema that is in memory, `name` for messages, or fails with everything that is wrong with it.
///
/// # Errors
/// The rendered diagnostics.
pub fn read_text(
    sources: &mut SourceMap,
    name: &str,
    text: &str,
    dialect: Dialect,
) -> Result<Schema> {
    let mut diagnostics = Diagnostics::new();
    let files = Memory::new().with(name, text);
    let schema = load_with(&files, sources, name, dialect, &mut diagnostics)
        .and_then(|tree| qapi_codegen::resolve(tree, dialect, &mut diagnostics));
    schema.with_context(|| diagnostics.render(sources, Format::Human))
}
