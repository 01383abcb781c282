//! Which releases of QEMU an agent may be of, by the commands that it lists.
//!
//! What an agent says its version is does not tell what it can do: distributions carry commands back, agents that are not
//! QEMU's number themselves as they like. The list of its commands tells more.

use crate::command::{BuildCondition, CommandInfo, Release};
use crate::info;
use crate::types::GuestAgentInfo;

/// The first release whose agents list their commands.
const LISTS: Release = Release::new(1, 1);

/// The first release whose agents say of each command whether it has a reply.
const TELLS_OF_REPLIES: Release = Release::new(1, 7);

/// The systems that agents are built for, each with the macros that a build for it defines. Any other macro that a condition
/// names depends on the machine where it was built.
const SYSTEMS: [(&str, &[&str]); 4] = [
    ("Linux", &["CONFIG_LINUX", "CONFIG_POSIX"]),
    ("Windows", &["CONFIG_WIN32"]),
    ("FreeBSD", &["CONFIG_FREEBSD", "CONFIG_BSD", "CONFIG_POSIX"]),
    ("macOS", &["CONFIG_DARWIN", "CONFIG_POSIX"]),
];

/// What an agent's list of commands says of its release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fit {
    /// The releases that agree best with the list, oldest first. They agree entirely if nothing is in
    /// [`missing`](Self::missing), [`unexpected`](Self::unexpected) and [`odd`](Self::odd).
    pub releases: Vec<Release>,
    /// The systems that it may have been built for: Linux, Windows, FreeBSD, macOS. Before 9.1 a list tells little of that.
    pub systems: Vec<&'static str>,
    /// Commands that every such agent of those releases has, and this one lacks.
    pub missing: Vec<&'static str>,
    /// Commands that it has, and no such agent of those releases.
    pub unexpected: Vec<&'static str>,
    /// It lists commands in another way than agents of those releases do.
    pub odd: bool,
    /// Commands that it has and refuses to execute. While file systems are frozen, these are most.
    pub disabled: Vec<String>,
    /// Commands that no release has.
    pub foreign: Vec<String>,
    /// Commands of any release that it lacks, for whatever reason.
    pub absent: Vec<&'static CommandInfo>,
}

impl Fit {
    /// Whether there are releases whose agents may list exactly these commands, those of nobody aside.
    #[inline]
    pub fn is_exact(&self) -> bool {
        !self.releases.is_empty()
            && self.missing.is_empty()
            && self.unexpected.is_empty()
            && !self.odd
    }
}

/// Why an agent may lack a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absence {
    /// The agent is as of an older release than the one that brought the command.
    Older {
        /// The release that brought it.
        since: Release,
        /// The newest that the agent fits.
        fits: Release,
    },
    /// The agent is as of a release that does not have the command any more.
    Newer {
        /// The first release without it.
        until: Release,
    },
    /// Only agents for other systems have it.
    OtherSystem {
        /// These.
        systems: Vec<&'static str>,
    },
    /// Agents of the newest release that fits have it if it was built into them.
    NotBuilt,
    /// All such agents have it, so this one is of nobody else's making, or much changed.
    Unexplained,
}

impl Fit {
    /// Why an agent that this is about may lack a command.
    #[inline]
    pub fn absence(&self, command: &CommandInfo) -> Absence {
        let Some(&fits) = self.releases.last() else { return Absence::Unexplained };
        match (command.since, command.until) {
            (Some(since), _) if since > fits => return Absence::Older { since, fits },
            (_, Some(until)) if until <= fits => return Absence::Newer { until },
            _ => {}
        }
        let Some(condition) = command.condition_in(fits) else { return Absence::Unexplained };
        let verdicts = SYSTEMS.map(|(system, macros)| (system, is_met(condition, macros)));
        let mut ours = verdicts.iter().filter(|(system, _)| self.systems.contains(system));
        if ours.clone().all(|(_, met)| *met == Some(false)) {
            let others = verdicts.iter().filter(|(_, met)| *met != Some(false));
            return Absence::OtherSystem { systems: others.map(|(system, _)| *system).collect() };
        }
        if ours.any(|(_, met)| met.is_none()) { Absence::NotBuilt } else { Absence::Unexplained }
    }
}

