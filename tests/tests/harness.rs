//! What tests start for themselves: that it ends with them, whatever happens, and that the lab may lack something.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use qga_tests::agent::Agent;
use qga_tests::folder::Folder;
use qga_tests::lab;

/// The variable that makes the process of a test a child of that test, and tells it what to do.
const CHILD: &str = "QGA_HARNESS_CHILD";

/// This program again, which runs only the test of that name, as its child.
fn child(test: &str, what: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("known"));
    command.args(["--exact", test, "--nocapture"]).env(CHILD, what);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// In a child: starts an agent, says where it is, and ends badly when it is told to.
fn start_and_panic() {
    let Some(agent) = Agent::start() else { return };
    println!("\nfolder {}", agent.dir().display());
    std::io::stdin().read_line(&mut String::new()).expect("read");
    panic!("as it is meant to");
}

/// A child with its agent, and the folder of that; nothing where there is no agent.
fn started(test: &str) -> Option<(Child, PathBuf)> {
    // Says loudly that there is none, or fails if there must be one.
    drop(Agent::start()?);
    let mut started = child(test, "panic").spawn().expect("it runs");
    let lines = BufReader::new(started.stdout.take().expect("a pipe")).lines();
    let mut lines = lines.map_while(Result::ok);
    let folder = lines.find_map(|line| Some(line.strip_prefix("folder ")?.into()));
    Some((started, folder.expect("it starts an agent")))
}

fn listens(folder: &Path) -> bool {
    UnixStream::connect(folder.join("agent.sock")).is_ok()
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_test_that_panics_leaves_neither_agent_nor_folder() {
    if std::env::var_os(CHILD).is_some() {
        return start_and_panic();
    }
    let test = "a_test_that_panics_leaves_neither_agent_nor_folder";
    let Some((mut child, folder)) = started(test) else { return };
    assert!(listens(&folder));
    drop(child.stdin.take());
    assert!(!child.wait().expect("ends").success());
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("read");
    assert!(said.contains("as it is meant to"), "{said}");
    assert!(!listens(&folder) && !folder.exists(), "{}", folder.display());
}

#[test]
fn a_test_that_is_killed_leaves_no_agent() {
    if std::env::var_os(CHILD).is_some() {
        return start_and_panic();
    }
    let Some((mut child, folder)) = started("a_test_that_is_killed_leaves_no_agent") else {
        return;
    };
    assert!(listens(&folder));
    child.kill().expect("killed");
    child.wait().expect("ends");
    until("the agent ends", || !listens(&folder));
    fs::remove_dir_all(folder).expect("nobody else could");
}

/// Whether tests that demand a lab go on with one that has only so many releases.
fn goes_on_with(releases: usize) -> Option<bool> {
    let mut agents = lab::agents();
    agents.dedup_by_key(|agent| agent.release);
    if agents.len() < releases {
        return None;
    }
    let folder = Folder::new().expect("a folder");
    fs::create_dir(folder.join("agents")).expect("a folder");
    for agent in agents.iter().take(releases) {
        let there = folder.join("agents").join(&agent.suite);
        symlink(agent.bundle.folder(), there).expect("linked");
    }
    let mut child = child("three_releases_are_enough_and_two_are_not", "count");
    child.env("QGA_LAB", &*folder).env("QGA_REQUIRE_LAB", "1");
    Some(child.output().expect("it runs").status.success())
}

#[test]
fn three_releases_are_enough_and_two_are_not() {
    if std::env::var_os(CHILD).is_some() {
        assert!(!lab::agents().is_empty());
        return;
    }
    if let (Some(three), Some(two)) = (goes_on_with(3), goes_on_with(2)) {
        assert!(three, "a suite that left the mirror stops everything");
        assert!(!two, "nobody notices that most suites are gone");
    }
}
