//! Asynchronous clients that outlive the runtime they were first used in.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use qga_bindings::CommandsAsync as _;
use qga_bindings::commands::GuestPing;
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::tokio::Client;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

/// Long enough that a call has to wait for its answer, and so for its deadline.
const MOMENT: Duration = Duration::from_millis(20);

fn runtimes() -> [Runtime; 3] {
    let single = || Builder::new_current_thread().enable_all().build().expect("a runtime");
    let many = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    [single(), many.expect("a runtime"), single()]
}

/// An agent that lets wait for each answer.
fn slow() -> Agent {
    let agent = Agent::new();
    agent.on("guest-ping", |_| Answer::empty().after(MOMENT));
    agent
}

#[test]
fn a_client_over_any_stream_goes_on_in_another_runtime_when_the_first_has_ended() {
    let mut client = Client::new(slow().connect());
    for runtime in runtimes() {
        runtime.block_on(client.guest_ping()).expect("it answers");
    }
}

#[test]
fn a_client_ends_in_time_in_one_runtime_while_another_stands_still() {
    let agent = slow();
    let mut client = Client::new(agent.connect());
    let [first, _, second] = runtimes();
    first.block_on(client.guest_ping()).expect("it answers");
    agent.on("guest-ping", |_| Answer::silence());
    let call = client.execute_within(&GuestPing::new(), MOMENT);
    assert!(second.block_on(call).expect_err("nothing comes").is_timeout());
}

#[test]
fn a_connection_that_was_being_made_in_another_runtime_is_made_anew() {
    let agent = slow();
    let mut client = Client::connecting(move || {
        let agent = agent.clone();
        async move {
            sleep(MOMENT).await;
            agent.try_connect()
        }
    });
    let [first, second, third] = runtimes();
    for runtime in [first, second] {
        let begun = runtime.block_on(async { timeout(Duration::ZERO, client.guest_ping()).await });
        begun.expect_err("a connection takes longer");
    }
    third.block_on(client.guest_ping()).expect("it answers");
}

#[cfg(unix)]
#[test]
fn a_client_of_a_socket_connects_again_in_another_runtime() {
    let agent = slow();
    let bridge = qga_tests::bridge::Bridge::start(agent.clone()).expect("it listens");
    let mut client = Client::unix(bridge.socket());
    for runtime in runtimes() {
        runtime.block_on(client.guest_ping()).expect("it answers");
    }
    let pings = agent.requests().iter().filter(|call| call.name == "guest-ping").count();
    assert_eq!(pings, 3);
}
