//! A set of files to be written or removed together: all of them or none.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// What a set of files should be.
#[derive(Clone, Debug, Default)]
pub struct Update {
    files: BTreeMap<PathBuf, Option<String>>,
}

/// A file that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// It should be there and is not.
    Missing(PathBuf),
    /// It should not be there and is.
    Orphan(PathBuf),
    /// It is there with another text.
    Differs(PathBuf),
}

impl std::fmt::Display for Stale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "missing  {}", path.display()),
            Self::Orphan(path) => write!(f, "orphan   {}", path.display()),
            Self::Differs(path) => write!(f, "stale    {}", path.display()),
        }
    }
}

impl Update {
    /// Nothing to do yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// `path` is to hold `text`.
    pub fn write(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) {
        self.files.insert(path.into(), Some(text.into()));
    }

    /// `path` is not to be.
    pub fn remove(&mut self, path: impl Into<PathBuf>) {
        self.files.insert(path.into(), None);
    }

    /// `folder` is to hold `files` and nothing else.
    ///
    /// # Errors
    /// When the folder is there and cannot be listed.
    pub fn fill(&mut self, folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
        if folder.exists() {
            for entry in
                fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?
            {
                let path = entry?.path();
                if path.is_file() {
                    self.remove(path);
                }
            }
        }
        for (name, text) in files {
            self.write(folder.join(name), text);
        }
        Ok(())
    }

    /// Everything that `other` asks for, too.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
    }

    /// The text that `path` is to hold, if this update writes it.
    pub fn text(&self, path: &Path) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Everything that differs from what is on the disk.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn stale(&self) -> Result<Vec<Stale>> {
        let mut stale = Vec::new();
        for (path, text) in &self.files {
            let found = match fs::read(path) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => {
                    return Err(error).with_context(|| format!("reading {}", path.display()));
                }
            };
            match (text, found) {
                (Some(_), None) => stale.push(Stale::Missing(path.clone())),
                (None, Some(_)) => stale.push(Stale::Orphan(path.clone())),
                (Some(text), Some(found)) if text.as_bytes() != found => {
                    stale.push(Stale::Differs(path.clone()));
                }
                _ => {}
            }
        }
        Ok(stale)
    }

    /// Makes the disk agree, touching only what differs, and returns what that was. Every text is on the disk
    /// under another name before the first file is replaced, so that a full disk changes nothing, and whoever
    /// reads a file, at whatever moment this ends, reads a whole one.
    ///
    /// # Errors
    /// When a file cannot be written, replaced or removed.
    pub fn apply(&self) -> Result<Vec<Stale>> {
        let stale = self.stale()?;
        let mut waiting = Vec::new();
        let done = self.stage(&stale, &mut waiting).and_then(|()| commit(&stale, &waiting));
        if done.is_err() {
            for (waiting, _) in &waiting {
                // Gone already, or it could not be written either.
                let _ = fs::remove_file(waiting);
            }
        }
        done.map(|()| stale)
    }

    /// Writes what is to be written under other names, and notes those.
    fn stage(&self, stale: &[Stale], waiting: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
        for change in stale {
            let (Stale::Missing(path) | Stale::Differs(path)) = change else { continue };
            let name = staging_name(path);
            waiting.push((name.clone(), path.clone()));
            path.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| write_down(&name, self.text(path).unwrap_or_default()))
                .with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }
}

fn commit(stale: &[Stale], waiting: &[(PathBuf, PathBuf)]) -> Result<()> {
    for (name, path) in waiting {
        fs::rename(name, path).with_context(|| format!("replacing {}", path.display()))?;
    }
    for change in stale {
        if let Stale::Orphan(path) = change {
            fs::remove_file(path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}

/// Writes a file and waits until it is on the disk: some file systems find only then that they are full.
fn write_down(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn staging_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, with the file `a` in it.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a"), "old").unwrap();
        folder
    }

    /// What is in `folder`, by name; then it is removed.
    fn found(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let mut found: Vec<_> = entries
            .map(|entry| (entry.file_name().into_string().unwrap(), text(&entry.path())))
            .collect();
        found.sort();
        fs::remove_dir_all(folder).unwrap();
        found
    }

    fn pairs<const N: usize>(files: [(&str, &str); N]) -> Vec<(String, String)> {
        files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    #[test]
    fn what_differs_is_replaced_and_what_is_not_wanted_removed() {
        let folder = folder("good");
        fs::write(folder.join("orphan"), "").unwrap();
        let mut update = Update::new();
        update.write(folder.join("a"), "new");
        update.write(folder.join("b"), "new");
        update.remove(folder.join("orphan"));
        assert_eq!(update.apply().unwrap().len(), 3);
        assert_eq!(update.apply().unwrap(), []);
        assert_eq!(found(&folder), pairs([("a", "new"), ("b", "new")]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_changes_nothing() {
        let folder = folder("full");
        // What is written under this name finds no space.
        std::os::unix::fs::symlink("/dev/full", folder.join("b.new")).unwrap();
        let mut update = Update::new();
        update.write(folder.join("a"), "new");
        update.write(folder.join("b"), "new");
        update.write(folder.join("c"), "new");
        let error = format!("{:#}", update.apply().unwrap_err());
        assert!(error.contains("/b: ") && error.contains("space"), "{error}");
        assert_eq!(found(&folder), pairs([("a", "old")]));
    }

    #[test]
    fn a_file_where_a_folder_should_be_changes_nothing() {
        let folder = folder("file");
        let mut update = Update::new();
        update.write(folder.join("a"), "new");
        update.write(folder.join("a/b"), "new");
        assert!(update.apply().is_err());
        assert_eq!(found(&folder), pairs([("a", "old")]));
    }

    #[test]
    fn a_folder_where_a_file_should_be_changes_nothing() {
        let folder = folder("folder");
        fs::create_dir(folder.join("b")).unwrap();
        let mut update = Update::new();
        update.write(folder.join("a"), "new");
        update.write(folder.join("b"), "new");
        assert!(update.apply().is_err());
        assert_eq!(found(&folder), pairs([("a", "old"), ("b", "")]));
    }
}
