//! Whether an agent is there, whether it has what is wanted, and what can be said if not.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use qga_bindings::commands::{GuestExec, GuestPing};
use qga_bindings::fake::{Agent, Answer, Connection};
use qga_bindings::protocol::Request;
use qga_bindings::ready::{Ready, Reason};
use qga_bindings::{Cause, Error, Refusal, Support};
use qga_tests::bridge::Bridge;
use qga_tests::face::{self, Face};
use qga_tests::folder::Folder;
use qga_tests::in_both_faces;

const REPLY_LIMIT: usize = 100_000;

/// Time enough for anything that does not wait for the agent.
const AMPLE: Duration = Duration::from_secs(20);

/// Time to wait for an agent that will not answer.
const SHORT: Duration = Duration::from_millis(60);

fn reason(client: &mut (impl Face + ?Sized), ready: &Ready) -> Reason {
    let error = client.ready(ready).expect_err("it is not ready");
    assert!(error.to_string().len() > 80, "no advice: {error}");
    error.reason
}

in_both_faces! {
    fn an_agent_that_answers_is_ready(agent, client) {
        client.ready(&Ready::within(AMPLE).with::<GuestPing>()).expect("it answers");
        assert!(agent.requests().iter().all(|call| call.name == "guest-info"));
    }

    fn an_agent_that_refuses_every_sync_answers_all_the_same(agent, client) {
        agent.disable("guest-sync").disable("guest-sync-delimited").disable("guest-info");
        client.ready(&Ready::within(AMPLE).with::<GuestExec>()).expect("it answers");
    }

    fn an_agent_that_is_silent_is_told_at_the_deadline(agent, client) {
        agent.on("guest-sync-delimited", |_| Answer::silence());
        let start = Instant::now();
        assert_eq!(reason(&mut client, &Ready::within(SHORT)), Reason::Silent);
        assert!(start.elapsed() >= SHORT && start.elapsed() < AMPLE);
    }

    fn a_connection_that_ends_again_and_again_is_told(agent, client) {
        agent.on("guest-sync-delimited", |_| Answer::silence().then_hang_up());
        assert_eq!(reason(&mut client, &Ready::within(SHORT)), Reason::HungUp);
    }

    fn an_agent_that_begins_to_listen_in_time_is_ready(agent, client) {
        agent.set_refusing(true);
        assert_eq!(reason(&mut client, &Ready::within(SHORT)), Reason::Refused);
        let starting = agent.clone();
        let start = thread::spawn(move || {
            thread::sleep(SHORT);
            starting.set_refusing(false);
        });
        client.ready(&Ready::within(AMPLE)).expect("it listens at last");
        start.join().expect("no panic");
    }

    fn a_command_that_is_demanded_is_absent_disabled_or_refused_while_frozen(agent, client) {
        let exec = Ready::within(AMPLE).with::<GuestPing>().with::<GuestExec>();
        let because = |why| Reason::Command { name: "guest-exec", why };
        assert_eq!(reason(&mut client, &exec), because(Refusal::Unsupported));
        agent.on("guest-exec", |_| Answer::json("{\"pid\": 1}"));
        client.ready(&exec).expect("it has it");
        agent.set_frozen(true);
        assert_eq!(reason(&mut client, &exec), because(Refusal::Frozen));
        agent.set_frozen(false).disable("guest-exec");
        assert_eq!(reason(&mut client, &exec), because(Refusal::Disabled));
        agent.without("guest-fsfreeze-status");
        assert_eq!(reason(&mut client, &exec), because(Refusal::Disabled));
    }

    fn what_an_agent_can_do_is_asked_once_per_connection(agent, client) {
        agent.on("guest-exec", |_| Answer::json("{\"pid\": 1}")).disable("guest-exec");
        for _ in 0..3 {
            let capabilities = client.capabilities().expect("known");
            assert_eq!(capabilities.of::<GuestPing>(), Support::Enabled);
            assert_eq!(capabilities.of::<GuestExec>(), Support::Disabled);
            assert_eq!(capabilities.command("guest-nothing"), Support::Absent);
        }
        assert_eq!(agent.requests().len(), 1);
        client.release(AMPLE);
        client.capabilities().expect("known");
        assert_eq!(agent.requests().len(), 2);
    }

    fn what_an_agent_can_do_is_asked_anew_after_a_refusal(agent, client) {
        agent.on("guest-exec", |_| Answer::json("{\"pid\": 1}"));
        assert_eq!(client.capabilities().expect("known").of::<GuestExec>(), Support::Enabled);
        agent.disable("guest-exec");
        let exec = Request::raw("guest-exec", &()).expect("no arguments");
        client.ask(&exec, AMPLE).expect_err("disabled");
        assert_eq!(client.capabilities().expect("known").of::<GuestExec>(), Support::Disabled);
    }
}