/// Finds the releases that an agent may be of.
///
/// Of an agent that lists no commands it is known only that it is older than 1.1, or keeps its commands to itself.
///
/// ```
/// use qga_bindings::types::{GuestAgentCommandInfo, GuestAgentInfo};
/// use qga_bindings::{Release, fit, info};
///
/// let of_9_0 = info::COMMANDS.iter().filter(|command| command.is_in(Release::new(9, 0)));
/// let listed = of_9_0.map(|command| {
///     let mut listed = GuestAgentCommandInfo::new(command.name, true);
///     listed.success_response = Some(command.success_response);
///     listed
/// });
/// let mut agent = GuestAgentInfo::new("9.0.4");
/// agent.supported_commands = Some(listed.collect());
/// let fit = fit::fit(&agent);
/// assert!(fit.is_exact());
/// assert_eq!(fit.releases.last(), Some(&Release::new(9, 0)));
/// ```
#[inline]
pub fn fit(agent: &GuestAgentInfo) -> Fit {
    let listed = agent.supported_commands.as_deref();
    // Of each known command, whether it is listed.
    let has: Option<Vec<bool>> = listed.map(|all| {
        let is_listed = |command: &CommandInfo| all.iter().any(|one| one.name == command.name);
        info::COMMANDS.iter().map(is_listed).collect()
    });
    let tells = listed.unwrap_or_default().iter().any(|listed| listed.success_response.is_some());
    let mut candidates = Vec::new();
    for &release in info::RELEASES {
        for (system, macros) in SYSTEMS {
            let mut candidate = Candidate::of(release, system);
            match &has {
                Some(has) => candidate.compare(has, macros, tells),
                None => candidate.odd = release >= LISTS,
            }
            candidates.push(candidate);
        }
    }
    let mut fit = best(&candidates);
    let all = listed.unwrap_or_default().iter();
    let is_known = |name: &str| info::COMMANDS.iter().any(|command| command.name == name);
    fit.disabled = all.clone().filter(|one| !one.enabled).map(|one| one.name.clone()).collect();
    fit.foreign = all.filter(|one| !is_known(&one.name)).map(|one| one.name.clone()).collect();
    if let Some(has) = has {
        let absent = info::COMMANDS.iter().zip(has).filter(|(_, listed)| !listed);
        fit.absent = absent.map(|(command, _)| command).collect();
    }
    fit
}

/// The candidates with the least faults: the newest of them, and those that have the same.
#[inline]
fn best(candidates: &[Candidate]) -> Fit {
    let least = candidates.iter().map(Candidate::faults).min();
    let Some(best) = candidates.iter().rfind(|candidate| Some(candidate.faults()) == least) else {
        return Fit::default();
    };
    let mut fit = Fit {
        missing: best.missing.clone(),
        unexpected: best.unexpected.clone(),
        odd: best.odd,
        ..Fit::default()
    };
    for candidate in candidates.iter().filter(|candidate| candidate.agrees_with(best)) {
        if !fit.releases.contains(&candidate.release) {
            fit.releases.push(candidate.release);
        }
        if !fit.systems.contains(&candidate.system) {
            fit.systems.push(candidate.system);
        }
    }
    fit
}

/// How well a release, as built for a system, explains a list.
struct Candidate {
    release: Release,
    system: &'static str,
    missing: Vec<&'static str>,
    unexpected: Vec<&'static str>,
    odd: bool,
}

impl Candidate {
    fn of(release: Release, system: &'static str) -> Self {
        Self { release, system, missing: Vec::new(), unexpected: Vec::new(), odd: false }
    }

    #[inline]
    fn compare(&mut self, has: &[bool], macros: &[&str], tells: bool) {
        self.odd = self.release < LISTS || tells != (self.release >= TELLS_OF_REPLIES);
        for (command, &listed) in info::COMMANDS.iter().zip(has) {
            let built = if command.is_in(self.release) {
                command.condition_in(self.release).map_or(Some(true), |when| is_met(when, macros))
            } else {
                Some(false)
            };
            match (built, listed) {
                (Some(true), false) => self.missing.push(command.name),
                (Some(false), true) => self.unexpected.push(command.name),
                _ => {}
            }
        }
    }

    fn faults(&self) -> usize {
        self.missing.len() + self.unexpected.len() + usize::from(self.odd)
    }

    fn agrees_with(&self, other: &Self) -> bool {
        (&self.missing, &self.unexpected, self.odd)
            == (&other.missing, &other.unexpected, other.odd)
    }
}

/// Whether a build that defines `macros`, and of those of other systems none, meets a condition; `None` if that depends on
/// more.
#[inline]
fn is_met(condition: BuildCondition, macros: &[&str]) -> Option<bool> {
    let each = |conditions: &'static [BuildCondition]| {
        conditions.iter().map(|&condition| is_met(condition, macros)).collect::<Vec<_>>()
    };
    match condition {
        BuildCondition::Defined(name) if macros.contains(&name) => Some(true),
        BuildCondition::Defined(name) => {
            let of_a_system = SYSTEMS.iter().any(|(_, macros)| macros.contains(&name));
            of_a_system.then_some(false)
        }
        BuildCondition::Not(condition) => is_met(*condition, macros).map(|met| !met),
        BuildCondition::All(conditions) => match each(conditions) {
            met if met.contains(&Some(false)) => Some(false),
            met => (!met.contains(&None)).then_some(true),
        },
        BuildCondition::Any(conditions) => match each(conditions) {
            met if met.contains(&Some(true)) => Some(true),
            met => (!met.contains(&None)).then_some(false),
        },
    }
}
