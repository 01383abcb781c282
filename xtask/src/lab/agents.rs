//! Real agents of several releases, each with the libraries of its own suite.

use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use qapi_codegen::history::Release;

use super::apt::Apt;
use super::bundle::{Bundle, entries};
use super::running::Running;
use super::{Lab, confine};

/// Debian's suites with the agents of different releases: 5.2, 7.2, 10.0 twice, and the newest.
pub const SUITES: &[&str] = &["bullseye", "bookworm", "bookworm-backports", "trixie", "sid"];

/// The package's name.
const PACKAGE: &str = "qemu-guest-agent";

/// Where the package has the agent.
pub const PROGRAM: &str = "usr/sbin/qemu-ga";

/// How long an agent that ended stays away.
const RESTART: Duration = Duration::from_millis(50);

/// An agent of the lab.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The suite it is from.
    pub suite: String,
    /// What it says its version is.
    pub release: Release,
    /// The agent with its libraries.
    pub bundle: Bundle,
}

impl Fetched {
    /// The words that run it.
    ///
    /// # Errors
    /// When it is incomplete.
    pub fn command(&self) -> Result<Vec<String>> {
        self.bundle.command(PROGRAM)
    }
}

/// The agents that are there, oldest first.
pub fn fetched(lab: &Lab) -> Vec<Fetched> {
    let mut agents: Vec<_> = entries(&lab.join("agents"))
        .into_iter()
        .filter_map(|folder| {
            let suite = folder.file_name()?.to_str()?.to_owned();
            // While it is being unpacked it has another name.
            SUITES.contains(&suite.as_str()).then_some(())?;
            let bundle = Bundle::at(folder);
            Some(Fetched { suite, release: release(&bundle).ok()?, bundle })
        })
        .collect();
    agents.sort_by_key(|agent| agent.release);
    agents
}

/// Fetches the agents that are not there yet, and returns what is missing nevertheless, with the reason.
///
/// # Errors
/// When there is none at all.
pub fn fetch(lab: &Lab, suites: &[&str]) -> Result<Vec<String>> {
    suites.iter().try_for_each(|suite| known(suite))?;
    let lacking: Vec<_> = suites.iter().copied().filter(|suite| !is_there(lab, suite)).collect();
    let problems = if lacking.is_empty() { Vec::new() } else { fetch_lacking(lab, &lacking) };
    let there = fetched(lab).into_iter().filter(|agent| suites.contains(&agent.suite.as_str()));
    let there: Vec<_> = there.collect();
    for agent in &there {
        println!("{:18} agent {}", agent.suite, agent.release);
    }
    for problem in &problems {
        eprintln!("missing: {problem}");
    }
    ensure!(!there.is_empty(), "no agent is to be had, for the reasons above");
    Ok(problems)
}

/// Fetches agents, all at once, and returns the reasons for those that are not to be had.
fn fetch_lacking(lab: &Lab, suites: &[&str]) -> Vec<String> {
    let _alone = match lab.lock("them") {
        Ok(lock) => lock,
        // The others may do.
        Err(error) => return vec![format!("agents of {} ({error:#})", suites.join(", "))],
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let fetches: Vec<_> =
            suites.iter().map(|&suite| scope.spawn(move || fetch_one(lab, suite))).collect();
        let crashed = |_| Err(anyhow!("fetching it crashed"));
        fetches.into_iter().map(|fetch| fetch.join().unwrap_or_else(crashed)).collect()
    });
    // What is wrong with the machine is wrong for all of them, and told once.
    let mut problems: Vec<(String, Vec<&str>)> = Vec::new();
    for (suite, outcome) in suites.iter().zip(outcomes) {
        let Err(error) = outcome else { continue };
        let reason = format!("{error:#}");
        match problems.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, suites)) => suites.push(suite),
            None => problems.push((reason, vec![suite])),
        }
    }
    let told =
        |(reason, suites): &(_, Vec<_>)| format!("agents of {} ({reason})", suites.join(", "));
    problems.iter().map(told).collect()
}

/// Fails if there is no such suite.
pub(super) fn known(suite: &str) -> Result<()> {
    ensure!(SUITES.contains(&suite), "no suite {suite}; there are {}", SUITES.join(", "));
    Ok(())
}

/// Whether the agent of a suite is there, and runs.
pub(super) fn is_there(lab: &Lab, suite: &str) -> bool {
    release(&Bundle::at(lab.join("agents").join(suite))).is_ok()
}

/// Fetches one agent, if it is not there yet.
///
/// # Errors
/// When it is not to be had, or does not run.
pub(super) fn fetch_one(lab: &Lab, suite: &str) -> Result<()> {
    if is_there(lab, suite) {
        return Ok(());
    }
    let folder = std::path::absolute(lab.join("agents").join(suite))?;
    Apt::of(lab, suite)?.unpack(&[PACKAGE], &folder)?;
    release(&Bundle::at(&folder)).map(drop)
}

/// The agent's version, by its own words: `QEMU Guest Agent 7.2.22`.
fn release(bundle: &Bundle) -> Result<Release> {
    let words = bundle.command(PROGRAM)?;
    let (program, arguments) = words.split_first().context("no program")?;
    let output = Command::new(program).args(arguments).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(3).unwrap_or_default();
    version.parse().with_context(|| format!("{program} says its version is {:?}", text.trim()))
}

/// Runs the agents of these suites, and again whenever one ends, until this program is interrupted.
///
/// An agent that listens itself ends when a client leaves without reading its reply.
///
/// # Errors
/// When an agent cannot be started.
pub fn run(lab: &Lab, suites: &[&str]) -> Result<()> {
    let agents: Vec<_> =
        fetched(lab).into_iter().filter(|agent| suites.contains(&agent.suite.as_str())).collect();
    println!(
        "\nunprivileged, with every command disabled that changes the machine, until interrupted:"
    );
    thread::scope(|scope| {
        let running: Vec<_> =
            agents.iter().map(|agent| scope.spawn(move || supervise(lab, agent))).collect();
        running.into_iter().filter_map(|agent| agent.join().ok()).collect()
    })
}

fn supervise(lab: &Lab, agent: &Fetched) -> Result<()> {
    let folder = Running::new(lab, &agent.suite, confine::SOCKET)?;
    let words = agent.command()?;
    println!("  {:8} unix:{}", agent.release, folder.join(confine::SOCKET).display());
    loop {
        // It ends with this thread, that is, with this program.
        let mut child = confine::command(&words, &folder, &[])?
            .spawn()
            .with_context(|| format!("starting the agent of {}", agent.suite))?;
        child.wait()?;
        thread::sleep(RESTART);
    }
}