#[test]
fn an_agent_that_answers_late_is_waited_for_on_one_connection() {
    use qga_bindings::{blocking, tokio};
    is_waited_for_on_one_connection(|connect| {
        face::Blocking::over(blocking::Client::connecting(move |_| connect()))
    });
    is_waited_for_on_one_connection(|connect| {
        face::Tokio::over(tokio::Client::connecting(move || std::future::ready(connect())))
    });
}

/// A way to connect.
type Connect = Box<dyn Fn() -> io::Result<Connection> + Send + Sync>;

fn is_waited_for_on_one_connection<F: Face>(client: impl FnOnce(Connect) -> F) {
    let agent = Agent::new();
    let (connections, syncs) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (opened, asked, listening) = (connections.clone(), syncs.clone(), agent.clone());
    agent.on("guest-sync-delimited", move |call| {
        // The others wait with the first, for longer than it takes to be asked again.
        let is_first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        let late = Duration::from_millis(if is_first { 2500 } else { 0 });
        Answer::bytes(format!("\u{7f}\n{{\"return\": {}}}\n", call.arguments["id"])).after(late)
    });
    let mut client = client(Box::new(move || {
        opened.fetch_add(1, Ordering::Relaxed);
        listening.try_connect()
    }));
    client.ready(&Ready::within(AMPLE)).expect("it answers at last");
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    let syncs = syncs.load(Ordering::Relaxed);
    assert!(syncs >= 2, "{syncs} handshakes");
    assert!(agent.requests().is_empty(), "nothing but handshakes was sent");
}

#[test]
fn no_socket_and_a_socket_without_anybody_behind_it_are_told_apart() {
    let place = Folder::new().expect("a folder");
    let socket = || place.join("agent.sock");
    face::at(socket(), |client| {
        assert_eq!(reason(client, &Ready::within(SHORT)), Reason::NotFound);
    });
    drop(UnixListener::bind(socket()).expect("bound"));
    face::at(socket(), |client| {
        assert_eq!(reason(client, &Ready::within(SHORT)), Reason::Refused);
    });
}

#[test]
fn a_socket_that_appears_in_time_is_found() {
    let place = Folder::new().expect("a folder");
    let socket = place.join("agent.sock");
    let late = thread::spawn(move || {
        thread::sleep(SHORT);
        Bridge::start_in(place, Agent::new()).expect("bound")
    });
    face::at(socket, |client| {
        client.ready(&Ready::within(AMPLE)).expect("it is there at last");
        client.release(AMPLE);
    });
    late.join().expect("no panic");
}

#[test]
fn a_lack_of_permission_is_told() {
    use qga_bindings::{blocking, tokio};
    let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
    let client = blocking::Client::<Connection>::connecting(move |_| Err(denied()));
    assert_eq!(
        reason(&mut face::Blocking::over(client), &Ready::within(SHORT)),
        Reason::PermissionDenied
    );
    let client = tokio::Client::<Connection>::connecting(move || std::future::ready(Err(denied())));
    assert_eq!(
        reason(&mut face::Tokio::over(client), &Ready::within(SHORT)),
        Reason::PermissionDenied
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_that_serves_another_client_is_busy_and_not_merely_silent() {
    let place = Folder::new().expect("a folder");
    let socket = || place.join("agent.sock");
    let listener = UnixListener::bind(socket()).expect("bound");
    let other = std::os::unix::net::UnixStream::connect(socket()).expect("connected");
    let served = listener.accept().expect("accepted");
    face::at(socket(), |client| {
        let ping = Request::raw("guest-ping", &()).expect("no arguments");
        let error = client.ask(&ping, SHORT).expect_err("another is served");
        assert!(error.is_busy() && error.is_timeout() && !error.may_have_run(), "{error:?}");
        assert!(matches!(error, Error::NotSent { cause: Cause::Busy { limit: SHORT }, .. }));
        assert_eq!(reason(client, &Ready::within(SHORT)), Reason::Busy);
    });
    drop((other, served));
    face::at(socket(), |client| {
        assert_eq!(reason(client, &Ready::within(SHORT)), Reason::Silent);
    });
}
