//! Generated files: in memory, on disk, and compared with what is there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The result of generating: the text of each file, by its name.
#[derive(Clone, Debug)]
pub struct Bindings {
    head: String,
    files: BTreeMap<String, String>,
    one_file: String,
    undocumented: Vec<String>,
}

/// A difference between what was generated and what is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The file is not there.
    Missing(PathBuf),
    /// The file differs, from this line on.
    Changed(PathBuf, usize),
    /// The file was generated once and would no longer be.
    Orphan(PathBuf),
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{}: missing", path.display()),
            Self::Changed(path, line) => {
                write!(f, "{}:{line}: differs from what would be generated", path.display())
            }
            Self::Orphan(path) => write!(f, "{}: no longer generated", path.display()),
        }
    }
}

/// Files that could not be read or written.
#[derive(Debug)]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl WriteError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { path: path.to_owned(), source }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl Bindings {
    /// Puts together the texts of modules, each with its name and documentation.
    pub(super) fn new(
        head: &str,
        check: &str,
        modules: Vec<(&'static str, &'static str, String)>,
        undocumented: Vec<String>,
    ) -> Self {
        let mut files = BTreeMap::new();
        let mut list = String::new();
        let mut one_file = format!("{head}{check}");
        for (name, docs, text) in modules {
            let declaration = format!("\n/// {docs}\npub mod {name}");
            list.extend([&declaration, ";\n"]);
            let text_inside = indented(text.trim_start());
            one_file.extend([&declaration, " {\n", &text_inside, "}\n"]);
            files.insert(format!("{name}.rs"), format!("{head}\n//! {docs}\n{text}"));
        }
        files.insert("mod.rs".to_owned(), format!("{head}{check}{list}"));
        Self { head: head.to_owned(), files, one_file, undocumented }
    }

    /// The files: `mod.rs` and one for each module.
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// The same as one text, for `include!`: modules inside, no `//!`.
    pub fn one_file(&self) -> &str {
        &self.one_file
    }

    /// Paths of the texts that documentation lacks, such as `types.GuestInfo.members.name`.
    pub fn undocumented(&self) -> &[String] {
        &self.undocumented
    }

    /// Makes the folder `dir` hold exactly these files: writes what differs, removes what was generated there
    /// before and is no longer. Nothing of it happens if anything cannot be written.
    ///
    /// # Errors
    /// The first file that could not be read, written or removed.
    pub fn write_to(&self, dir: impl AsRef<Path>) -> Result<(), WriteError> {
        let dir = dir.as_ref();
        fs::create_dir_all(dir).map_err(WriteError::at(dir))?;
        let stale = self.check_against(dir)?;
        let mut staged = Vec::new();
        let result = self.stage(&stale, &mut staged);
        let result = result.and_then(|()| commit(&stale, &staged));
        if result.is_err() {
            for (new, _) in &staged {
                // What is left of a failure must not hide why it failed.
                let _ = fs::remove_file(new);
            }
        }
        result
    }

    fn stage(
        &self,
        stale: &[Stale],
        staged: &mut Vec<(PathBuf, PathBuf)>,
    ) -> Result<(), WriteError> {
        for path in stale.iter().filter_map(Stale::to_write) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = self.files.get(name.as_ref()).map_or("", String::as_str);
            staged.push(stage(path, text)?);
        }
        Ok(())
    }

    /// What in the folder `dir` is not as these files say.
    ///
    /// # Errors
    /// The first file that could not be read.
    pub fn check_against(&self, dir: impl AsRef<Path>) -> Result<Vec<Stale>, WriteError> {
        let dir = dir.as_ref();
        let mut stale = Vec::new();
        for (name, text) in &self.files {
            let path = dir.join(name);
            match fs::read(&path) {
                Ok(found) if found == text.as_bytes() => {}
                Ok(found) => {
                    let line = first_difference(&String::from_utf8_lossy(&found), text);
                    stale.push(Stale::Changed(path, line));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    stale.push(Stale::Missing(path));
                }
                Err(error) => return Err(WriteError::at(&path)(error)),
            }
        }
        stale.extend(self.orphans(dir)?);
        Ok(stale)
    }

    /// Rust files in `dir` whose first line says that they were generated, as these are.
    fn orphans(&self, dir: &Path) -> Result<Vec<Stale>, WriteError> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(WriteError::at(dir)(error)),
        };
        let mark = self.head.split(". Do not edit").next().unwrap_or_default();
        let mark = mark.split(" from ").next().unwrap_or_default();
        let mut orphans = Vec::new();
        for entry in entries {
            let path = entry.map_err(WriteError::at(dir))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            if is_rust && !self.files.contains_key(&name) && path.is_file() {
                let text = fs::read(&path).map_err(WriteError::at(&path))?;
                if text.starts_with(mark.as_bytes()) {
                    orphans.push(Stale::Orphan(path));
                }
            }
        }
        orphans.sort_by_key(Stale::to_string);
        Ok(orphans)
    }
}

impl Stale {
    fn to_write(&self) -> Option<&Path> {
        match self {
            Self::Missing(path) | Self::Changed(path, _) => Some(path),
            Self::Orphan(_) => None,
        }
    }
}

/// Writes one file if it differs, by way of a temporary one: nobody ever reads half of it.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    if fs::read(path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    let staged = [stage(path, text)?];
    commit(&[], &staged)
}

fn stage(path: &Path, text: &str) -> Result<(PathBuf, PathBuf), WriteError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let new = path.with_file_name(name);
    match write_down(&new, text) {
        Ok(()) => Ok((new, path.to_owned())),
        Err(error) => {
            let _ = fs::remove_file(&new);
            Err(WriteError::at(path)(error))
        }
    }
}

/// Writes a file and waits until it is on the disk: some file systems find only then that they are full.
fn write_down(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn commit(stale: &[Stale], staged: &[(PathBuf, PathBuf)]) -> Result<(), WriteError> {
    for (new, path) in staged {
        fs::rename(new, path).map_err(WriteError::at(path))?;
    }
    for orphan in stale {
        if let Stale::Orphan(path) = orphan {
            fs::remove_file(path).map_err(WriteError::at(path))?;
        }
    }
    Ok(())
}

/// The number, from 1, of the first line that differs.
fn first_difference(found: &str, text: &str) -> usize {
    found.lines().zip(text.lines()).take_while(|(one, two)| one == two).count() + 1
}

fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}
