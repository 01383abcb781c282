//! Agents that start anew and connections that end, between any two bytes: an outcome in time, and a next call that works.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use qga_bindings::commands::GuestGetTime;
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::protocol::Request;
use qga_bindings::{CommandsAsync as _, blocking, tokio};
use qga_tests::channel::Channel;
use qga_tests::face::{self, Face};

/// Time enough for anything that does not wait for the agent.
const AMPLE: Duration = Duration::from_secs(20);

/// Time to wait for a reply that may be lost.
const SHORT: Duration = Duration::from_millis(25);

/// What happens to an agent, and whether it has.
#[derive(Clone)]
struct Incident {
    happens: fn(&Agent),
    has_happened: Arc<AtomicBool>,
}

impl Incident {
    fn new(happens: fn(&Agent)) -> Self {
        Self { happens, has_happened: Arc::default() }
    }

    /// A connection on which it happens after so many bytes, if it has not happened on an earlier one.
    fn on(&self, agent: &Agent, bytes: &mut Option<usize>) -> Channel {
        let incident = self.clone();
        Channel::new(agent, bytes.take().unwrap_or(usize::MAX), move |agent| {
            (incident.happens)(agent);
            incident.has_happened.store(true, Ordering::Relaxed);
        })
    }
}

type Connect = fn(Agent, usize, Incident) -> Box<dyn Face>;

const FACES: [Connect; 2] = [
    |agent, bytes, incident| {
        let mut bytes = Some(bytes);
        let open = move |_| Ok(incident.on(&agent, &mut bytes));
        Box::new(face::Blocking::over(blocking::Client::connecting(open)))
    },
    |agent, bytes, incident| {
        let mut bytes = Some(bytes);
        let open = move || ready(Ok(incident.on(&agent, &mut bytes)));
        Box::new(face::Tokio::over(tokio::Client::connecting(open)))
    },
];

/// Calls an agent while something happens to it after each number of bytes in turn, until a call is over before that. Says how
/// many of the calls failed, and how many did not.
fn at_every_byte(connect: Connect, happens: fn(&Agent)) -> (usize, usize) {
    let exec = Request::raw("guest-exec", &()).expect("no arguments");
    let time = Request::raw("guest-get-time", &()).expect("no arguments");
    let (mut failed, mut done) = (0, 0);
    for bytes in 0.. {
        let (agent, incident) = (Agent::new(), Incident::new(happens));
        agent.on("guest-exec", |_| Answer::json("{\"pid\": 4711}"));
        agent.on("guest-get-time", |_| Answer::json("12"));
        let mut client = connect(agent.clone(), bytes, incident.clone());
        // A connection may end behind a reply, and with it the next query, which can be asked again.
        client.repeat_queries();
        let start = Instant::now();
        let outcome = client.ask(&exec, SHORT);
        assert!(start.elapsed() < AMPLE, "after {bytes} bytes it took {:?}", start.elapsed());
        let calls = agent.requests().iter().filter(|call| call.name == "guest-exec").count();
        match outcome {
            Ok(reply) => {
                assert_eq!((reply.as_deref(), calls), (Some("{\"pid\": 4711}"), 1));
                done += 1;
            }
            Err(error) => {
                assert!(calls == 0 || calls == 1 && error.may_have_run(), "{calls} calls: {error}");
                failed += 1;
            }
        }
        if !incident.has_happened.load(Ordering::Relaxed) {
            if done > 0 {
                break;
            }
            // The machine was too busy for so little time.
            continue;
        }
        let reply = client.ask(&time, AMPLE).expect("the next call works");
        assert_eq!(reply.as_deref(), Some("12"), "after {bytes} bytes");
    }
    (failed, done)
}

fn disturbed_at_every_byte(connect: Connect, happens: fn(&Agent)) {
    let (failed, done) = at_every_byte(connect, happens);
    assert!(failed > 100 && done > 1, "{failed} calls failed, {done} did not");
}

fn restart(agent: &Agent) {
    agent.restart();
}

fn hang_up(agent: &Agent) {
    agent.hang_up();
}

#[test]
fn an_agent_may_start_anew_between_any_two_bytes() {
    disturbed_at_every_byte(FACES[0], restart);
}

#[test]
fn an_agent_may_start_anew_between_any_two_bytes_asynchronously() {
    disturbed_at_every_byte(FACES[1], restart);
}

#[test]
fn a_connection_may_end_between_any_two_bytes() {
    disturbed_at_every_byte(FACES[0], hang_up);
}

#[test]
fn a_connection_may_end_between_any_two_bytes_asynchronously() {
    disturbed_at_every_byte(FACES[1], hang_up);
}

#[test]
fn a_clock_may_leap_in_the_middle_of_a_call() {
    let mut runtime = ::tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime can be made");
    runtime.block_on(async {
        let agent = Agent::new();
        agent.on("guest-get-time", |_| Answer::json("12").after(SHORT));
        let mut client = tokio::Client::new(agent.connect());
        client.guest_ping().await.expect("it answers");
        for leap in [Duration::from_secs(60), Duration::from_secs(365 * 24 * 60 * 60)] {
            let time = GuestGetTime::new();
            let call = client.execute_within(&time, AMPLE);
            let leaping = async move {
                ::tokio::task::yield_now().await;
                ::tokio::time::advance(leap).await;
            };
            let task = ::tokio::spawn(leaping);
            let error = call.await.expect_err("that long is too long");
            assert!(error.is_timeout() && error.may_have_run(), "{error}");
            task.await.expect("no panic");
            client.guest_ping().await.expect("the next call works");
        }
    });
}
