//! What `cargo xtask` does, one module per verb.

pub mod api;
#[cfg(unix)]
pub mod bench;
pub mod codegen;
#[cfg(unix)]
pub mod compatibility;
pub mod demo;
pub mod diagnostics;
pub mod generated_code;
pub mod install;
#[cfg(unix)]
pub mod lab;
pub mod oldest;
pub mod package;
pub mod pins;
pub mod release;
pub mod schema;
pub mod test;
pub mod update;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// The workspace's folder: the nearest one above the current folder, or else the one this was built in.
///
/// # Errors
/// When neither holds a `schema` folder.
pub fn root() -> Result<PathBuf> {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let current = std::env::current_dir().context("finding the current folder")?;
    // Where it is run comes first: a copy of the workspace must never change the one it was copied from.
    let candidates = current.ancestors().chain(built.parent());
    let found =
        candidates.map(PathBuf::from).find(|folder| folder.join("schema/releases.toml").is_file());
    found
        .context("no folder above this one holds schema/releases.toml: run it inside the workspace")
}

/// Writes a report to standard output. A reader that has gone away has seen all it wants.
pub fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}
