//! A rehearsal: the bindings as of QEMU 9.0 and a program that uses them, then one release after the other.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use qapi_codegen::history::{History, Release, items};
use xtask::pins::Pins;
use xtask::schema::add;
use xtask::schema::upstream::Upstream;

/// A copy of what the generator reads and writes, and a program beside it.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn make(root: PathBuf) -> Self {
        let workspace =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in a workspace");
        // A run that was cut short may have left something.
        let _ = fs::remove_dir_all(&root);
        for folder in ["qga-bindings", "schema", "docs", "tests/cases/reject"] {
            copy(&workspace.join(folder), &root.join(folder));
        }
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).expect("copied");
        let manifest = fs::read_to_string(workspace.join("Cargo.toml")).expect("read");
        let members = manifest.lines().find(|line| line.starts_with("members")).expect("members");
        write(
            &root.join("Cargo.toml"),
            &manifest.replace(members, "members = [\"qga-bindings\", \"program\"]"),
        );
        write(&root.join("program/src/main.rs"), include_str!("upgrade/program.rs"));
        write(
            &root.join("program/Cargo.toml"),
            "[package]\nname = \"program\"\nedition = \"2024\"\n[dependencies]\nqga-bindings.workspace = true\n",
        );
        Self { root }
    }

    fn pins(&self) -> Pins {
        Pins::open(&self.root.join("schema")).expect("the pins read")
    }

    fn xtask(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .current_dir(&self.root)
            .output();
        succeeded(&arguments.join(" "), &output.expect("it starts"))
    }

    fn check_program(&self, when: &str) {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--package", "program"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.with_file_name("upgrade-target"))
            .output();
        succeeded(when, &output.expect("it starts"));
    }

    /// Documents what is there, as a maintainer would who does not know the future.
    fn document(&self, full: &str, history: &History) {
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
                        parts.retain(|part, _| {
                            known.contains_key(&format!("{name}{separator}{part}"))
                        });
                    }
                }
            }
        }
        write(&self.root.join("schema/docs.toml"), &docs.to_string());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("created");
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, text).expect("written");
}

fn succeeded(what: &str, output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}:\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_program_for_qemu_9_0_compiles_with_the_bindings_of_every_later_release() {
    let copy = Copy::make(Path::new(env!("CARGO_TARGET_TMPDIR")).join("upgrade"));
    let full_docs = fs::read_to_string(copy.root.join("schema/docs.toml")).expect("read");
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
    copy.document(&full_docs, &pins.history().expect("they merge"));
    copy.xtask(&["codegen"]);
    copy.check_program("the program as it was written");

    assert!(later.len() > 3, "there are releases after 9.0");
    for (release, text) in later {
        let upstream = copy.root.join("upstream.json");
        write(&upstream, &text);
        let release_text = release.to_string();
        // The new items are documented before the release is accepted.
        let mut next = copy.pins();
        let found = Upstream::find(release, &upstream).expect("it is there");
        add::pin(&mut next, release, &found).expect("pinned");
        copy.document(&full_docs, &next.history().expect("they merge"));
        let said = copy.xtask(&["schema", "add", &release_text, "--from", "upstream.json"]);
        let bump = ["a minor release", "a patch release", "no changes"]
            .into_iter()
            .find(|bump| said.contains(bump));
        assert!(bump.is_some() && !said.contains("a major release"), "{release}: {said}");
        copy.check_program(&format!("the program with the bindings of {release}"));
    }
}
