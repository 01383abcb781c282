//! A copy of what the project's commands read and write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use xtask::pins::Pins;

/// A copy of the workspace, as far as the generator is concerned.
pub(crate) struct Copy {
    pub(crate) root: PathBuf,
}

impl Copy {
    /// A fresh copy in a folder of this name.
    pub(crate) fn make(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let workspace =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in a workspace");
        // A run that was cut short may have left something.
        let _ = fs::remove_dir_all(&root);
        for folder in ["qga-bindings", "schema", "docs", "tests/cases"] {
            copy(&workspace.join(folder), &root.join(folder));
        }
        for file in ["Cargo.lock", "Cargo.toml", "CHANGELOG.md"] {
            fs::copy(workspace.join(file), root.join(file)).expect("copied");
        }
        Self { root }
    }

    pub(crate) fn pins(&self) -> Pins {
        Pins::open(&self.root.join("schema")).expect("the pins read")
    }

    /// Runs `cargo xtask` there, which has to succeed.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> String {
        succeeded(&arguments.join(" "), &self.run(arguments))
    }

    /// Runs `cargo xtask` there, which has to fail and change nothing under `schema` and `qga-bindings`.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let before = self.texts();
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        assert!(self.texts() == before, "{arguments:?} failed and changed something");
        text(&output.stdout) + &text(&output.stderr)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .current_dir(&self.root)
            .output();
        output.expect("it starts")
    }

    /// Every file under `schema` and `qga-bindings` with its text.
    pub(crate) fn texts(&self) -> BTreeMap<PathBuf, String> {
        let mut texts = BTreeMap::new();
        let mut waiting = vec![self.root.join("schema"), self.root.join("qga-bindings")];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).expect("listed") {
                let path = entry.expect("listed").path();
                if path.is_dir() {
                    waiting.push(path);
                } else {
                    let text = fs::read_to_string(&path).expect("text");
                    texts.insert(path.strip_prefix(&self.root).expect("inside").to_owned(), text);
                }
            }
        }
        texts
    }

    /// Writes a file of the copy.
    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.root.join(path), text);
    }

    /// Reads a file of the copy.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).expect("read")
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

/// Writes a file, and the folders that it is in.
pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, text).expect("written");
}

/// What a program printed, if it succeeded.
pub(crate) fn succeeded(what: &str, output: &Output) -> String {
    assert!(output.status.success(), "{what}:\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs git in a folder.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=Q", "-c", "user.email=q@example.org"]);
    succeeded("git", &command.args(arguments).output().expect("git starts"));
}
