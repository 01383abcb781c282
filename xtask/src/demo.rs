//! `cargo xtask demo`: regenerates the bindings, then shows them talking to an agent.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::{codegen, install};

/// Runs the demonstration in the workspace at `root`.
///
/// # Errors
/// When the bindings cannot be generated, do not compile, or an agent that was there fails.
pub fn run(root: &Path) -> Result<()> {
    println!("== regenerating everything that is generated");
    codegen::run(root, false)?;
    println!("\n== talking to an agent");
    if !has_lab_agent(root) {
        install::agent()?;
    }
    // A program of its own, which is built after the bindings are: this one must work also when they do not.
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--package", "qga-tests", "--bin", "demo"])
        .current_dir(root)
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "the demonstration failed");
    Ok(())
}

/// Whether the lab has an agent, which is used where none is installed.
#[cfg(unix)]
fn has_lab_agent(root: &Path) -> bool {
    use crate::lab::{Lab, agents};
    !agents::fetched(&Lab::of(root)).is_empty()
}

#[cfg(not(unix))]
fn has_lab_agent(_: &Path) -> bool {
    false
}
