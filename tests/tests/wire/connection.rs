//! Bytes and connections: what others leave behind, and what must not be left.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::time::{Duration, Instant};

use qga_bindings::blocking::Client;
use qga_bindings::{Commands as _, Error, Release, commands};
use qga_tests::vm::Tap;

use super::{PATIENCE, rude, with_each_agent};

#[test]
fn an_agent_ends_when_a_rude_client_goes_away_before_its_reply_was_read() {
    with_each_agent(|agent, release| {
        let mut stream = rude(agent, &b"{\"execute\":\"guest-ping\"}".repeat(2));
        stream.read_exact(&mut [0]).expect("the agent has begun to answer");
        drop(stream);
        let start = Instant::now();
        while !agent.has_ended().expect("known") {
            assert!(start.elapsed() < PATIENCE, "agent {release} has become better than that");
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn an_agent_outlives_a_client_that_goes_away_before_its_reply_was_read() {
    with_each_agent(|agent, release| {
        let (mut left, start) = (0, Instant::now());
        while left < 3 {
            assert!(start.elapsed() < PATIENCE, "agent {release} answers too soon");
            let mut client = agent.client();
            let open = commands::GuestFileOpen::new("/dev/zero");
            let handle = client.guest_file_open(open).expect("opened");
            let read = commands::GuestFileRead::new(handle).count(1 << 21);
            let result = client.execute_within(&read, Duration::from_millis(1));
            // On a busy machine the time may be over before anything is sent.
            left += u32::from(matches!(result, Err(Error::OutcomeUnknown { .. })));
            // A client that is dropped waits as well, but for a moment that may be too short on a busy machine.
            client.release(PATIENCE);
        }
        agent.client().guest_ping().expect("served");
        assert!(!agent.has_ended().expect("known"), "the agent of {release} has ended");
    });
}

#[test]
fn half_a_request_of_an_earlier_client_swallows_nothing_of_ours() {
    with_each_agent(|agent, release| {
        for half in [
            &b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":"[..],
            b"{\"execute\":\"guest-pi",
            b"[[[[{",
            b"\xff{\"execute\"",
        ] {
            let stream = rude(agent, half);
            if half.starts_with(b"\xff") {
                // What is left unread ends the agent, which is a finding of its own.
                BufReader::new(&stream).read_until(b'\n', &mut Vec::new()).expect("an error");
            }
            drop(stream);
            let answer = agent.client().guest_sync(commands::GuestSync::new(4711));
            assert_eq!(answer.expect("answered"), 4711, "agent {release}");
        }
    });
}

#[test]
fn the_error_that_the_byte_ff_provokes_comes_before_the_one_answer_that_begins_with_it() {
    with_each_agent(|agent, release| {
        let request = b"\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}";
        let mut reader = BufReader::new(rude(agent, request));
        let (mut first, mut second) = (Vec::new(), Vec::new());
        reader.read_until(b'\n', &mut first).expect("an error");
        reader.read_until(b'\n', &mut second).expect("an answer");
        assert!(first.starts_with(b"{\"error\""), "agent {release}: {}", first.escape_ascii());
        assert_eq!(second, b"\xff{\"return\": 7}\n", "agent {release}");
        // What was just seen is skipped, and the agent's next answer is the one that was asked for.
        let mut client = Client::new(reader.into_inner());
        assert_eq!(client.guest_sync(commands::GuestSync::new(8)).expect("answered"), 8);
    });
}

#[test]
fn a_cascade_of_errors_for_one_bad_request_is_skipped_to_its_end() {
    with_each_agent(|agent, release| {
        let bad = format!("{{\"execute\":{}{}}}\n", "[".repeat(5000), "]".repeat(5000));
        let mut stream = rude(agent, bad.as_bytes());
        stream.read_exact(&mut [0; 10]).expect("it has begun to complain");
        let tap = Tap::new(stream);
        let heard = tap.heard();
        let mut client = Client::new(tap);
        for id in 0..3 {
            let sync = commands::GuestSync::new(id);
            let answer = client.execute_within(&sync, PATIENCE).expect("answered");
            assert_eq!(answer, id, "agent {release}");
        }
        // The one of the handshake comes along; agents since 11.0 skip the rest of what they complained about.
        let errors = heard.count(b"\"class\":");
        let cascades = release < Release::new(11, 0);
        assert!(if cascades { errors > 100 } else { errors == 2 }, "agent {release}: {errors}");
    });
}

#[test]
fn a_second_client_is_told_that_another_one_is_served_and_not_that_the_agent_is_dead() {
    with_each_agent(|agent, release| {
        let (mut first, mut second) = (agent.client(), agent.client());
        first.guest_ping().expect("served");
        let ping = commands::GuestPing::new();
        let error = second.execute_within(&ping, Duration::from_millis(100));
        let error = error.expect_err("the first is served");
        assert!(error.is_busy(), "agent {release}: {error}");
        first.release(PATIENCE);
        second.guest_ping().expect("served");
    });
}

#[test]
fn many_requests_in_one_write_are_answered_in_order_to_whoever_reads_while_writing() {
    with_each_agent(|agent, release| {
        let mut stream = rude(agent, b"");
        let ids = 0..2000;
        let requests = ids
            .clone()
            .map(|id| format!("{{\"execute\":\"guest-sync\",\"arguments\":{{\"id\":{id}}}}}"));
        let requests = requests.collect::<String>();
        let mut writer = stream.try_clone().expect("cloned");
        let writing = std::thread::spawn(move || writer.write_all(requests.as_bytes()));
        for (id, line) in ids.zip(BufReader::new(&mut stream).lines()) {
            assert_eq!(line.expect("read"), format!("{{\"return\": {id}}}"), "agent {release}");
        }
        writing.join().expect("no panic").expect("written");
    });
}
