//! A command of this host while the guest is frozen: whatever becomes of it, the guest is thawed, or it is told that it is not.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Output};
use std::time::Duration;

use qga_bindings::fake::{Agent, Answer};
use qga_tests::bridge::Bridge;
use rustix::process::{Pid, Signal, kill_process};
use support::{eventually, outcome, qga, signal};

/// A guest, and a file in which its host's command leaves its number.
struct Guest {
    agent: Agent,
    bridge: Bridge,
    mark: PathBuf,
}

impl Guest {
    fn start() -> Self {
        let agent = qga_cli::demo::agent();
        let bridge = Bridge::start(agent.clone()).expect("it listens");
        let mark = bridge.dir().join("pid");
        Self { agent, bridge, mark }
    }

    /// Freezes it while a line of shell runs.
    fn freeze(&self, options: &[&str], line: &str) -> Child {
        let line = format!("echo $$ > {}; {line}", self.mark.display());
        let arguments = [&["freeze", "--while"], options, &["--", "/bin/sh", "-c", &line]].concat();
        qga(self.bridge.socket(), &arguments).spawn().expect("it runs")
    }

    /// The number of the command, once it runs. The guest is frozen then.
    fn command(&self) -> Pid {
        let read = || fs::read_to_string(&self.mark).unwrap_or_default();
        eventually("the command has begun", || read().ends_with('\n'));
        assert!(self.agent.is_frozen());
        read().trim().parse().ok().and_then(Pid::from_raw).expect("a number")
    }
}

fn end(child: Child) -> (String, String, Option<i32>) {
    let output: Output = child.wait_with_output().expect("ends");
    outcome(&output)
}

#[test]
fn the_guest_is_thawed_after_the_command_whatever_its_exit_code() {
    for code in [0, 1, 2, 7, 125, 255] {
        let guest = Guest::start();
        let (said, remarks, ended) = end(guest.freeze(&[], &format!("echo copied; exit {code}")));
        assert_eq!((said.as_str(), ended), ("copied\n", Some(code)));
        assert!(
            remarks.contains("2 file systems frozen") && remarks.contains("thawed after"),
            "{remarks}"
        );
        assert!(!guest.agent.is_frozen());
    }
}

#[test]
fn the_guest_is_thawed_when_we_are_told_to_end_and_so_is_the_command() {
    for (told, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let guest = Guest::start();
        let child = guest.freeze(&[], "exec sleep 1000");
        let command = guest.command();
        signal(&child, told);
        let (_, remarks, ended) = end(child);
        assert_eq!(ended, Some(code), "{remarks}");
        assert!(!guest.agent.is_frozen(), "{told:?}: {remarks}");
        assert!(rustix::process::test_kill_process(command).is_err(), "the command has ended");
    }
}

#[test]
fn the_guest_is_thawed_however_often_we_are_told_to_end() {
    let guest = Guest::start();
    let child = guest.freeze(&[], "trap '' TERM INT; sleep 1");
    guest.command();
    for told in [Signal::INT, Signal::INT, Signal::TERM, Signal::INT] {
        signal(&child, told);
    }
    let (_, remarks, ended) = end(child);
    assert!(matches!(ended, Some(130 | 143)), "{ended:?} {remarks}");
    assert!(!guest.agent.is_frozen(), "{remarks}");
}

#[test]
fn the_guest_is_thawed_when_the_command_is_killed() {
    let guest = Guest::start();
    let child = guest.freeze(&[], "exec sleep 1000");
    kill_process(guest.command(), Signal::KILL).expect("killed");
    let (_, remarks, ended) = end(child);
    assert_eq!(ended, Some(137), "{remarks}");
    assert!(!guest.agent.is_frozen());
}

#[test]
fn the_guest_is_not_frozen_any_longer_when_there_is_no_such_command() {
    let guest = Guest::start();
    let output =
        qga(guest.bridge.socket(), &["freeze", "--while", "--", "no-such-program"]).output();
    let (_, said, code) = outcome(&output.expect("it runs"));
    assert!(said.contains("`no-such-program` cannot be run"), "{said}");
    assert_eq!(code, Some(127));
    assert!(!guest.agent.is_frozen());
}

#[test]
fn a_guest_that_cannot_be_thawed_is_told_of_loudly_and_fails_what_succeeded() {
    let guest = Guest::start();
    guest.agent.on("guest-fsfreeze-thaw", |_| Answer::error("GenericError", "failed to thaw"));
    let (_, said, code) = end(guest.freeze(&["-q", "--thaw-within", "300ms"], "exit 0"));
    assert!(said.contains("file systems are still frozen"), "{said}");
    assert!(said.contains("next: the guest hangs until it is thawed: run `qga thaw`"), "{said}");
    assert_eq!(code, Some(125));
    assert!(guest.agent.is_frozen());
}

#[test]
fn a_guest_whose_agent_is_gone_is_told_of_while_it_is_tried_and_afterwards() {
    let guest = Guest::start();
    let socket = guest.bridge.socket();
    let line = format!("mv {0} {0}.gone; exit 0", socket.display());
    let (_, said, code) = end(guest.freeze(&["-q", "--thaw-within", "3s"], &line));
    assert!(
        said.contains("the guest is still frozen: the agent does not answer; trying on"),
        "{said}"
    );
    assert!(said.contains("file systems may still be frozen"), "{said}");
    assert!(said.contains("run `qga thaw`"), "{said}");
    assert!(matches!(code, Some(124 | 125)), "{code:?} {said}");
}

#[test]
fn a_guest_that_is_thawed_too_soon_fails_what_succeeded() {
    let guest = Guest::start();
    let start = std::time::Instant::now();
    let (_, said, code) = end(guest.freeze(&["-q", "--at-most", "50ms"], "sleep 0.3"));
    assert!(start.elapsed() > Duration::from_millis(250), "the command is not ended by that");
    assert!(
        said.contains("the time was over") && said.contains("do not rely on the copy"),
        "{said}"
    );
    assert_eq!(code, Some(125));
    assert!(!guest.agent.is_frozen());
}
