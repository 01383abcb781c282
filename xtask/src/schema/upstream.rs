//! Upstream's texts of the guest agent's schema, wherever they are: a file, an unpacked tree, a git checkout.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use qapi_codegen::history::Release;
use sha2::{Digest as _, Sha256};

/// Where QEMU keeps the guest agent's schema: since 1.4, and before.
pub const UPSTREAM_PATHS: [&str; 2] = ["qga/qapi-schema.json", "qapi-schema-guest.json"];

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
            return Self::from_tags(from, &tags_of(release));
        }
        check_version(release, from)?;
        for path in UPSTREAM_PATHS {
            if from.join(path).is_file() {
                return Ok(Self { path: path.to_owned(), text: read_file(&from.join(path))? });
            }
        }
        bail!("{} holds neither {} nor {}", from.display(), UPSTREAM_PATHS[0], UPSTREAM_PATHS[1]);
    }

    /// Reads the schema at the first of `tags` that a git checkout has.
    ///
    /// # Errors
    /// When git fails, or no tag has such a file.
    fn from_tags(checkout: &Path, tags: &[String]) -> Result<Self> {
        let mut refusals = Vec::new();
        for tag in tags {
            match Self::from_tag(checkout, tag) {
                Ok(found) => return Ok(found),
                Err(refusal) => refusals.push(format!("{refusal:#}")),
            }
        }
        Err(anyhow!(refusals.join("; "))).with_context(|| {
            format!("{} has no tag {} to read from", checkout.display(), tags.join(" or "))
        })
    }

    /// Reads the schema at a tag of a git checkout.
    ///
    /// # Errors
    /// When git fails, or the tag has no such file.
    pub fn from_tag(checkout: &Path, tag: &str) -> Result<Self> {
        let mut refusal = String::new();
        for path in UPSTREAM_PATHS {
            let output = git(checkout, &["show", &format!("refs/tags/{tag}:{path}")])?;
            if output.status.success() {
                let text =
                    String::from_utf8(output.stdout).with_context(|| format!("{tag}:{path}"))?;
                return Ok(Self { path: path.to_owned(), text });
            }
            String::from_utf8_lossy(&output.stderr).trim().clone_into(&mut refusal);
        }
        bail!("tag {tag} of {} has no guest agent schema: {refusal}", checkout.display());
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
    let output = git(checkout, &["tag", "--list"])?;
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

fn git(checkout: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new("git");
    command.arg("-C").arg(checkout).args(arguments).output().context("running git")
}

/// A tree that says which release it is must be of the one that is asked for.
fn check_version(release: Release, tree: &Path) -> Result<()> {
    let said = fs::read_to_string(tree.join("VERSION")).unwrap_or_default();
    match said.trim().parse::<Release>() {
        Ok(found) if found != release => {
            bail!("{} is the tree of QEMU {found}, not {release}", tree.display())
        }
        _ => Ok(()),
    }
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
