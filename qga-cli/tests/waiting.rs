//! `wait`: for what has to happen to a guest, and for nothing less.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use qga_bindings::fake::{Agent, Files};
use qga_tests::bridge::Bridge;
use support::{eventually, outcome, qga, run};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// A guest that says in which boot it is.
fn guest() -> (Agent, Files, Bridge) {
    let agent = Agent::new();
    let files = agent.add_files();
    files.insert(BOOT_ID, "5b0c8a5e-0000\n");
    (agent.clone(), files, Bridge::start(agent).expect("it listens"))
}

#[test]
fn a_guest_that_is_started_anew_within_a_moment_is_noticed() {
    let (agent, files, bridge) = guest();
    let arguments = ["wait", "--for", "boot", "--within", "1min"];
    let child = qga(bridge.socket(), &arguments).spawn().expect("it runs");
    let closed = || agent.requests().iter().any(|request| request.name == "guest-file-close");
    eventually("it knows in which boot the guest is", closed);
    files.insert(BOOT_ID, "5b0c8a5e-0001\n");
    let (stdout, stderr, code) = outcome(&child.wait_with_output().expect("ends"));
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(stdout.starts_with("answers after "), "{stdout}");
    assert_eq!(files.open_handles(), Vec::<i64>::new());
}

#[test]
fn a_guest_that_goes_on_in_the_same_boot_is_not_started_anew() {
    let (_, files, bridge) = guest();
    let output = run(bridge.socket(), &["wait", "--for", "boot", "--within", "700ms"]);
    let (_, stderr, code) = outcome(&output);
    assert!(stderr.contains("the agent still answers after"), "{stderr}");
    assert_eq!(code, Some(124));
    assert_eq!(files.open_handles(), Vec::<i64>::new());
}
