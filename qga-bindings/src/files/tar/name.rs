//! Names in archives from a guest, which may be made to lead anywhere.

use std::path::{Component, Path, PathBuf};

/// The path of an entry below the directory it is unpacked to; empty for that directory itself.
///
/// # Errors
/// Why the name is refused.
#[inline]
pub(super) fn safe_path(name: &[u8]) -> Result<PathBuf, &'static str> {
    let text = native(name)?;
    let mut path = PathBuf::new();
    for component in text.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => {
                refuse_special(part)?;
                path.push(part);
            }
            Component::ParentDir => return Err("it has `..` in it"),
            Component::RootDir | Component::Prefix(_) => return Err("it does not begin here"),
        }
    }
    Ok(path)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere names have to be Unicode")]
#[inline]
fn native(name: &[u8]) -> Result<&Path, &'static str> {
    use std::os::unix::ffi::OsStrExt;
    Ok(Path::new(std::ffi::OsStr::from_bytes(name)))
}

#[cfg(not(unix))]
#[inline]
fn native(name: &[u8]) -> Result<&Path, &'static str> {
    std::str::from_utf8(name).map(Path::new).map_err(|_| "it is not Unicode")
}

/// Where a colon separates a file from its streams, and some names are those of devices, neither may come from a guest.
#[cfg(windows)]
#[inline]
fn refuse_special(part: &std::ffi::OsStr) -> Result<(), &'static str> {
    let text = part.to_string_lossy().to_ascii_uppercase();
    let stem = text.split('.').next().unwrap_or_default().trim_end();
    let numbered = |name: &str| {
        stem.strip_prefix(name).is_some_and(|rest| rest.chars().count() == 1 && rest != "0")
    };
    if text.contains([':', '<', '>', '"', '|', '?', '*']) || text.ends_with([' ', '.']) {
        return Err("it has characters in it that mean something else here");
    }
    if matches!(stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT") {
        return Err("it is the name of a device here");
    }
    Ok(())
}

#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "there is something to refuse on Windows")]
#[inline]
fn refuse_special(_: &std::ffi::OsStr) -> Result<(), &'static str> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_below_its_directory() {
        for (name, path) in [("a/b", "a/b"), ("./a//b/", "a/b"), (".", ""), ("./", "")] {
            assert_eq!(safe_path(name.as_bytes()), Ok(PathBuf::from(path)), "{name}");
        }
        for name in ["..", "a/../b", "/etc/passwd", "//a", "a/../../b", "../a"] {
            assert!(safe_path(name.as_bytes()).is_err(), "{name}");
        }
    }
}
