//! Clients by address, each against an agent behind the real thing.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use qga_bindings::fake::Agent;
use qga_bindings::protocol::Request;
use qga_bindings::{Address, Cause, Error, blocking, tokio};
use qga_tests::bridge::Bridge;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

const LIMIT: Option<Duration> = Some(Duration::from_secs(20));

/// Serves one client after the other.
fn serve<S: Read + Write>(mut accept: impl FnMut() -> std::io::Result<S> + Send + 'static) {
    thread::spawn(move || {
        let agent = Agent::new();
        while let Ok(stream) = accept() {
            // A client may end its connection as it likes.
            drop(agent.serve(stream));
        }
    });
}

/// Both clients reach the agent, one after the other.
fn reaches(address: &Address) {
    let ping = Request::raw("guest-ping", &()).expect("no arguments");
    let mut client = blocking::Client::open(address.clone());
    assert!(client.request(&ping, LIMIT).expect("served").is_some());
    client.close(Duration::from_secs(1));

    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(async {
        let mut client = tokio::Client::open(address.clone());
        assert!(client.request(&ping, LIMIT).await.expect("served").is_some());
        client.close(Duration::from_secs(1)).await;
    });
}

#[test]
fn an_agent_behind_a_unix_socket_is_reached() {
    let bridge = Bridge::start(Agent::new()).expect("a socket");
    reaches(&Address::from(bridge.socket().as_path()));
}

#[test]
fn an_agent_behind_a_tcp_port_is_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    serve(move || listener.accept().map(|(stream, _)| stream));
    reaches(&format!("tcp:localhost:{port}").parse().expect("an address"));
}

#[test]
fn an_agent_behind_a_terminal_is_reached_although_terminals_echo_and_edit() {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
    grantpt(&terminal).expect("granted");
    unlockpt(&terminal).expect("unlocked");
    let name = ptsname(&terminal, Vec::new()).expect("a name").into_string().expect("UTF-8");
    // Held open, so that the terminal does not end with the first client.
    let held = File::options().read(true).write(true).open(&name).expect("the other end");
    let mut terminal = Some(File::from(terminal));
    serve(move || terminal.take().ok_or(std::io::ErrorKind::NotFound.into()));
    reaches(&format!("serial:{name}").parse().expect("an address"));
    drop(held);
}

#[test]
fn an_address_where_nobody_is_says_so_before_anything_is_sent() {
    let ping = Request::raw("guest-ping", &()).expect("no arguments");
    for address in ["/nonexistent/agent.sock", "tcp:127.0.0.1:1", "serial:/nonexistent/tty"] {
        let mut client = blocking::Client::open(address.parse::<Address>().expect("an address"));
        let error = client.request(&ping, LIMIT).expect_err("nobody there");
        assert!(matches!(error, Error::NotSent { cause: Cause::Io(_), .. }), "{error}");
    }
}
