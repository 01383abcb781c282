//! The bindings as of QEMU 9.0 and a program that uses them, then one release after the other.

use std::process::Command;

use qapi_codegen::history::{History, Release, items};
use xtask::schema::add;
use xtask::schema::upstream::Upstream;

use crate::copy::{Copy, succeeded};

/// Puts a program beside the bindings. What is written by hand in their package is of today and may use anything that
/// today's releases have, so the program takes in what is generated and has it stand on the runtime of today.
fn add_program(copy: &Copy) {
    let manifest = copy.read("Cargo.toml");
    let members = manifest.lines().find(|line| line.starts_with("members")).expect("members");
    copy.write("Cargo.toml", &manifest.replace(members, "members = [\"program\"]"));
    copy.write("program/src/main.rs", include_str!("program.rs"));
    let bindings = concat!(env!("CARGO_MANIFEST_DIR"), "/../qga-bindings");
    let head = "[package]\nname = \"program\"\nedition = \"2024\"\n[dependencies]\n";
    copy.write(
        "program/Cargo.toml",
        &format!("{head}qga-bindings = {{ path = \"{bindings}\" }}\n"),
    );
}

fn check_program(copy: &Copy, when: &str) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--package", "program"])
        .current_dir(&copy.root)
        .env("CARGO_TARGET_DIR", copy.root.with_file_name("upgrade-target"))
        .output();
    succeeded(when, &output.expect("it starts"));
}

/// Documents what is there, as a maintainer would who does not know the future.
fn document(copy: &Copy, full: &str, history: &History) {
    let mut docs: toml::Table = full.parse().expect("TOML");
    let known = items(history.schema());
    for kind in ["commands", "types", "events"] {
        let Some(toml::Value::Table(entries)) = docs.get_mut(kind) else { continue };
        entries.retain(|name, _| known.contains_key(name));
        for (name, entry) in entries {
            let toml::Value::Table(entry) = entry else { continue };
            for (part, separator) in
                [("arguments", "."), ("members", "."), ("values", "."), ("branches", "/")]
            {
                if let Some(toml::Value::Table(parts)) = entry.get_mut(part) {
                    parts.retain(|part, _| known.contains_key(&format!("{name}{separator}{part}")));
                }
            }
        }
    }
    copy.write("schema/docs.toml", &docs.to_string());
}

#[test]
fn a_program_for_qemu_9_0_compiles_with_the_bindings_of_every_later_release() {
    let copy = Copy::make("upgrade");
    add_program(&copy);
    let full_docs = copy.read("schema/docs.toml");
    let mut pins = copy.pins();
    let mut later = Vec::new();
    for snapshot in &mut pins.snapshots {
        let all = std::mem::take(&mut snapshot.releases);
        for (release, origin) in all {
            if release <= Release::new(9, 0, 0) {
                snapshot.releases.insert(release, origin);
            } else {
                later.push((release, snapshot.text.clone()));
            }
        }
    }
    pins.snapshots.retain(|snapshot| !snapshot.releases.is_empty());
    later.sort();
    add::outputs(&pins).expect("planned").apply().expect("written");
    document(&copy, &full_docs, &pins.history().expect("they merge"));
    copy.xtask(&["codegen"]);
    check_program(&copy, "the program as it was written");

    assert!(later.len() > 3, "there are releases after 9.0");
    for (release, text) in later {
        copy.write("upstream.json", &text);
        let release_text = release.to_string();
        // The new items are documented before the release is accepted.
        let mut next = copy.pins();
        let found = Upstream::find(release, &copy.root.join("upstream.json")).expect("it is there");
        add::pin(&mut next, release, &found).expect("pinned");
        document(&copy, &full_docs, &next.history().expect("they merge"));
        let said = copy.xtask(&["schema", "add", &release_text, "--from", "upstream.json"]);
        let bump = ["a minor release", "a patch release", "no changes"]
            .into_iter()
            .find(|bump| said.contains(bump));
        assert!(bump.is_some() && !said.contains("a major release"), "{release}: {said}");
        check_program(&copy, &format!("the program with the bindings of {release}"));
    }
}
