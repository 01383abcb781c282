//! What a copy goes from or to.

use std::path::Path;

/// One end of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End<'a> {
    /// A path in a guest, which may have a name.
    Guest(Option<&'a str>, &'a str),
    /// A path on this host.
    Local(&'a Path),
    /// Standard input or output.
    Stream,
}

impl<'a> End<'a> {
    /// Reads `guest:PATH`, `NAME:PATH`, a path or `-`. What has a slash before its first colon is a path.
    pub(super) fn read(text: &'a str) -> Self {
        match text.split_once(':') {
            _ if text == "-" => Self::Stream,
            Some(("guest", path)) => Self::Guest(None, path),
            // The demonstration's address has a colon of its own.
            Some(("demo", path)) => {
                Self::Guest(Some("demo:"), path.strip_prefix(':').unwrap_or(path))
            }
            Some((name, path)) if !name.is_empty() && !name.contains('/') => {
                Self::Guest(Some(name), path)
            }
            _ => Self::Local(Path::new(text)),
        }
    }
}

/// Where in the guest a file of this host goes: into a folder it goes by its own name.
pub(super) fn in_guest(path: &str, local: &Path) -> String {
    let name = local.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if path.ends_with(['/', '\\']) { format!("{path}{name}") } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_says_that_a_path_is_in_a_guest() {
        assert_eq!(End::read("guest:/etc/hosts"), End::Guest(None, "/etc/hosts"));
        assert_eq!(End::read("guest:C:\\a"), End::Guest(None, "C:\\a"));
        assert_eq!(End::read("vm1:/a:b"), End::Guest(Some("vm1"), "/a:b"));
        assert_eq!(End::read("./a:b"), End::Local(Path::new("./a:b")));
        assert_eq!(End::read("a"), End::Local(Path::new("a")));
        assert_eq!(End::read("-"), End::Stream);
    }

    #[test]
    fn a_folder_gets_a_file_of_the_same_name() {
        assert_eq!(in_guest("/tmp/", Path::new("a/b")), "/tmp/b");
        assert_eq!(in_guest("/tmp/c", Path::new("a/b")), "/tmp/c");
    }
}
