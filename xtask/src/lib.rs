//! What `cargo xtask` does, one module per verb.

pub mod api;
pub mod codegen;
pub mod demo;
pub mod diagnostics;
pub mod install;
pub mod pins;
pub mod release;
pub mod schema;
pub mod test;
pub mod update;

use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// The workspace's folder: the nearest one above the current folder, or else the one this was built in.
///
/// # Errors
/// When neither holds a `schema` folder.
pub fn root() -> Result<PathBuf> {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let current = std::env::current_dir().context("finding the current folder")?;
    let candidates = built.parent().into_iter().chain(current.ancestors());
    let found =
        candidates.map(PathBuf::from).find(|folder| folder.join("schema/releases.toml").is_file());
    found
        .context("no folder above this one holds schema/releases.toml: run it inside the workspace")
}
