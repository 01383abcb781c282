//! `cargo xtask schema agent`: which releases a running agent may be of.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::root;

/// Runs the program that asks the agent. It is one of its own, which is built after the bindings are: this one must work
/// also when they do not.
///
/// # Errors
/// When there is no workspace, or cargo cannot be started.
pub(super) fn main(arguments: &[String]) -> Result<ExitCode> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--package", "qga-tests", "--bin", "agent", "--manifest-path"])
        .arg(root()?.join("Cargo.toml"))
        .arg("--")
        .args(arguments)
        .status()
        .context("starting cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
