//! A set of files to be written or removed together: all of them or none.

use std::collections::BTreeMap;
use std::fs;
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
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
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
    /// under another name before the first file is replaced, so that a full disk changes nothing.
    ///
    /// # Errors
    /// When a file cannot be written, replaced or removed.
    pub fn apply(&self) -> Result<Vec<Stale>> {
        let stale = self.stale()?;
        let mut staged = Vec::new();
        for change in &stale {
            let (Stale::Missing(path) | Stale::Differs(path)) = change else { continue };
            let waiting = staging_name(path);
            let text = self.text(path).unwrap_or_default();
            let written = path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&waiting, text));
            staged.push((waiting, path));
            if let Err(error) = written {
                for (waiting, _) in &staged {
                    // What cannot be removed here could not be written either.
                    let _ = fs::remove_file(waiting);
                }
                return Err(error).with_context(|| format!("writing {}", path.display()));
            }
        }
        for (waiting, path) in staged {
            fs::rename(&waiting, path).with_context(|| format!("replacing {}", path.display()))?;
        }
        for change in &stale {
            if let Stale::Orphan(path) = change {
                fs::remove_file(path).with_context(|| format!("removing {}", path.display()))?;
            }
        }
        Ok(stale)
    }
}

fn staging_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}
