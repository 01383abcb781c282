//! Programs that share an agent's socket: each call is served, or the agent was busy, within its deadline.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use qga_bindings::CommandsAsync as _;
use qga_bindings::fake::Agent;
use qga_bindings::tokio::Client;
use qga_tests::bridge::Bridge;

/// What two programs say that call the agent at the same time.
fn contend(socket: &Path, calls: u32, milliseconds: u32) -> [String; 2] {
    let contender = || {
        Command::new(env!("CARGO_BIN_EXE_contender"))
            .arg(socket)
            .args([calls, milliseconds].map(|number| number.to_string()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("started")
    };
    [contender(), contender()].map(|contender| {
        let output = contender.wait_with_output().expect("waited for");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    })
}

/// An agent that serves one client after the other, as real ones do.
fn bridge() -> Bridge {
    Bridge::start(Agent::new()).expect("bound")
}

#[test]
fn two_programs_that_connect_for_each_call_are_both_served() {
    let bridge = bridge();
    for said in contend(&bridge.socket(), 50, 60_000) {
        assert_eq!(said, "50 served, 0 busy");
    }
}

#[test]
fn a_program_that_does_not_let_go_keeps_the_agent_busy_for_the_others() {
    let bridge = bridge();
    let mut keeper = qga_bindings::blocking::Client::unix(bridge.socket());
    keeper.execute(&qga_bindings::commands::GuestPing::new()).expect("served");
    for said in contend(&bridge.socket(), 3, 100) {
        assert_eq!(said, "0 served, 3 busy");
    }
    keeper.release(Duration::from_secs(1));
    for said in contend(&bridge.socket(), 3, 60_000) {
        assert_eq!(said, "3 served, 0 busy");
    }
}

#[test]
fn two_tasks_that_connect_for_each_call_are_both_served() {
    let bridge = bridge();
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    let calls = || {
        let mut agent = Client::unix(bridge.socket()).with_connection_per_call();
        async move {
            for _ in 0..50 {
                agent.guest_ping().await.expect("served");
            }
        }
    };
    let runtime = runtime.expect("a runtime can be made");
    let tasks = [runtime.spawn(calls()), runtime.spawn(calls())];
    for task in tasks {
        runtime.block_on(task).expect("no panic");
    }
}

#[test]
fn two_programs_share_a_real_agent() {
    let Some(agent) = qga_tests::agent::Agent::start() else { return };
    for said in contend(&agent.socket(), 50, 60_000) {
        assert_eq!(said, "50 served, 0 busy");
    }
}
