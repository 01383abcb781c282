//! libvirt from a suite's packages, as a session of its own with one guest: nothing is installed, and nothing of the
//! system's libvirt is touched, should there be one.

mod domain;
mod namespace;
pub(crate) mod run;
mod session;

use anyhow::{Context as _, Result, ensure};

use super::apt::Apt;
use super::bundle::Bundle;
use super::guest::{self, Guest};
use super::{Lab, agents};

pub use namespace::usable;
pub use session::Session;

/// The daemon with its driver for this emulator, and the program that its users have.
const PACKAGES: [&str; 3] = ["libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients"];

/// The user's program, where its package has it.
const VIRSH: &str = "usr/bin/virsh";

/// The daemon, where its package has it.
const DAEMON: &str = "usr/sbin/libvirtd";

/// A suite's libvirt, and a guest with the same suite's agent.
#[derive(Clone, Debug)]
pub struct Libvirt {
    /// libvirt with its libraries.
    pub bundle: Bundle,
    /// The guest.
    pub guest: Guest,
}

impl Libvirt {
    fn at(lab: &Lab, guest: Guest) -> Result<Self> {
        let folder = std::path::absolute(lab.join("libvirt").join(&guest.agent.suite))?;
        Ok(Self { bundle: Bundle::at(folder), guest })
    }

    fn is_complete(&self) -> bool {
        [VIRSH, DAEMON].iter().all(|program| self.bundle.command(program).is_ok())
    }
}

/// Those that are there, by the release of their guests' agents, oldest first.
pub fn fetched(lab: &Lab) -> Vec<Libvirt> {
    let all = guest::fetched(lab).into_iter().filter_map(|guest| Libvirt::at(lab, guest).ok());
    all.filter(Libvirt::is_complete).collect()
}

/// Fetches libvirt and a guest of a suite.
///
/// # Errors
/// What is not to be had, and why.
pub fn fetch(lab: &Lab, suite: &str) -> Result<Libvirt> {
    let libvirt = Libvirt::at(lab, guest::fetch(lab, suite)?)?;
    if !libvirt.is_complete() {
        let _alone = lab.lock("libvirt")?;
        Apt::of(lab, suite)?
            .unpack(&PACKAGES, libvirt.bundle.folder())
            .with_context(|| format!("no libvirt of {suite}"))?;
    }
    Ok(libvirt)
}

/// Fetches libvirt for the oldest and for the newest agent of those that are there, and returns what is missing nevertheless,
/// with the reason.
///
/// # Errors
/// When there is none at all.
pub fn fetch_oldest_and_newest(lab: &Lab) -> Result<Vec<String>> {
    let agents = agents::fetched(lab);
    let ends = [agents.first(), agents.last()].into_iter().flatten();
    let problems = ends.filter_map(|agent| {
        let error = fetch(lab, &agent.suite).err()?;
        Some(format!("libvirt of {} ({error:#})", agent.suite))
    });
    let problems: Vec<_> = problems.collect();
    for problem in &problems {
        eprintln!("missing: {problem}");
    }
    ensure!(!fetched(lab).is_empty(), "no libvirt is to be had, for the reasons above");
    Ok(problems)
}
