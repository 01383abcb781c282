//! Programs and files: where agents damage themselves, or tell a lie.

use qga_bindings::blocking::Helpers as _;
use qga_bindings::exec::{Capture, Exec, Exit, Truncation};
use qga_bindings::{Commands as _, commands};

use super::{PATIENCE, with_each_agent};

#[test]
fn programs_run_as_ever_after_one_stream_alone_was_asked_for() {
    with_each_agent(|agent, release| {
        let mut client = agent.client();
        for _ in 0..4 {
            let exec = Exec::new("/bin/sh").args(["-c", "cat; echo err >&2"]).stdin("in");
            let output = client.exec(&exec.capture(Capture::Stdout)).expect("run");
            assert_eq!(output.exit, Exit::Code(0), "agent {release}");
            assert_eq!(output.stdout, b"in", "agent {release}");
            assert!(output.stderr.is_empty(), "agent {release}");
        }
    });
}

#[test]
fn an_agent_survives_a_file_that_cannot_be_closed_because_the_disk_is_full() {
    with_each_agent(|agent, release| {
        let mut client = agent.client();
        for _ in 0..2 {
            let error = client.files().write("/dev/full", b"text").expect_err("it is full");
            assert!(error.to_string().contains("No space left"), "agent {release}: {error}");
            client.guest_ping().expect("it goes on");
        }
        assert!(!agent.has_ended().expect("known"), "the agent of {release} has ended");
    });
}

#[test]
fn output_that_was_cut_off_is_told_and_output_that_was_not_is_told_whole() {
    const LIMIT: usize = 16 << 20;
    with_each_agent(|agent, release| {
        let mut client = agent.client();
        for length in [1000, LIMIT + 1] {
            let exec = Exec::new("/usr/bin/head").args(["-c", &length.to_string(), "/dev/zero"]);
            let output = client.exec(&exec.within(PATIENCE)).expect("run");
            assert_eq!(output.stdout.len(), length.min(LIMIT), "agent {release}");
            // Some agents tell output of exactly this length no other way when it was cut off: then it may have been.
            let is_whole = output.stdout_truncated == Truncation::No;
            assert_eq!(is_whole, length < LIMIT, "agent {release}");
        }
    });
}

#[test]
fn a_handle_that_was_closed_is_an_error_and_not_a_crash() {
    with_each_agent(|agent, release| {
        let mut client = agent.client();
        let open = commands::GuestFileOpen::new("/dev/null");
        let handle = client.guest_file_open(open).expect("opened");
        client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");
        client.guest_file_close(commands::GuestFileClose::new(handle)).expect_err("closed twice");
        client.guest_ping().expect("it goes on");
        assert!(!agent.has_ended().expect("known"), "the agent of {release} has ended");
    });
}
