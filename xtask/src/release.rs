//! `cargo xtask release --check`: whether the version of the bindings says what changed since the last one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use qapi_codegen::history::{Bump, Release, diff, required_bump};
use serde_json::Value;

use crate::pins::{Pins, correct, merge};

/// What the last release of the bindings covered, as JSON: `version`, `qemu` (the pinned releases), `api` (the
/// lines of `api.txt`).
const RECORD: &str = "qga-bindings/released.json";

/// A version of the bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Raised by a breaking change, once it is not 0.
    pub major: u64,
    /// Raised by an addition; by a breaking change while `major` is 0.
    pub minor: u64,
    /// Raised by anything else.
    pub patch: u64,
}

impl std::str::FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>();
        let numbers = numbers.with_context(|| format!("{text} is no version"))?;
        let [major, minor, patch] = numbers[..] else {
            bail!("{text} is no version of three numbers")
        };
        Ok(Self { major, minor, patch })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// The least version after this one for changes of that weight. Before 1.0, the second number says that
    /// something broke, the third that something came.
    #[must_use]
    pub fn after(self, bump: Bump) -> Self {
        let Self { major, minor, patch } = self;
        match (bump, major) {
            (Bump::None, _) => self,
            (Bump::Major, 1..) => Self { major: major + 1, minor: 0, patch: 0 },
            (Bump::Major, 0) | (Bump::Minor, 1..) => Self { major, minor: minor + 1, patch: 0 },
            (Bump::Minor | Bump::Patch, _) => Self { major, minor, patch: patch + 1 },
        }
    }
}

/// Checks the version in the manifest against what changed since the last release.
///
/// # Errors
/// When the version is too small, or the changelog does not name it.
pub fn check(root: &Path) -> Result<String> {
    let version = current_version(root)?;
    let Some(record) = read_record(root)? else {
        return Ok(format!("nothing has been released yet; {version} may be the first\n"));
    };
    let last: Version = record["version"].as_str().context("the record has no version")?.parse()?;
    let bump = schema_bump(root, &record)?.max(api_bump(root, &record)?);
    let needed = last.after(bump);
    ensure!(
        version >= needed,
        "the changes since {last} need a {} release: {needed} or later, not {version}",
        bump.as_str()
    );
    let changelog =
        fs::read_to_string(root.join("CHANGELOG.md")).context("reading CHANGELOG.md")?;
    ensure!(
        version == last || changelog.contains(&format!("## {version}")),
        "CHANGELOG.md has no section `## {version}`"
    );
    Ok(format!("{last} -> {version}: the changes need {}, at least {needed}\n", bump.as_str()))
}

/// Records the present state as released.
///
/// # Errors
/// When the record cannot be made or written.
pub fn record(root: &Path) -> Result<()> {
    let pins = Pins::open(&root.join("schema"))?;
    let qemu = pins.releases().iter().map(|(release, _)| release.to_string()).collect::<Vec<_>>();
    let record = serde_json::json!({
        "version": current_version(root)?.to_string(),
        "oldest": pins.oldest.to_string(),
        "qemu": qemu,
        "api": api_lines(root)?,
    });
    fs::write(root.join(RECORD), format!("{record:#}\n"))
        .with_context(|| format!("writing {RECORD}"))
}

fn current_version(root: &Path) -> Result<Version> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("reading Cargo.toml")?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    line.and_then(|rest| rest.strip_suffix('"')).context("Cargo.toml names no version")?.parse()
}

fn read_record(root: &Path) -> Result<Option<Value>> {
    match fs::read_to_string(root.join(RECORD)) {
        Ok(text) => Ok(Some(serde_json::from_str(&text).with_context(|| format!("in {RECORD}"))?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {RECORD}")),
    }
}

/// What the definitions ask for: those of the releases that were covered then, against those of now.
fn schema_bump(root: &Path, record: &Value) -> Result<Bump> {
    let pins = Pins::open(&root.join("schema"))?;
    let covered = strings(&record["qemu"])?;
    let then =
        pins.releases().into_iter().filter(|(release, _)| covered.contains(&release.to_string()));
    let then = then.collect::<Vec<_>>();
    let corrections = pins.corrections()?;
    let oldest: Release = record["oldest"].as_str().context("the record has no floor")?.parse()?;
    let then = correct(merge(&then, oldest, &corrections, &pins.sources)?, &corrections)?;
    Ok(required_bump(&diff(then.schema(), pins.history()?.schema())))
}

/// What the API asks for: a line less breaks, a line more adds.
fn api_bump(root: &Path, record: &Value) -> Result<Bump> {
    let (then, now) = (strings(&record["api"])?, api_lines(root)?);
    Ok(if then.iter().any(|line| !now.contains(line)) {
        Bump::Major
    } else if now.len() > then.len() {
        Bump::Minor
    } else {
        Bump::None
    })
}

fn api_lines(root: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(root.join("qga-bindings/api.txt")).context("reading api.txt")?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn strings(list: &Value) -> Result<BTreeSet<String>> {
    let list = list.as_array().context("the record lacks a list")?;
    Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_1_0_a_breaking_change_raises_the_second_number() -> Result<()> {
        let next =
            |version: &str, bump| anyhow::Ok(version.parse::<Version>()?.after(bump).to_string());
        assert_eq!(next("0.3.4", Bump::Major)?, "0.4.0");
        assert_eq!(next("0.3.4", Bump::Minor)?, "0.3.5");
        assert_eq!(next("1.3.4", Bump::Major)?, "2.0.0");
        assert_eq!(next("1.3.4", Bump::Minor)?, "1.4.0");
        assert_eq!(next("1.3.4", Bump::Patch)?, "1.3.5");
        assert_eq!(next("1.3.4", Bump::None)?, "1.3.4");
        Ok(())
    }
}
