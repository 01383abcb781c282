//! Real agents of several releases, each with the libraries of its own suite.

use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
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
    let _alone = lab.lock()?;
    let problems: Vec<_> = thread::scope(|scope| {
        let fetches =
            suites.iter().map(|&suite| (suite, scope.spawn(move || fetch_one(lab, suite))));
        let fetches: Vec<_> = fetches.collect();
        let outcomes = fetches.into_iter().map(|(suite, fetch)| (suite, fetch.join()));
        outcomes
            .filter_map(|(suite, outcome)| match outcome {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("the agent of {suite} ({error:#})")),
                Err(_) => Some(format!("the agent of {suite}")),
            })
            .collect()
    });
    for agent in fetched(lab).iter().filter(|agent| suites.contains(&agent.suite.as_str())) {
        println!("{:18} agent {}", agent.suite, agent.release);
    }
    for problem in &problems {
        println!("missing: {problem}");
    }
    ensure!(problems.len() < suites.len(), "no agent is to be had");
    Ok(problems)
}

/// Fetches one agent, if it is not there yet.
///
/// # Errors
/// When it is not to be had, or does not run.
pub(super) fn fetch_one(lab: &Lab, suite: &str) -> Result<()> {
    ensure!(SUITES.contains(&suite), "no such suite; there are {}", SUITES.join(", "));
    let folder = std::path::absolute(lab.join("agents").join(suite))?;
    let bundle = Bundle::at(&folder);
    if folder.is_dir() && release(&bundle).is_ok() {
        return Ok(());
    }
    Apt::of(lab, suite)?.unpack(&[PACKAGE], &folder)?;
    release(&bundle).map(drop)
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
