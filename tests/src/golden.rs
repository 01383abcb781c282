//! Goldens: files that hold what a test expects, and how they are brought up to date.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use similar::TextDiff;

/// Compares `actual` with the golden at `path`. With `BLESS=1` in the environment it is written instead.
///
/// # Errors
/// When they differ, or the golden cannot be read or written. The message shows the difference, and the
/// `command` that accepts it.
pub fn compare(path: &Path, actual: &str, command: &str) -> Result<(), String> {
    let expected = match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    if expected.as_deref() == Some(actual) {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        return fs::write(path, actual)
            .map_err(|error| format!("cannot write {}: {error}", path.display()));
    }
    let mut message = match expected {
        Some(_) => format!("{} differs:\n", path.display()),
        None => format!("{} is missing; it would be:\n", path.display()),
    };
    let expected = expected.unwrap_or_default();
    let diff = TextDiff::from_lines(expected.as_str(), actual);
    // Writing to a string cannot fail.
    let _ =
        write!(message, "{}", diff.unified_diff().context_radius(3).header("expected", "actual"));
    let _ = write!(message, "\nif it is right as it is now: BLESS=1 {command}");
    Err(message)
}

/// The files in `folder` with this extension, sorted by name.
///
/// # Errors
/// When the folder cannot be listed.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<std::path::PathBuf>, String> {
    let list = || {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    };
    list().map_err(|error: std::io::Error| format!("cannot list {}: {error}", folder.display()))
}
