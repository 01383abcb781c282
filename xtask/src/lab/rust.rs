//! The compiler of Debian's stable release, which is the oldest that the bindings promise to do with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::Lab;
use super::apt::Apt;
use super::bundle::Bundle;

/// The suite whose compiler it is.
const SUITE: &str = "trixie";

/// The name of the script that runs it.
const SCRIPT: &str = "rustc-with-its-libraries";

/// Fetches the compiler and its libraries, if they are not there yet, and returns the program that runs it.
///
/// # Errors
/// When it is not to be had.
pub fn fetch(lab: &Lab) -> Result<PathBuf> {
    if let Some(compiler) = fetched(lab) {
        return Ok(compiler);
    }
    let _alone = lab.lock("the compiler")?;
    let folder = std::path::absolute(lab.join("rust"))?;
    Apt::of(lab, SUITE)?.unpack(&["rustc"], &folder)?;
    let words = Bundle::at(&folder).command("usr/bin/rustc")?;
    let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let sysroot = folder.join("usr");
    let script = folder.join(SCRIPT);
    let text =
        format!("#!/bin/sh\nexec {} --sysroot '{}' \"$@\"\n", words.join(" "), sysroot.display());
    fs::write(&script, text).with_context(|| format!("writing {}", script.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(script)
}

/// The program that runs it, if it was fetched.
pub fn fetched(lab: &Lab) -> Option<PathBuf> {
    let script = std::path::absolute(lab.join("rust").join(SCRIPT)).ok()?;
    script.is_file().then_some(script)
}
