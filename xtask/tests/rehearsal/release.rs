//! The guard of releases: whether the version says what changed since the last one.

use crate::copy::Copy;

/// A copy whose present state is recorded as released, as `version`.
fn released(folder: &str, version: &str) -> Copy {
    let copy = Copy::make(folder);
    set_version(&copy, version);
    copy.xtask(&["release", "--record"]);
    copy
}

/// Gives the workspace another version, and the changelog a section on it.
fn set_version(copy: &Copy, version: &str) {
    let manifest = copy.read("Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("version = ")).expect("a version");
    copy.write("Cargo.toml", &manifest.replacen(line, &format!("version = \"{version}\""), 1));
    let changelog = copy.read("CHANGELOG.md");
    copy.write("CHANGELOG.md", &format!("{changelog}\n## {version}\n"));
}

/// Pins a future release made of the newest snapshot.
fn add_release(copy: &Copy, old: &str, new: &str) {
    let text = copy.read("schema/snapshots/11.1.3.json");
    assert!(text.contains(old));
    copy.write("future.json", &text.replacen(old, new, 1));
    copy.xtask(&["schema", "add", "12.0", "--from", "future.json"]);
}

#[test]
fn without_a_change_the_version_may_stay() {
    let copy = released("release-same", "1.4.2");
    let said = copy.xtask(&["release", "--check"]);
    assert!(said.contains("1.4.2 -> 1.4.2: the changes need none"), "{said}");
}

#[test]
fn a_new_value_needs_a_minor_release_and_a_section_of_the_changelog() {
    let copy = released("release-minor", "1.4.2");
    let docs = copy.read("schema/docs.toml");
    let more = docs.replace("[types.QGASeek.values]", "[types.QGASeek.values]\nhole = \"H.\"");
    copy.write("schema/docs.toml", &more);
    add_release(
        &copy,
        "'data': [ 'set', 'cur', 'end' ]",
        "'data': [ 'set', 'cur', 'end', 'hole' ]",
    );
    for version in ["1.4.2", "1.4.3"] {
        set_version(&copy, version);
        let refusal = copy.refused(&["release", "--check"]);
        assert!(refusal.contains("need a minor release: 1.5.0 or later"), "{refusal}");
    }
    let changelog = copy.read("CHANGELOG.md");
    set_version(&copy, "1.5.0");
    copy.xtask(&["release", "--check"]);
    copy.write("CHANGELOG.md", &changelog);
    let refusal = copy.refused(&["release", "--check"]);
    assert!(refusal.contains("CHANGELOG.md has no section `## 1.5.0`"), "{refusal}");
}

#[test]
fn a_change_of_conditions_needs_a_patch_release() {
    let copy = released("release-patch", "1.4.2");
    let (old, new) = ("'if': 'CONFIG_WIN32'", "'if': 'CONFIG_POSIX'");
    add_release(&copy, old, new);
    let refusal = copy.refused(&["release", "--check"]);
    assert!(refusal.contains("need a patch release: 1.4.3 or later"), "{refusal}");
}

#[test]
fn a_member_that_becomes_optional_needs_a_major_release() {
    let copy = released("release-major", "1.4.2");
    add_release(&copy, "'host-name': 'str'", "'*host-name': 'str'");
    set_version(&copy, "1.5.0");
    let refusal = copy.refused(&["release", "--check"]);
    assert!(refusal.contains("need a major release: 2.0.0 or later"), "{refusal}");
    set_version(&copy, "2.0.0");
    copy.xtask(&["release", "--check"]);
}

#[test]
fn something_public_that_goes_needs_a_major_release_whatever_the_schema_says() {
    let copy = released("release-api", "1.4.2");
    let api = copy.read("qga-bindings/api.txt");
    let (_, rest) = api.split_once('\n').expect("lines");
    copy.write("qga-bindings/api.txt", rest);
    let refusal = copy.refused(&["release", "--check"]);
    assert!(refusal.contains("need a major release: 2.0.0 or later"), "{refusal}");
}
