//! QEMU's own generator and its schemas, out of the source package of a suite.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::Lab;
use super::apt::Apt;

/// The suite that has the newest.
const SUITE: &str = "sid";

/// The version whose schemas are compared, while the suite has it.
const VERSION: &str = "1:10.2.2+ds-1";

/// What is unpacked: 1 MB of 400.
const WANTED: [&str; 3] = ["*/scripts/qapi*", "*/qapi/*.json", "*/qga/qapi-schema.json"];

/// A tree with `scripts/qapi-gen.py` and all schemas, fetched if need be: about 40 MB.
///
/// # Errors
/// When it is not to be had.
pub fn qemu(lab: &Lab) -> Result<PathBuf> {
    let folder = std::path::absolute(lab.join("source/qemu"))?;
    if folder.join("scripts/qapi-gen.py").is_file() {
        return Ok(folder);
    }
    let unfinished = folder.with_extension("unfinished");
    drop(fs::remove_dir_all(&unfinished));
    let archive =
        Apt::of_sources(lab, SUITE)?.source("qemu", VERSION, &unfinished.join("download"))?;
    let output = Command::new("tar")
        .args(["--extract", "--strip-components=1", "--wildcards", "--file"])
        .arg(&archive)
        .arg("--directory")
        .arg(&unfinished)
        .args(WANTED)
        .output()
        .context("starting tar")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    // Its name tells the version, which only the archive's does otherwise.
    let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    fs::write(unfinished.join("archive"), name)?;
    fs::remove_dir_all(unfinished.join("download"))?;
    drop(fs::remove_dir_all(&folder));
    fs::rename(&unfinished, &folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}
