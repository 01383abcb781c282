//! `releases.toml`: which releases are pinned, and where their definitions came from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::history::Release;

/// The pinned releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseList {
    /// The oldest release the bindings describe in full. Older ones count for the life of items only.
    pub oldest: Release,
    /// Every pinned release.
    pub releases: BTreeMap<Release, Pin>,
}

/// Where the definitions of one release are, and where they came from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The file under `snapshots/`, without `.json`: the oldest release with the same definitions.
    pub snapshot: String,
    /// Path of the text in QEMU's tree.
    pub path: String,
    /// SHA-256 of the upstream text, in lower-case hexadecimal.
    pub sha256: String,
}

/// A `releases.toml` that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidReleaseList(String);

impl std::fmt::Display for InvalidReleaseList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "releases.toml: {}", self.0)
    }
}

impl std::error::Error for InvalidReleaseList {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    oldest: String,
    releases: BTreeMap<String, Pin>,
}

impl ReleaseList {
    /// An empty list with the given floor.
    pub fn new(oldest: Release) -> Self {
        Self { oldest, releases: BTreeMap::new() }
    }

    /// Reads the text of a `releases.toml`.
    ///
    /// # Errors
    /// [`InvalidReleaseList`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, InvalidReleaseList> {
        let invalid = |error: &dyn std::fmt::Display| InvalidReleaseList(error.to_string());
        let file: File = toml::from_str(text).map_err(|error| invalid(&error))?;
        let mut list = Self::new(file.oldest.parse().map_err(|error| invalid(&error))?);
        for (release, pin) in file.releases {
            let parsed: Release = release.parse().map_err(|error| invalid(&error))?;
            if pin.snapshot.parse::<Release>().is_err() {
                return Err(InvalidReleaseList(format!(
                    "the snapshot of {release} is `{}`, which names no release",
                    pin.snapshot
                )));
            }
            if list.releases.insert(parsed, pin).is_some() {
                return Err(InvalidReleaseList(format!("{parsed} is listed twice")));
            }
        }
        Ok(list)
    }

    /// The names of all snapshots, oldest first, each with its releases.
    pub fn snapshots(&self) -> Vec<(&str, Vec<Release>)> {
        let mut snapshots: Vec<(&str, Vec<Release>)> = Vec::new();
        for (&release, pin) in &self.releases {
            match snapshots.iter_mut().find(|(name, _)| *name == pin.snapshot) {
                Some((_, releases)) => releases.push(release),
                None => snapshots.push((&pin.snapshot, vec![release])),
            }
        }
        snapshots
    }
}

/// The text of the file, one line a release.
impl std::fmt::Display for ReleaseList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::from(
            "# Every pinned release of QEMU: where its definitions are, and which upstream text they came from.\n\
             # Written by `cargo xtask schema add`. `oldest` is the compatibility floor of the bindings.\n\n",
        );
        write!(text, "oldest = \"{}\"\n\n[releases]\n", self.oldest)?;
        for (release, pin) in &self.releases {
            writeln!(
                text,
                "\"{release}\" = {{ snapshot = \"{}\", path = \"{}\", sha256 = \"{}\" }}",
                pin.snapshot, pin.path, pin.sha256
            )?;
        }
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_back_as_it_was_written() -> Result<(), Box<dyn std::error::Error>> {
        let mut list = ReleaseList::new(Release::new(1, 1, 0));
        for (release, snapshot) in [("10.2.2", "10.2"), ("2.10", "2.10"), ("10.2", "10.2")] {
            let pin = Pin {
                snapshot: snapshot.into(),
                path: "qga/qapi-schema.json".into(),
                sha256: "0".repeat(64),
            };
            list.releases.insert(release.parse()?, pin);
        }
        let read = ReleaseList::parse(&list.to_string())?;
        assert_eq!(read, list);
        let names = read
            .snapshots()
            .into_iter()
            .map(|(name, releases)| (name, releases.len()))
            .collect::<Vec<_>>();
        assert_eq!(names, [("2.10", 1), ("10.2", 2)]);
        Ok(())
    }

    #[test]
    fn a_snapshot_name_cannot_leave_its_folder() {
        let text = "oldest = \"1.1\"\n[releases]\n\"1.1\" = { snapshot = \"../x\", path = \"p\", sha256 = \"\" }\n";
        let message = ReleaseList::parse(text).map_err(|error| error.to_string());
        assert_eq!(
            message,
            Err("releases.toml: the snapshot of 1.1 is `../x`, which names no release".to_owned())
        );
    }
}
