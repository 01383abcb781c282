//! The Debian package, where cargo-deb is installed: what is in it, and that the program in it runs.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use qga_tests::agent::skip;
use qga_tests::folder::Folder;

/// Runs a program to its good end, and returns what it printed.
fn run(command: &mut Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().expect("it runs");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_package_has_the_program_its_pages_and_completion_where_debian_looks_for_them() {
    let installed = |program: &str, option: &str| {
        let nowhere = || Stdio::null();
        Command::new(program).arg(option).stdout(nowhere()).stderr(nowhere()).status().is_ok()
    };
    if !installed("cargo-deb", "--version") || !installed("dpkg-deb", "--version") {
        skip("QGA_REQUIRE_DEBIAN", "no package is made: install cargo-deb, on Debian");
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let printed = run(Command::new(source.join("packaging/debian-package")).arg("trial"));
    let package = printed.lines().last().expect("where it is");
    let folder = Folder::new().expect("made");
    run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&*folder));
    for path in [
        "usr/share/bash-completion/completions/qga",
        "usr/share/zsh/vendor-completions/_qga",
        "usr/share/fish/vendor_completions.d/qga.fish",
        "usr/share/man/man1/qga.1.gz",
        "usr/share/man/man1/qga-keys-add.1.gz",
        "usr/share/doc/qga/copyright",
        "usr/share/doc/qga/CHANGELOG.md",
        "usr/share/doc/qga/README.md",
    ] {
        assert!(fs::metadata(folder.join(path)).is_ok_and(|file| file.len() > 0), "{path}");
    }
    let program = folder.join("usr/bin/qga");
    assert!(run(Command::new(program).args(["-c", "demo:", "hostname"])).starts_with("demo"));
    let said = run(Command::new("dpkg-deb").arg("--info").arg(package));
    assert!(said.contains(&format!("Version: {}\n", env!("CARGO_PKG_VERSION"))), "{said}");
    assert!(said.contains("Depends: libc6"), "{said}");
}
