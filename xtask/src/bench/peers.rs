//! What others made, fetched by name when it is measured. Nothing of the project depends on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{Bench, cargo};

/// The crate `qapi` as a program.
pub(super) fn qapi(bench: &Bench) -> Result<PathBuf> {
    let package = bench.folder.join("qapi");
    copy(&bench.root.join("bench/peers/qapi"), &package)?;
    println!("building the crate qapi");
    let status = cargo(&package)
        .args(["build", "--release", "--quiet", "--target-dir"])
        .arg(package.join("target"))
        .status()?;
    ensure!(status.success(), "the crate qapi does not build here");
    Ok(package.join("target/release/bench-qapi"))
}

/// The folder that has the Python package `qemu.qmp`.
pub(super) fn qmp(bench: &Bench) -> Result<PathBuf> {
    let folder = bench.folder.join("qmp");
    if !folder.join("qemu/qmp").is_dir() {
        println!("fetching qemu.qmp");
        let output = Command::new(python()?)
            .args(["-m", "pip", "install", "--quiet", "--target"])
            .arg(&folder)
            .arg("qemu.qmp")
            .output()
            .context("starting pip")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(folder)
}

/// The interpreter itself, and not one of the scripts that look for it.
pub(super) fn python() -> Result<PathBuf> {
    let ask = ["-c", "import sys; print(sys.executable)"];
    super::machine::first_line("python3", &ask).map(PathBuf::from).context("there is no python3")
}

/// Copies a folder and what is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("listing {}", from.display()))? {
        let (path, to) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &to)?;
        } else if fs::read(&path)? != fs::read(&to).unwrap_or_default() {
            // What is as it was is not built again.
            fs::copy(&path, &to).with_context(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}
