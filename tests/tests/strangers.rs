//! Addresses at which something else than an agent is: clients of both kinds say what, within the deadline.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use qga_bindings::protocol::Request;
use qga_bindings::ready::{Ready, Reason};
use qga_bindings::{Address, Cause, Error, Stranger};
use qga_tests::face::{Face, at};
use qga_tests::folder::Folder;

/// Time enough for anything that does not wait.
const AMPLE: Duration = Duration::from_secs(20);

/// How long something is waited for that never comes.
const SHORT: Duration = Duration::from_millis(200);

/// Serves each client in a thread of its own, and closes the connection when that is done.
fn serve(folder: &Folder, service: fn(&mut UnixStream)) -> PathBuf {
    let path = folder.join("socket");
    let listener = UnixListener::bind(&path).expect("bound");
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || service(&mut client));
        }
    });
    path
}

/// Reads until the client leaves.
fn listen(client: &mut UnixStream) {
    while let Ok(1..) = client.read(&mut [0; 1024]) {}
}

fn ask(client: &mut dyn Face, limit: Duration) -> Cause {
    let ping = Request::raw("guest-ping", &()).expect("no arguments");
    let start = Instant::now();
    let error = client.ask(&ping, limit).expect_err("no agent is there");
    assert!(start.elapsed() < limit + Duration::from_secs(2), "it took {:?}", start.elapsed());
    match error {
        Error::NotSent { cause, .. } => cause,
        error => panic!("{error}"),
    }
}

/// A stranger that speaks first is known at once.
fn is_known(service: fn(&mut UnixStream), stranger: Stranger) {
    let folder = Folder::new().expect("made");
    at(serve(&folder, service), |client| {
        let cause = ask(client, AMPLE);
        assert!(matches!(cause, Cause::Stranger(found) if found == stranger), "{cause}");
        let error = client.ready(&Ready::within(AMPLE)).expect_err("no agent is there");
        assert_eq!(error.reason, Reason::Stranger(stranger));
        assert!(error.waited < AMPLE);
    });
}

fn greet(client: &mut UnixStream, greeting: &[u8]) {
    // A client may leave when it has heard enough.
    drop(client.write_all(greeting));
    listen(client);
}

#[test]
fn the_machines_own_monitor_is_known_by_its_greeting() {
    is_known(|client| greet(client, b"{\"QMP\": {\"version\": {}}}\r\n"), Stranger::Qmp);
    let hmp =
        |client: &mut UnixStream| greet(client, b"QEMU 8.2.0 monitor - type 'help'\r\n(qemu) ");
    is_known(hmp, Stranger::Hmp);
}

#[test]
fn servers_that_greet_are_known_even_in_pieces() {
    is_known(|client| greet(client, b"SSH-2.0-x\r\n"), Stranger::Ssh);
    let slow = |client: &mut UnixStream| {
        for byte in b"RFB 003.008\n" {
            drop(client.write_all(&[*byte]));
            thread::sleep(Duration::from_millis(1));
        }
        listen(client);
    };
    is_known(slow, Stranger::Vnc);
}

#[test]
fn a_web_server_is_known_by_what_it_thinks_of_a_handshake() {
    fn answer(client: &mut UnixStream) {
        let mut said = Vec::new();
        let mut buffer = [0; 1024];
        // It waits for a whole line that is not empty.
        while !said.trim_ascii_start().contains(&b'\n') {
            match client.read(&mut buffer) {
                Ok(read @ 1..) => said.extend_from_slice(&buffer[..read]),
                _ => return,
            }
        }
        greet(client, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    }
    is_known(answer, Stranger::Http);
}

#[test]
fn a_flood_that_no_agent_sends_is_told_from_silence_and_ends_with_the_deadline() {
    let floods: [fn(&mut UnixStream); 2] = [
        |client| while client.write_all(&[b'x'; 4096]).is_ok() {},
        |client| while client.write_all(b"{\"x\": [1, 2]}\n{\"a").is_ok() {},
    ];
    for flood in floods {
        let folder = Folder::new().expect("made");
        at(serve(&folder, flood), |client| {
            let cause = ask(client, SHORT);
            assert!(matches!(cause, Cause::Noise { limit: SHORT, .. }), "{cause}");
            let error = client.ready(&Ready::within(SHORT)).expect_err("no agent is there");
            assert_eq!(error.reason, Reason::Noise);
        });
    }
}

#[test]
fn one_who_closes_at_once_is_no_stranger_and_no_noise() {
    let folder = Folder::new().expect("made");
    at(serve(&folder, |_| {}), |client| {
        let cause = ask(client, AMPLE);
        assert!(matches!(cause, Cause::Closed), "{cause}");
    });
}

fn says(path: &Path, words: &str) {
    at(path, |client| {
        let cause = ask(client, AMPLE);
        assert!(matches!(cause, Cause::Io(_)), "{cause}");
        assert!(cause.to_string().contains(words), "{cause}");
    });
}

#[test]
fn a_path_that_is_no_sockets_is_named_for_what_it_is() {
    let folder = Folder::new().expect("made");
    fs::write(folder.join("file"), "").expect("written");
    says(&folder.join("file"), "a file is there, and no socket");
    says(&folder, "a folder is there, and no socket");
}

#[test]
fn a_path_that_is_too_long_for_a_socket_is_said_to_be_and_not_waited_for() {
    let path = PathBuf::from(format!("/{}", "x".repeat(200)));
    says(&path, "a path of 201 bytes is too long");
    at(path, |client| {
        let error = client.ready(&Ready::within(AMPLE)).expect_err("never");
        assert!(error.waited < AMPLE);
    });
}

#[test]
fn a_host_that_does_not_exist_is_not_found() {
    let address = "tcp:host.invalid:1".parse::<Address>().expect("an address");
    at(address, |client| {
        let cause = ask(client, AMPLE);
        assert!(cause.to_string().contains("the host's name leads nowhere"), "{cause}");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_socket_with_a_full_line_is_busy() {
    let folder = Folder::new().expect("made");
    let path = folder.join("socket");
    let listener = UnixListener::bind(&path).expect("bound");
    rustix::net::listen(&listener, 0).expect("a shorter line");
    let _first = UnixStream::connect(&path).expect("in line");
    at(path, |client| {
        let cause = ask(client, SHORT);
        assert!(matches!(cause, Cause::Busy { limit: SHORT }), "{cause}");
    });
}
