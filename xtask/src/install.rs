//! What tests and the demonstration need from outside: found, or installed where that is allowed.
//!
//! Nothing is installed but Debian packages, by name, through `apt-get`, and only by root.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

/// Folders that are searched beside `PATH`: daemons are not always in a user's path.
const MORE_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/// A `qemu-ga` on this machine: `QGA_AGENT`, or one in the path.
pub fn find_agent() -> Option<PathBuf> {
    env::var_os("QGA_AGENT")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .or_else(|| find("qemu-ga"))
}

/// A `qemu-ga`, installed if need be and allowed. `None` if there is none to be had; the reason is printed.
///
/// # Errors
/// When `apt-get` cannot be started.
pub fn agent() -> Result<Option<PathBuf>> {
    if find_agent().is_none() {
        package("qemu-guest-agent", "a real agent to talk to")?;
    }
    Ok(find_agent())
}

/// A Chromium and its driver on this machine.
pub fn find_chromium() -> Option<PathBuf> {
    find("chromium").filter(|_| find("chromedriver").is_some())
}

/// A Chromium and its driver, installed if need be and allowed.
///
/// # Errors
/// When `apt-get` cannot be started.
pub fn chromium() -> Result<Option<PathBuf>> {
    if find_chromium().is_none() {
        package("chromium chromium-driver", "a browser to open the report in")?;
    }
    Ok(find_chromium())
}

/// callgrind, which counts instructions, on this machine.
pub fn find_valgrind() -> Option<PathBuf> {
    find("valgrind")
}

/// callgrind, installed if need be and allowed.
///
/// # Errors
/// When `apt-get` cannot be started.
pub fn valgrind() -> Result<Option<PathBuf>> {
    if find_valgrind().is_none() {
        package("valgrind", "to count instructions")?;
    }
    Ok(find_valgrind())
}

/// Python, which runs QEMU's own front end, on this machine.
pub fn find_python() -> Option<PathBuf> {
    find("python3")
}

/// The shells beside bash that arguments are completed in.
pub fn find_shells() -> Option<[PathBuf; 2]> {
    Some([find("zsh")?, find("fish")?])
}

/// These shells, installed if need be and allowed.
///
/// # Errors
/// When `apt-get` cannot be started.
pub fn shells() -> Result<Option<[PathBuf; 2]>> {
    if find_shells().is_none() {
        package("zsh fish", "shells to complete arguments in")?;
    }
    Ok(find_shells())
}

/// A program, in the path or where daemons are.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(MORE_FOLDERS.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Installs Debian packages, or says why not.
fn package(names: &str, purpose: &str) -> Result<()> {
    let root =
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if !Path::new("/usr/bin/apt-get").is_file() || !root {
        println!(
            "not installed here: {names} ({purpose}); as root on Debian, `apt-get install {names}` brings it"
        );
        return Ok(());
    }
    println!("installing {names} ({purpose})");
    let apt = |arguments: &[&str]| {
        Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .context("starting apt-get")
    };
    let install = ["install", "--yes", "--no-install-recommends"];
    let arguments = install.into_iter().chain(names.split(' ')).collect::<Vec<_>>();
    // Lists may be old, or not there at all.
    if !apt(&arguments)?.success() && (!apt(&["update"])?.success() || !apt(&arguments)?.success())
    {
        println!("apt-get could not install {names}: going on without");
    }
    Ok(())
}
