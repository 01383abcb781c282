//! What real agents do to their clients, on agents of several releases, where the lab has them; and that docs/agents.md, which
//! lists it, names tests that there are.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod connection;
mod execution;
mod listed;

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qga_bindings::Release;
use qga_tests::agent::Agent;
use qga_tests::{lab, matrix};

/// Longer than any agent takes that answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Does the same with an agent of each release.
fn with_each_agent(mut check: impl FnMut(&mut Agent, Release)) {
    for fetched in lab::agents() {
        check(&mut lab::start(&fetched), matrix::release(&fetched));
    }
}

/// A connection that only knows how to send bytes.
fn rude(agent: &Agent, bytes: &[u8]) -> UnixStream {
    let mut stream = UnixStream::connect(agent.socket()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    stream.write_all(bytes).expect("written");
    stream
}
