//! The lab's agents and guests, for tests: `cargo xtask lab status` shows what there is.

use std::path::{Path, PathBuf};

use qapi_codegen::history::Release;
use xtask::lab::agents::{Fetched, fetched};
use xtask::lab::guest::{self, Guest};
use xtask::lab::libvirt::{self, Libvirt};

use crate::agent::{Agent, skip};

/// The variable that says that the lab must be there.
const REQUIRED: &str = "QGA_REQUIRE_LAB";

/// How many releases there are at least, where the lab must be there: a mirror may have lost some.
const ENOUGH: usize = 3;

/// The lab of this workspace.
pub fn lab() -> xtask::lab::Lab {
    xtask::lab::Lab::of(&workspace())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// The agents that the lab has, oldest first; none if there is no lab, which is told loudly.
///
/// # Panics
/// There are fewer than three releases, and `QGA_REQUIRE_LAB` says that there must be a lab.
pub fn agents() -> Vec<Fetched> {
    let agents = fetched(&lab());
    let mut releases: Vec<_> = agents.iter().map(|agent| agent.release).collect();
    releases.dedup();
    if releases.len() < ENOUGH {
        let found: Vec<_> = releases.iter().map(Release::to_string).collect();
        skip(
            REQUIRED,
            &format!(
                "the lab has fewer than {ENOUGH} agents ({}): `cargo xtask lab agents --fetch`",
                listed(&found)
            ),
        );
    }
    agents
}

/// What was found, for people.
fn listed(found: &[String]) -> String {
    if found.is_empty() { "none".to_owned() } else { found.join(", ") }
}

/// A running agent of a release, as `7.2` for any of that line or `10.0.2` for that one; or nothing, which is told loudly.
///
/// # Panics
/// It does not start; or the lab has too few agents, and must be there.
pub fn agent(release: &str) -> Option<Agent> {
    let agents = agents();
    let of_line = |agent: &&Fetched| {
        let known = agent.release;
        release == known.to_string() || release == format!("{}.{}", known.major, known.minor)
    };
    let found = agents.iter().find(of_line);
    if found.is_none() {
        // Not required: that release may have left the mirror.
        skip("", &format!("the lab has no agent of QEMU {release}"));
    }
    found.map(start)
}

/// Starts an agent of the lab.
///
/// # Panics
/// It does not start.
pub fn start(agent: &Fetched) -> Agent {
    start_without(agent, &[])
}

/// The same, with more commands disabled.
///
/// # Panics
/// It does not start.
#[expect(clippy::panic, reason = "a test whose agent does not start has failed")]
pub fn start_without(agent: &Fetched, commands: &[&str]) -> Agent {
    match agent.command() {
        Ok(command) => Agent::run(&command, commands),
        Err(error) => panic!("the agent of {} is incomplete: {error:#}", agent.suite),
    }
}

/// The variable that says that guests are to be booted.
const GUESTS_REQUIRED: &str = "QGA_REQUIRE_VM";

/// How many guests there are at least, where there must be guests.
const ENDS: usize = 2;

/// The oldest and the newest guest of the lab, since each takes a minute; none where nobody asked for them, which is told
/// loudly.
///
/// # Panics
/// `QGA_REQUIRE_VM` says that there must be guests, and there are not two.
pub fn guests() -> Vec<Guest> {
    if std::env::var_os(GUESTS_REQUIRED).is_none() {
        skip(
            "",
            "booting guests takes minutes: QGA_REQUIRE_VM=1 runs these tests, as `cargo xtask test` does",
        );
        return Vec::new();
    }
    let guests = guest::fetched(&lab());
    if guests.len() < ENDS {
        let found: Vec<_> = guests.iter().map(|guest| guest.agent.release.to_string()).collect();
        skip(
            GUESTS_REQUIRED,
            &format!(
                "the lab has fewer than {ENDS} guests ({}): `cargo xtask lab vm SUITE --fetch`",
                listed(&found)
            ),
        );
    }
    ends(guests)
}

/// The variable that says that guests are to be run below libvirt.
const LIBVIRT_REQUIRED: &str = "QGA_REQUIRE_LIBVIRT";

/// The oldest and the newest libvirt of the lab; none where nobody asked for them, which is told loudly.
///
/// # Panics
/// `QGA_REQUIRE_LIBVIRT` says that there must be one, and there is none, or it cannot be run here.
pub fn libvirts() -> Vec<Libvirt> {
    let why_not = if std::env::var_os(LIBVIRT_REQUIRED).is_none() {
        "guests below libvirt take a while: QGA_REQUIRE_LIBVIRT=1 runs these tests, as `cargo xtask test` does"
            .to_owned()
    } else if let Err(error) = libvirt::usable() {
        format!("{error:#}")
    } else {
        let libvirts = libvirt::fetched(&lab());
        if !libvirts.is_empty() {
            return ends(libvirts);
        }
        "the lab has no libvirt: `cargo xtask lab libvirt SUITE --fetch`".to_owned()
    };
    skip(LIBVIRT_REQUIRED, &why_not);
    Vec::new()
}

/// The first and the last.
fn ends<T>(mut all: Vec<T>) -> Vec<T> {
    let last = all.pop();
    all.truncate(1);
    all.extend(last);
    all
}
