//! `cargo xtask schema add`: pins the definitions of a release.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{Release, diff};
use qapi_codegen::import::canonical;
use qapi_codegen::report::{DiffReport, Format};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;
use sha2::{Digest as _, Sha256};

use crate::pins::{Origin, Pins, read_text};
use crate::update::Update;

/// Where QEMU keeps the guest agent's schema: since 1.4, and before.
const UPSTREAM_PATHS: [&str; 2] = ["qga/qapi-schema.json", "qapi-schema-guest.json"];

/// Asks for every release tag of a checkout.
pub const ALL_TAGS: &str = "--all-tags";

/// No schema text of QEMU comes near this many bytes.
const TEXT_LIMIT: u64 = 16 << 20;

/// An upstream text and where it was found.
#[derive(Debug)]
pub struct Upstream {
    /// Path in QEMU's tree.
    pub path: String,
    /// The text.
    pub text: String,
}

impl Upstream {
    /// Finds the guest agent's schema of `release` at `from`: a file, also gzipped, an unpacked tree, or a git
    /// checkout, whose tag is then read.
    ///
    /// # Errors
    /// When there is no such text; the message says where it was looked for.
    pub fn find(release: Release, from: &Path) -> Result<Self> {
        if from.is_file() {
            return Ok(Self { path: upstream_path(release).to_owned(), text: read_file(from)? });
        }
        ensure!(from.is_dir(), "{} is neither a file nor a folder", from.display());
        if from.join(".git").exists() {
            let found = tags_of(release).iter().find_map(|tag| Self::from_tag(from, tag).ok());
            return found.with_context(|| {
                let tags = tags_of(release).join(" or ");
                format!("{} has no tag {tag} with a guest agent schema", from.display(), tag = tags)
            });
        }
        for path in UPSTREAM_PATHS {
            if from.join(path).is_file() {
                return Ok(Self { path: path.to_owned(), text: read_file(&from.join(path))? });
            }
        }
        bail!("{} holds neither {} nor {}", from.display(), UPSTREAM_PATHS[0], UPSTREAM_PATHS[1]);
    }

    /// Reads the schema at a tag of a git checkout.
    ///
    /// # Errors
    /// When git fails, or the tag has no such file.
    pub fn from_tag(checkout: &Path, tag: &str) -> Result<Self> {
        for path in UPSTREAM_PATHS {
            let output = Command::new("git")
                .arg("-C")
                .arg(checkout)
                .args(["show", &format!("{tag}:{path}")])
                .output()
                .context("running git")?;
            if output.status.success() {
                let text =
                    String::from_utf8(output.stdout).with_context(|| format!("{tag}:{path}"))?;
                return Ok(Self { path: path.to_owned(), text });
            }
        }
        bail!("tag {tag} of {} has no guest agent schema", checkout.display());
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn sha256(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

/// Releases with their tags.
pub type Tags = Vec<(Release, String)>;

/// Release tags of a git checkout, oldest first, and the tags that name none.
///
/// # Errors
/// When git fails.
pub fn release_tags(checkout: &Path) -> Result<(Tags, Vec<String>)> {
    let output = Command::new("git")
        .arg("-C")
        .arg(checkout)
        .args(["tag", "--list"])
        .output()
        .context("running git")?;
    ensure!(output.status.success(), "git tag: {}", String::from_utf8_lossy(&output.stderr).trim());
    let (mut releases, mut skipped) = (Vec::new(), Vec::new());
    for tag in String::from_utf8_lossy(&output.stdout).lines() {
        match tag.strip_prefix('v').and_then(|version| version.parse().ok()) {
            Some(release) => releases.push((release, tag.to_owned())),
            None => skipped.push(tag.to_owned()),
        }
    }
    releases.sort();
    Ok((releases, skipped))
}

/// Tags a release may have: the first releases of the oldest lines have two numbers.
fn tags_of(release: Release) -> Vec<String> {
    let full = format!("v{}.{}.{}", release.major, release.minor, release.micro);
    if release.micro == 0 {
        vec![full, format!("v{}.{}", release.major, release.minor)]
    } else {
        vec![full]
    }
}

fn upstream_path(release: Release) -> &'static str {
    UPSTREAM_PATHS[usize::from(release < Release::new(1, 4, 0))]
}

fn read_file(path: &Path) -> Result<String> {
    let file = fs::File::open(path).with_context(|| format!("reading {}", path.display()))?;
    let mut text = String::new();
    let zipped = path.extension().is_some_and(|extension| extension == "gz");
    let mut reader: Box<dyn std::io::Read> =
        if zipped { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    reader
        .by_ref()
        .take(TEXT_LIMIT + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("reading {}", path.display()))?;
    ensure!(
        text.len() as u64 <= TEXT_LIMIT,
        "{} is longer than any schema: over 16 MiB",
        path.display()
    );
    Ok(text)
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
///
/// # Errors
/// When git fails, or a text cannot be imported.
pub fn pin_all_tags(pins: &mut Pins, checkout: &Path) -> Result<Vec<Release>> {
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
    ensure!(
        !added.is_empty(),
        "{} has no release tag with a guest agent schema",
        checkout.display()
    );
    println!("skipped tags without a schema or a release number: {}", skipped.join(", "));
    Ok(added)
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
