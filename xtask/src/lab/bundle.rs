//! Packages unpacked into a folder, whose programs run with the libraries that are there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A folder with unpacked packages and their libraries.
#[derive(Clone, Debug)]
pub struct Bundle {
    folder: PathBuf,
}

impl Bundle {
    /// Packages that were unpacked into `folder`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file, by its path in the system the packages are for.
    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        let inside = inside.as_ref();
        self.folder.join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// The words that run one of its programs: with its own loader, which is given its own libraries.
    ///
    /// # Errors
    /// When the program or the loader is not there.
    pub fn command(&self, program: &str) -> Result<Vec<String>> {
        let program = self.path(program);
        let folders = self.library_folders();
        let loader = folders
            .iter()
            .find_map(|folder| entries(folder).into_iter().find(|path| is_loader(path)))
            .with_context(|| format!("{} has no dynamic loader", self.folder.display()))?;
        fs::metadata(&program).with_context(|| format!("finding {}", program.display()))?;
        let folders = folders.iter().map(|folder| utf8(folder)).collect::<Result<Vec<_>>>()?;
        Ok(vec![utf8(&loader)?, "--library-path".into(), folders.join(":"), utf8(&program)?])
    }

    /// The folders of libraries: before and after `/lib` became a part of `/usr`, in any architecture.
    pub fn library_folders(&self) -> Vec<PathBuf> {
        let roots = ["lib", "usr/lib"].map(|inside| self.folder.join(inside));
        let is_triplet =
            |path: &PathBuf| path.to_string_lossy().ends_with("-linux-gnu") && path.is_dir();
        roots.iter().flat_map(|root| entries(root)).filter(is_triplet).collect()
    }
}

fn utf8(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.with_context(|| format!("{} is not UTF-8: put the lab elsewhere", path.display()))
}

fn is_loader(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("ld-linux") && name.contains(".so.") && path.exists()
}

/// What is in a folder, in the order of its names; nothing if there is no such folder.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
