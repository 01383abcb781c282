//! `cargo xtask oldest`: the bindings with the oldest compiler that they promise to do with, as they are packed.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::package;

/// `rust-version` of the bindings.
const VERSION: &str = "1.85";

/// The compiler, if there is one here: of rustup, or of the lab.
fn compiler(root: &Path) -> Option<Command> {
    let cargo = || Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = Command::new("rustup").args(["toolchain", "list"]).output().ok();
    let list = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    if let Some(name) = toolchain(&list.unwrap_or_default()) {
        let mut command = Command::new("cargo");
        command.arg(format!("+{name}"));
        return Some(command);
    }
    let compiler = of_lab(root)?;
    let mut command = cargo();
    command.env("RUSTC", compiler);
    Some(command)
}

/// The toolchain in rustup's list: as `1.85-HOST` it was asked for by the release, as `1.85.1-HOST` by the version.
fn toolchain(list: &str) -> Option<&str> {
    let is_wanted = |name: &&str| {
        name.strip_prefix(VERSION)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    list.lines().filter_map(|line| line.split_whitespace().next()).find(is_wanted)
}

#[cfg(unix)]
fn of_lab(root: &Path) -> Option<std::path::PathBuf> {
    use crate::lab::{Lab, rust};
    rust::fetched(&Lab::of(root))
}

#[cfg(not(unix))]
fn of_lab(_: &Path) -> Option<std::path::PathBuf> {
    None
}

/// Whether there is a compiler to try.
pub fn is_there(root: &Path) -> bool {
    compiler(root).is_some()
}

/// Checks the bindings with all features, and without any.
///
/// # Errors
/// When there is no such compiler here, or it does not take them.
pub fn run(root: &Path) -> Result<()> {
    package::run(root)?;
    let bindings = package::unpacked_bindings(root).context("the bindings are not packed")?;
    for features in [&["--all-features"][..], &[]] {
        let mut command = compiler(root).with_context(|| {
            format!("no Rust {VERSION} here: `cargo xtask lab rust` fetches Debian's")
        })?;
        let status = command
            .args(["check", "--quiet", "--target-dir"])
            .arg(root.join("target/oldest"))
            .args(features)
            .current_dir(&bindings)
            .status()
            .context("starting cargo")?;
        ensure!(status.success(), "the bindings need a newer compiler than they promise");
    }
    println!("Rust {VERSION} takes the bindings, with all features and with none");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_is_found_by_its_release_however_exactly_that_was_asked_for() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n1.850.0-x\n1.86.0-x\n";
        assert_eq!(toolchain(list), None);
        assert_eq!(toolchain(&format!("{list}1.85-x\n")), Some("1.85-x"));
        assert_eq!(toolchain(&format!("{list}1.85.1-x (default)\n")), Some("1.85.1-x"));
    }
}
