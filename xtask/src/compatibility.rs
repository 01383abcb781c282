//! `cargo xtask compatibility`: every command on the agent of every release that the lab can have, and the page that tells.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::lab::{Lab, agents, guest};

/// Fetches the guests of these suites, or all that there can be, tries everything in them, and writes the records and the page.
///
/// # Errors
/// When no guest is to be had, or an agent does not answer as its release defines.
pub fn run(root: &Path, suites: &[String]) -> Result<()> {
    let lab = Lab::of(root);
    let wanted = |suite: &&&str| suites.is_empty() || suites.iter().any(|wanted| wanted == **suite);
    for suite in agents::SUITES.iter().filter(wanted) {
        // The evidence of one that left the mirror stays.
        if let Err(error) = guest::fetch(&lab, suite) {
            println!("missing: a guest with the agent of {suite} ({error:#})");
        }
    }
    // A program of its own: this one must work also when the bindings do not.
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--package", "qga-tests", "--bin", "compatibility", "--"])
        .args(suites)
        .current_dir(root)
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "not every agent was as it should be");
    Ok(())
}
