//! QEMU's own generator, its schemas and the test cases of its front end, out of the source package of a suite.

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

/// The release in it.
const RELEASE: &str = "10.2.2";

/// What is unpacked: 2 MB of 400.
const WANTED: [&str; 4] =
    ["*/scripts/qapi*", "*/qapi/*.json", "*/qga/qapi-schema.json", "*/tests/qapi-schema/*"];

/// The folder of the test cases.
const CASES: &str = "tests/qapi-schema";

/// The test cases of QEMU's front end, fetched if need be.
///
/// # Errors
/// When they are not to be had, or only those of another version, which may have other rules.
pub fn test_cases(lab: &Lab) -> Result<PathBuf> {
    tree_with(lab, CASES)?;
    fetched_test_cases(lab)
}

/// The same, if they were fetched.
///
/// # Errors
/// When they were not, or those of another version.
pub fn fetched_test_cases(lab: &Lab) -> Result<PathBuf> {
    let tree = folder(lab)?;
    ensure!(
        tree.join(CASES).exists(),
        "`cargo xtask conformance` fetches them, or `--corpus DIR` names them"
    );
    let archive = fs::read_to_string(tree.join(ARCHIVE)).unwrap_or_default();
    ensure!(
        archive.contains(RELEASE),
        "the suite {SUITE} has {archive}, and QEMU {RELEASE} no longer, whose cases count: `--corpus DIR` names them"
    );
    Ok(tree.join(CASES))
}

fn folder(lab: &Lab) -> Result<PathBuf> {
    Ok(std::path::absolute(lab.join("source/qemu"))?)
}

/// The file that has the name of the archive.
const ARCHIVE: &str = "archive";

/// A tree with `scripts/qapi-gen.py`, all schemas and the test cases, fetched if need be: about 40 MB.
///
/// # Errors
/// When it is not to be had.
pub fn qemu(lab: &Lab) -> Result<PathBuf> {
    tree_with(lab, "scripts/qapi-gen.py")
}

/// The tree, fetched if it is not there or does not have this.
fn tree_with(lab: &Lab, wanted: &str) -> Result<PathBuf> {
    let folder = folder(lab)?;
    if folder.join(wanted).exists() {
        return Ok(folder);
    }
    let _alone = lab.lock("the sources of QEMU")?;
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
    fs::write(unfinished.join(ARCHIVE), name)?;
    fs::remove_dir_all(unfinished.join("download"))?;
    drop(fs::remove_dir_all(&folder));
    fs::rename(&unfinished, &folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}
