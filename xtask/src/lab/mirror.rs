//! The mirror of Debian that this machine's apt uses, read from apt's sources.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Where packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mirror {
    /// The archive: what is in front of `dists/`.
    pub(super) uri: String,
    /// The keys it is signed with, if its source names them.
    signed_by: Option<String>,
}

impl Mirror {
    /// `QGA_LAB_MIRROR`, or the archive that apt uses.
    ///
    /// # Errors
    /// When neither names one.
    pub(super) fn of_this_machine() -> Result<Self> {
        if let Some(uri) = std::env::var("QGA_LAB_MIRROR").ok().filter(|uri| !uri.is_empty()) {
            return Ok(Self { uri, signed_by: None });
        }
        let codename = codename(&fs::read_to_string("/etc/os-release").unwrap_or_default());
        let texts = source_files(Path::new("/etc/apt")).into_iter().map(fs::read_to_string);
        let found = texts.filter_map(Result::ok).flat_map(|text| archives(&text, &codename));
        // Other archives have Debian's suites too, but Debian's own is the one that says so.
        found.min_by_key(|mirror| !mirror.uri.trim_end_matches('/').ends_with("/debian")).context(
            "apt's sources name no archive of Debian: the lab is made of Debian packages; name a mirror in QGA_LAB_MIRROR",
        )
    }

    /// A source of one suite, as a line of `sources.list`: of packages, `deb`, or of what they are made of, `deb-src`.
    pub(super) fn source(&self, kind: &str, suite: &str) -> String {
        let options =
            self.signed_by.as_ref().map_or_else(String::new, |key| format!("[signed-by={key}] "));
        format!("{kind} {options}{} {suite} main\n", self.uri)
    }
}

fn codename(os_release: &str) -> String {
    let line = os_release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    line.unwrap_or_default().trim_matches('"').to_owned()
}

fn source_files(apt: &Path) -> Vec<PathBuf> {
    let parts = fs::read_dir(apt.join("sources.list.d")).into_iter().flatten().flatten();
    let mut files: Vec<_> = parts
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "sources" || kind == "list"))
        .collect();
    files.push(apt.join("sources.list"));
    files.sort();
    files
}

/// The archives that `text`, a file of either format, takes Debian's main component of a whole suite from.
fn archives(text: &str, codename: &str) -> Vec<Mirror> {
    let is_suite = |suite: &str| {
        [codename, "oldstable", "stable", "testing", "unstable", "sid"].contains(&suite)
    };
    let lines = text.lines().filter_map(|line| one_line(line, is_suite));
    lines.chain(stanzas(text).iter().filter_map(|fields| stanza(fields, is_suite))).collect()
}

/// `deb [signed-by=KEYS] URI SUITE COMPONENT...`
fn one_line(line: &str, is_suite: impl Fn(&str) -> bool) -> Option<Mirror> {
    let rest = line.trim().strip_prefix("deb")?.strip_prefix([' ', '\t'])?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (uri, suite) = (words.next()?, words.next()?);
    if !is_suite(suite) || !words.any(|word| word == "main") {
        return None;
    }
    let key = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
    Some(Mirror { uri: uri.to_owned(), signed_by: key.map(str::to_owned) })
}

/// Fields with their values, by stanza: those of the format deb822.
fn stanzas(text: &str) -> Vec<Vec<(String, String)>> {
    let mut stanzas = vec![Vec::new()];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.trim().is_empty() {
            stanzas.push(Vec::new());
        } else if let Some(fields) = stanzas.last_mut() {
            match line.split_once(':') {
                Some((name, value)) if !line.starts_with([' ', '\t']) => {
                    fields.push((name.to_lowercase(), value.trim().to_owned()));
                }
                // The value goes on.
                _ => {
                    if let Some((_, value)) = fields.last_mut() {
                        value.push(' ');
                        value.push_str(line.trim());
                    }
                }
            }
        }
    }
    stanzas
}

fn stanza(fields: &[(String, String)], is_suite: impl Fn(&str) -> bool) -> Option<Mirror> {
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
    let words = |name: &str| field(name).map(String::as_str).unwrap_or_default().split_whitespace();
    let disabled = field("enabled").is_some_and(|value| value == "no");
    let fits = words("types").any(|word| word == "deb")
        && words("suites").any(is_suite)
        && words("components").any(|word| word == "main");
    if disabled || !fits {
        return None;
    }
    // Keys may also be written out here, which a line of the other format has no room for.
    let key = field("signed-by").filter(|key| key.starts_with('/') && !key.contains(' '));
    Some(Mirror { uri: words("uris").next()?.to_owned(), signed_by: key.cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror(uri: &str, signed_by: Option<&str>) -> Mirror {
        Mirror { uri: uri.to_owned(), signed_by: signed_by.map(str::to_owned) }
    }

    #[test]
    fn the_archive_of_a_deb822_source_is_found_and_that_of_updates_is_not() {
        let text = "Types: deb deb-src\n# a comment\nURIs: http://one.example/debian\n\
                    Suites: bookworm\n bookworm-updates\nComponents: main\nSigned-By: /keys/a.gpg\n\n\
                    Types: deb\nURIs: http://two.example/debian-security\nSuites: bookworm-security\nComponents: main\n";
        assert_eq!(
            archives(text, "bookworm"),
            [mirror("http://one.example/debian", Some("/keys/a.gpg"))]
        );
    }

    #[test]
    fn the_archive_of_a_one_line_source_is_found_with_or_without_options() {
        let text = "# deb http://no.example/debian trixie main\n\
                    deb [arch=amd64 signed-by=/keys/a.gpg] http://one.example/debian trixie contrib main\n\
                    deb http://two.example/debian/ sid main\n\
                    deb http://three.example/debian trixie-updates main\n\
                    deb-src http://four.example/debian trixie main\n";
        assert_eq!(
            archives(text, "trixie"),
            [
                mirror("http://one.example/debian", Some("/keys/a.gpg")),
                mirror("http://two.example/debian/", None)
            ]
        );
    }

    #[test]
    fn a_source_that_is_switched_off_or_has_another_component_is_passed_over() {
        let text = "Types: deb\nEnabled: no\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\n\n\
                    Types: deb\nURIs: http://b.example/debian\nSuites: sid\nComponents: contrib\n";
        assert_eq!(archives(text, "sid"), []);
    }

    #[test]
    fn a_source_of_a_suite_names_the_keys_only_where_they_are_known() {
        let keys = mirror("http://one.example/debian", Some("/keys/a.gpg")).source("deb", "sid");
        assert_eq!(keys, "deb [signed-by=/keys/a.gpg] http://one.example/debian sid main\n");
        let none = mirror("http://one.example/debian", None).source("deb", "sid");
        assert_eq!(none, "deb http://one.example/debian sid main\n");
    }
}
