//! What agents of several releases make of every command: tried on real ones, recorded, and shown as a table.
//!
//! `cargo xtask compatibility` tries everything in guests, writes a record for each agent into `tests/evidence/`, and
//! renders docs/compatibility.md from the records. Tests compare the records with the agents that the lab has now.

mod form;
mod guest;
mod host;
mod page;
mod record;
mod subject;
mod trial;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use form::{Form, forms};
pub use guest::{is_about_power, try_in_guest};
pub use host::try_here;
pub use page::page;
use qapi_codegen::history;
use qapi_codegen::schema::Schema;
use qga_bindings::Release;
pub use record::{Answers, Record, today};
pub use trial::is_about_arguments;
use xtask::lab::agents::Fetched;
use xtask::pins::Pins;

use crate::agent::skip;
use crate::lab;

/// What an agent made of a form of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did it as far as it says, and its reply is one that the schema of its release allows.
    Works,
    /// It understood, and its machine cannot do it: why, in the agent's words.
    Fails(String),
    /// It accepted, and did nothing.
    NoEffect,
    /// It has the command, and does not execute it.
    Disabled,
    /// Its release has the command, and it was built without.
    Absent,
    /// Its release is older than this one, which is the first that understands.
    Needs(Release),
}

impl Outcome {
    /// Whether the agent understood what it was to do.
    pub(crate) fn is_understood(&self) -> bool {
        matches!(self, Self::Works | Self::Fails(_) | Self::NoEffect)
    }

    /// Whether it is the same on a machine that cannot do everything.
    pub(crate) fn is_elsewhere(&self, other: &Self) -> bool {
        self == other || (self.is_understood() && other.is_understood())
    }

    /// Whether it is the same but for the words.
    pub fn is_again(&self, other: &Self) -> bool {
        self == other || matches!((self, other), (Self::Fails(_), Self::Fails(_)))
    }
}

const FAILS: &str = "fails: ";
const NEEDS: &str = "needs ";

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works => f.write_str("works"),
            Self::Fails(why) => write!(f, "{FAILS}{why}"),
            Self::NoEffect => f.write_str("no effect"),
            Self::Disabled => f.write_str("disabled"),
            Self::Absent => f.write_str("absent"),
            Self::Needs(release) => write!(f, "{NEEDS}{release}"),
        }
    }
}

impl FromStr for Outcome {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let needs = || {
            let (major, minor) = text.strip_prefix(NEEDS)?.split_once('.')?;
            Some(Self::Needs(Release::new(major.parse().ok()?, minor.parse().ok()?)))
        };
        match text {
            "works" => Ok(Self::Works),
            "no effect" => Ok(Self::NoEffect),
            "disabled" => Ok(Self::Disabled),
            "absent" => Ok(Self::Absent),
            _ => match text.strip_prefix(FAILS) {
                Some(why) => Ok(Self::Fails(why.to_owned())),
                None => needs().ok_or_else(|| format!("{text} is no outcome")),
            },
        }
    }
}

/// An agent's release as the bindings write it: they do not tell stable releases apart.
pub fn release(agent: &Fetched) -> Release {
    Release::new(agent.release.major, agent.release.minor)
}

/// The agents that the lab has and whose releases are pinned; others are named loudly.
pub fn agents(pins: &Pins) -> Vec<Fetched> {
    let mut agents = lab::agents();
    agents.retain(|agent| is_pinned(agent, pins));
    agents
}

/// Whether the schema of an agent's release is known, which is told loudly if not.
pub fn is_pinned(agent: &Fetched, pins: &Pins) -> bool {
    let line = |release: history::Release| (release.major, release.minor);
    let newest = pins.releases().last().map(|(release, _)| line(*release));
    let is_pinned = newest >= Some(line(agent.release));
    if !is_pinned {
        let (suite, release) = (&agent.suite, agent.release);
        skip(
            "",
            &format!(
                "the agent of {suite} is of QEMU {release}, which is newer than what is known here: \
                 `cargo xtask schema add {release} --from PATH`, then `cargo xtask compatibility`"
            ),
        );
    }
    is_pinned
}

/// What is pinned in this workspace.
///
/// # Panics
/// It cannot be read.
#[expect(clippy::expect_used, reason = "a test without it has failed")]
pub fn pins() -> Pins {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
    Pins::open(&folder).expect("what is pinned reads")
}

/// The schema of an agent's release: the newest that is pinned and not newer than the agent.
///
/// # Panics
/// The agent is older than the oldest schema.
#[expect(clippy::expect_used, reason = "no agent of the lab is")]
pub fn schema<'a>(pins: &'a Pins, agent: &Fetched) -> &'a Schema {
    let releases = pins.releases();
    let known = releases.iter().rev().find(|(release, _)| *release <= agent.release);
    known.expect("there is a schema for each agent of the lab").1
}

/// The folder of the records.
pub fn evidence() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("evidence")
}

/// The page that shows them.
pub fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md")
}
