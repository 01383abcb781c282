//! `schema add`: from which sources, in which order, and when it refuses.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::copy::{Copy, git, write};

/// A snapshot's text in the copy.
fn snapshot(copy: &Copy, name: &str) -> String {
    copy.read(&format!("schema/snapshots/{name}.json"))
}

/// The newest pinned schema with some of its text replaced.
fn newest_with(copy: &Copy, changes: &[(&str, &str)]) -> String {
    let mut text = snapshot(copy, "11.1.3");
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not in the newest snapshot");
        text = text.replacen(old, new, 1);
    }
    text
}

/// The pinned files without those that are generated from them.
fn pinned(copy: &Copy) -> Vec<(String, String)> {
    let is_pinned = |path: &str| path.contains("snapshots") || path.ends_with("releases.toml");
    let texts = copy.texts().into_iter();
    texts
        .map(|(path, text)| (path.display().to_string(), text))
        .filter(|(path, _)| is_pinned(path))
        .collect()
}

#[test]
fn without_any_snapshot_releases_are_pinned_again_in_any_order() {
    let names = ["2.4", "0.15", "11.1.3", "1.1", "9.1"];
    let rebuild = |folder: &str, names: &[&str]| {
        let copy = Copy::make(folder);
        let texts = names.iter().map(|name| (name, snapshot(&copy, name))).collect::<Vec<_>>();
        std::fs::remove_dir_all(copy.root.join("schema/snapshots")).expect("removed");
        for (name, text) in texts {
            copy.write("upstream.json", &text);
            copy.xtask(&["schema", "add", name, "--from", "upstream.json"]);
        }
        pinned(&copy)
    };
    let one = rebuild("add-forwards", &names);
    let reversed = names.iter().rev().copied().collect::<Vec<_>>();
    assert_eq!(one, rebuild("add-backwards", &reversed));
    assert_eq!(one.len(), names.len() + 1, "each of these differs from the others");
}

#[test]
fn a_release_that_changes_nothing_is_one_line() {
    let copy = Copy::make("add-nothing-new");
    let before = pinned(&copy);
    let (path, text) = ("upstream.json.gz", snapshot(&copy, "11.1.3"));
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(text.as_bytes()).expect("zipped");
    std::fs::write(copy.root.join(path), zipped.finish().expect("zipped")).expect("written");
    let said = copy.xtask(&["schema", "add", "12.0.0", "--from", path]);
    assert!(said.starts_with("schema 11.1.3 -> 12.0: no changes\n"), "{said}");
    for ((path, old), (_, new)) in before.into_iter().zip(pinned(&copy)) {
        if path.ends_with("releases.toml") {
            assert_eq!(new.lines().count(), old.lines().count() + 1);
            assert!(new.starts_with(&old), "{new}");
        } else {
            assert_eq!(new, old, "{path}");
        }
    }
}

#[test]
fn a_tree_is_read_and_must_be_of_the_release_it_is_added_as() {
    let copy = Copy::make("add-tree");
    copy.write("qemu/qga/qapi-schema.json", &snapshot(&copy, "11.1.3"));
    copy.write("qemu/VERSION", "12.0.0\n");
    let refusal = copy.refused(&["schema", "add", "12.1", "--from", "qemu"]);
    assert!(refusal.contains("is the tree of QEMU 12.0, not 12.1"), "{refusal}");
    copy.xtask(&["schema", "add", "12.0", "--from", "qemu"]);
    assert!(copy.read("schema/releases.toml").contains("\"12.0\" = { snapshot = \"11.1.3\""));
}

#[test]
fn every_release_tag_of_a_checkout_is_read_and_the_others_are_named() {
    let copy = Copy::make("add-tags");
    let checkout = copy.root.join("qemu");
    std::fs::create_dir_all(&checkout).expect("created");
    git(&checkout, &["init", "--quiet"]);
    let commits = [
        ("README", "0.15", "v0.14.0"),
        ("qapi-schema-guest.json", "1.2", "v1.3.0"),
        ("qga/qapi-schema.json", "1.2", "v1.4.0"),
        ("qga/qapi-schema.json", "1.5", "v1.5.0-rc1"),
        ("qga/qapi-schema.json", "1.5", "v1.5.0"),
    ];
    for (path, name, tag) in commits {
        write(&checkout.join(path), &snapshot(&copy, name));
        git(&checkout, &["add", "."]);
        git(&checkout, &["commit", "--quiet", "--allow-empty", "--message", tag]);
        git(&checkout, &["tag", tag]);
        if path.starts_with("qapi") {
            git(&checkout, &["rm", "--quiet", path]);
        }
    }
    std::fs::remove_dir_all(copy.root.join("schema/snapshots")).expect("removed");
    let said = copy.xtask(&["schema", "add", "--all-tags", "--from", "qemu"]);
    assert!(said.contains("read the tags of 1.3, 1.4, 1.5\n"), "{said}");
    assert!(said.contains("skipped, for want of a release number or a schema: "), "{said}");
    assert!(said.contains("v1.5.0-rc1") && said.contains("v0.14.0"), "{said}");
    let list = copy.read("schema/releases.toml");
    assert!(
        list.contains("\"1.4\" = { snapshot = \"1.3\", path = \"qga/qapi-schema.json\""),
        "{list}"
    );
    assert!(
        list.contains("\"1.3\" = { snapshot = \"1.3\", path = \"qapi-schema-guest.json\""),
        "{list}"
    );
    // One of its tags is read by its number.
    copy.xtask(&["schema", "add", "1.5", "--from", "qemu"]);
    let refusal = copy.refused(&["schema", "add", "1.6", "--from", "qemu"]);
    assert!(refusal.contains("has no tag v1.6.0 or v1.6 to read from"), "{refusal}");
}

