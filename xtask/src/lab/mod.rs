//! `cargo xtask lab ...`: real agents of several releases, and guests for them, made of Debian packages.
//!
//! Packages are fetched by name through `apt-get` with lists and sources of its own, and unpacked into a folder. Nothing
//! is installed, the system's configuration stays as it is, and no privileges are needed.

pub mod agents;
mod apt;
pub mod bundle;
pub mod confine;
mod cpio;
mod emulator;
pub mod guest;
pub mod libvirt;
pub mod machine;
mod mirror;
mod modules;
mod process;
pub(crate) mod running;
pub mod rust;
pub mod source;
mod status;
pub(crate) mod vm;
pub mod vsock;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};

use machine::Channel;

const USAGE: &str = "\
usage: cargo xtask lab VERB

  agents [SUITE...]          run real agents of several releases until interrupted, each on a socket of its own
  agents --fetch             only fetch them, for the tests
  vm SUITE [--serial|--vsock]
                             run a guest with the agent of a suite until interrupted; --serial: on a serial line;
                             --vsock: on a virtual socket
  vm SUITE --fetch           only fetch what it needs
  libvirt SUITE              run a guest of a suite below the same suite's libvirt until interrupted
  libvirt SUITE --fetch      only fetch what it needs
  rust                       fetch the oldest compiler that the bindings promise to do with, for the tests
  status                     what the lab has, and what it lacks
  clean                      remove what was fetched

A SUITE is one of Debian's: bullseye, bookworm, bookworm-backports, trixie or sid. What is fetched is kept in target/lab,
or in the folder QGA_LAB. It comes from the mirror in apt's own sources, or from QGA_LAB_MIRROR.";

/// The folder that holds what was fetched.
#[derive(Clone, Debug)]
pub struct Lab {
    folder: PathBuf,
}

impl Lab {
    /// The lab of the workspace at `root`, which may be empty: `QGA_LAB`, or `target/lab`.
    pub fn of(root: &Path) -> Self {
        let elsewhere = std::env::var_os("QGA_LAB").filter(|folder| !folder.is_empty());
        Self { folder: elsewhere.map_or_else(|| root.join("target/lab"), PathBuf::from) }
    }

    /// Waits until nobody else fetches anything into it, and keeps others from doing so until what is returned is dropped.
    ///
    /// Only for what is `lacking`: a lab that has everything may be one that cannot be written to.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    fn lock(&self, lacking: &str) -> Result<fs::File> {
        let writable = || {
            format!(
                "the lab in {} lacks {lacking}, and cannot be written to: name another folder in QGA_LAB",
                self.folder.display()
            )
        };
        fs::create_dir_all(&self.folder).with_context(writable)?;
        let lock = fs::File::create(self.join("lock")).with_context(writable)?;
        if lock.try_lock().is_err() {
            println!(
                "waiting until another program has fetched what it needs into {}",
                self.folder.display()
            );
            lock.lock()?;
        }
        Ok(lock)
    }

    /// A folder inside.
    fn join(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.folder.join(inside)
    }
}

/// Runs `cargo xtask lab` with these arguments.
pub fn main(arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [verb, ref rest @ ..] => run(verb, rest),
        [] => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    result.map_or_else(
        |error| {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(verb: &str, arguments: &[&str]) -> Result<()> {
    let lab = Lab::of(&crate::root()?);
    match (verb, arguments) {
        ("agents", ["--fetch"]) => lack(&agents::fetch(&lab, agents::SUITES)?),
        ("agents", suites) => {
            let suites = if suites.is_empty() { agents::SUITES } else { suites };
            let missing = agents::fetch(&lab, suites)?;
            agents::run(&lab, suites)?;
            lack(&missing)
        }
        ("vm", [suite]) => vm::run(&lab, suite, Channel::VirtioSerial),
        ("vm", [suite, "--serial"]) => vm::run(&lab, suite, Channel::IsaSerial),
        ("vm", [suite, "--vsock"]) => vm::run(&lab, suite, Channel::Vsock),
        ("vm", [suite, "--fetch"]) => guest::fetch(&lab, suite).map(drop),
        ("libvirt", [suite]) => libvirt::run::run(&lab, suite),
        ("libvirt", [suite, "--fetch"]) => libvirt::fetch(&lab, suite).map(drop),
        ("rust", []) => {
            println!("{}", rust::fetch(&lab)?.display());
            Ok(())
        }
        ("status", []) => {
            status::print(&lab);
            Ok(())
        }
        ("clean", []) => clean(&lab),
        _ => bail!("`lab {verb} {}` is not understood\n\n{USAGE}", arguments.join(" ")),
    }
}

/// Fails if anything is missing.
fn lack(missing: &[String]) -> Result<()> {
    ensure!(missing.is_empty(), "not all agents are to be had, for the reasons above");
    Ok(())
}

fn clean(lab: &Lab) -> Result<()> {
    if lab.folder.exists() {
        fs::remove_dir_all(&lab.folder)
            .with_context(|| format!("{} cannot be removed", lab.folder.display()))?;
    }
    println!("{} is gone", lab.folder.display());
    Ok(())
}