/// A release to come: a new command, a new optional member, a new enum value, and a command removed.
const FUTURE: [(&str, &str); 3] = [
    ("{ 'command': 'guest-ping' }\n", "{ 'command': 'guest-pong', 'data': { '*count': 'int' } }\n"),
    ("{ 'host-name': 'str' }", "{ 'host-name': 'str', '*domain': 'str' }"),
    ("'data': [ 'set', 'cur', 'end' ]", "'data': [ 'set', 'cur', 'end', 'hole' ]"),
];

#[test]
fn a_release_is_not_accepted_before_its_items_are_documented() {
    let copy = Copy::make("add-future");
    copy.write("future.json", &newest_with(&copy, &FUTURE));
    let add = ["schema", "add", "12.0", "--from", "future.json"];
    let refusal = copy.refused(&add);
    for line in [
        "removed   command   guest-ping",
        "          wire: breaking, API: patch",
        "added     command   guest-pong",
        "added     member    GuestHostName.domain (optional)",
        "added     value     QGASeek.hole",
        "[commands.guest-pong]\ndoc = \"\" # command\n[commands.guest-pong.arguments]\ncount = \"\" # argument int, optional\n",
        "# into the table that is there: [types.GuestHostName.members]\ndomain = \"\" # member str, optional\n",
        "# into the table that is there: [types.QGASeek.values]\nhole = \"\" # value\n",
        "4 texts",
    ] {
        assert!(refusal.contains(line), "{line} is missing in {refusal}");
    }
    let filled = copy
        .read("schema/docs.toml")
        .replace("[types.GuestHostName.members]", "[types.GuestHostName.members]\ndomain = \"D.\"")
        .replace("[types.QGASeek.values]", "[types.QGASeek.values]\nhole = \"H.\"");
    let more =
        "[commands.guest-pong]\ndoc = \"P.\"\n[commands.guest-pong.arguments]\ncount = \"C.\"\n";
    copy.write("schema/docs.toml", &(filled + more));
    let said = copy.xtask(&add);
    assert!(said.contains("4 changes, 1 breaking; bindings need a minor release"), "{said}");
    copy.xtask(&["codegen", "--check"]);
    let removed = copy.xtask(&["schema", "history", "guest-ping"]);
    assert!(removed.contains("12.0     removed"), "{removed}");
    assert!(copy.read("qga-bindings/api.txt").contains("GuestPing"), "what was removed is kept");
}

#[test]
fn a_member_that_changes_its_type_stops_add_until_the_floor_is_raised() {
    let copy = Copy::make("add-incompatible");
    copy.write("future.json", &newest_with(&copy, &[("'host-name': 'str'", "'host-name': 'int'")]));
    let add = ["schema", "add", "12.0", "--from", "future.json"];
    let refusal = copy.refused(&add);
    for line in [
        "changed   member    GuestHostName.host-name: str -> int",
        "bindings need a major release",
        "incompatible-release",
        "its type was `str` and became `int`",
        "raise `oldest` in releases.toml past this release",
        "`at = \"GuestHostName.host-name\"`, `as = \"any\"`",
    ] {
        assert!(refusal.contains(line), "{line} is missing in {refusal}");
    }
    let list = copy.read("schema/releases.toml");
    copy.write("schema/releases.toml", &list.replace("oldest = \"0.15\"", "oldest = \"12.0\""));
    copy.xtask(&add);
}

#[test]
fn a_member_that_changes_its_type_may_be_said_to_hold_any_value() {
    let copy = Copy::make("add-any");
    let changes =
        [("'host-name': 'str'", "'host-name': 'int'"), ("'handle': 'int'", "'handle': 'str'")];
    copy.write("future.json", &newest_with(&copy, &changes));
    let add = ["schema", "add", "12.0", "--from", "future.json"];
    let refusal = copy.refused(&add);
    assert!(
        refusal.contains("`at = \"guest-file-close.handle\"`"),
        "arguments have names, too: {refusal}"
    );
    let entry = |at| format!("\n[[correction]]\nat = \"{at}\"\nas = \"any\"\nreason = \"R\"\n");
    let corrections = copy.read("schema/corrections.toml")
        + &entry("GuestHostName.host-name")
        + &entry("guest-file-close.handle");
    copy.write("schema/corrections.toml", &corrections);
    copy.xtask(&add);
    copy.xtask(&["codegen", "--check"]);
    let api = copy.read("qga-bindings/api.txt");
    assert!(api.contains("types::GuestHostName: pub host_name: Any"), "it is any value");
}
