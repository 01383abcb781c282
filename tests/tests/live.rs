//! A real agent, where there is one.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use qga_bindings::protocol::Request;
use qga_bindings::{Cause, Command, Commands, Error, Refusal, commands, types};
use qga_tests::agent::Agent;
use serde_core::Serialize;
use serde_json::Value;

type Client = qga_bindings::blocking::Client<std::os::unix::net::UnixStream>;

/// Asks twice, and compares what was understood with what came. Returns whether the agent has an answer.
fn understands<C: Command>(client: &mut Client, command: &C) -> bool
where
    C::Output: Serialize,
{
    let request = Request::new(command).expect("arguments can be written");
    let reply = match client.request(&request, None) {
        Ok(reply) => reply.expect("queries are answered"),
        Err(Error::Failed { .. } | Error::Refused { .. }) => return false,
        Err(error) => panic!("{error}"),
    };
    let raw: Value = serde_json::from_str(reply.value().expect("a value").get()).expect("JSON");
    let typed = reply.decode::<C>().unwrap_or_else(|error| panic!("{}: {error}: {raw}", C::NAME));
    let again = serde_json::to_value(typed).expect("values can be written");
    assert_eq!(again, raw, "{}", C::NAME);
    client.execute(command).expect("what was answered once is answered again");
    true
}

#[test]
fn every_query_is_understood() {
    let Some(agent) = Agent::start() else { return };
    let client = &mut agent.client();
    for (answered, command) in [
        (understands(client, &commands::GuestSync::new(4711)), "guest-sync"),
        (understands(client, &commands::GuestSyncDelimited::new(4711)), "guest-sync-delimited"),
        (understands(client, &commands::GuestPing::new()), "guest-ping"),
        (understands(client, &commands::GuestGetTime::new()), "guest-get-time"),
        (understands(client, &commands::GuestInfo::new()), "guest-info"),
        (understands(client, &commands::GuestGetHostName::new()), "guest-get-host-name"),
        (understands(client, &commands::GuestGetOsinfo::new()), "guest-get-osinfo"),
        (understands(client, &commands::GuestGetTimezone::new()), "guest-get-timezone"),
        (understands(client, &commands::GuestGetUsers::new()), "guest-get-users"),
        (understands(client, &commands::GuestFsfreezeStatus::new()), "guest-fsfreeze-status"),
        (understands(client, &commands::GuestGetVcpus::new()), "guest-get-vcpus"),
        (
            understands(client, &commands::GuestNetworkGetInterfaces::new()),
            "guest-network-get-interfaces",
        ),
    ] {
        assert!(answered, "{command} is not answered");
    }
    // These depend on the agent's release, on its privileges and on the machine.
    understands(client, &commands::GuestGetDisks::new());
    understands(client, &commands::GuestGetFsinfo::new());
    understands(client, &commands::GuestGetMemoryBlocks::new());
    understands(client, &commands::GuestGetMemoryBlockInfo::new());
    understands(client, &commands::GuestGetDevices::new());
    understands(client, &commands::GuestSshGetAuthorizedKeys::new("root"));
    understands(client, &commands::GuestGetDiskstats::new());
    understands(client, &commands::GuestGetCpustats::new());
    understands(client, &commands::GuestGetLoad::new());
    understands(client, &commands::GuestNetworkGetRoute::new());
}

/// Runs a program to its end.
fn run(client: &mut Client, command: commands::GuestExec) -> types::GuestExecStatus {
    let pid = client.guest_exec(command.capture_output(true)).expect("started").pid;
    let start = Instant::now();
    loop {
        let status = client.guest_exec_status(commands::GuestExecStatus::new(pid)).expect("known");
        if status.exited {
            return status;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "the program does not end");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_program_is_run_with_its_output() {
    let Some(agent) = Agent::start() else { return };
    let client = &mut agent.client();
    let status = run(client, commands::GuestExec::new("/bin/echo").arg(["caf\u{e9}", "\"\\\n"]));
    assert_eq!(status.exitcode, Some(0));
    assert_eq!(status.out_data.as_deref(), Some("caf\u{e9} \"\\\n\n".as_bytes()));

    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let status = run(client, commands::GuestExec::new("/bin/cat").input_data(bytes.clone()));
    assert_eq!(status.out_data, Some(bytes));

    let status = run(client, commands::GuestExec::new("/bin/sh").arg(["-c", "kill -9 $$"]));
    assert_eq!((status.exitcode, status.signal), (None, Some(9)));
}

#[test]
fn a_file_is_written_and_read_back() {
    let Some(agent) = Agent::start() else { return };
    let client = &mut agent.client();
    let path = agent.dir().join("file").to_str().expect("UTF-8").to_owned();
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();

    let open = commands::GuestFileOpen::new(path.as_str()).mode("w");
    let handle = client.guest_file_open(open).expect("opened");
    let write = commands::GuestFileWrite::new(handle, bytes.clone());
    let written = client.guest_file_write(write).expect("written");
    assert_eq!(usize::try_from(written.count), Ok(bytes.len()));
    client.guest_file_flush(commands::GuestFileFlush::new(handle)).expect("flushed");
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");

    let handle = client.guest_file_open(commands::GuestFileOpen::new(path)).expect("opened");
    let mut read = Vec::new();
    loop {
        let command = commands::GuestFileRead::new(handle).count(65_536);
        let piece = client.guest_file_read(command).expect("read");
        read.extend_from_slice(&piece.buf_b64);
        if piece.eof || piece.count == 0 {
            break;
        }
    }
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");
    assert!(read == bytes, "{} bytes of {} came back", read.len(), bytes.len());
}

#[test]
fn an_unknown_command_a_disabled_one_and_a_failed_one_are_told_apart() {
    let Some(agent) = Agent::start() else { return };
    let client = &mut agent.client();
    let unknown = Request::raw("guest-nothing", &()).expect("no arguments");
    let error = client.request(&unknown, None).expect_err("unknown");
    assert!(matches!(error, Error::Refused { why: Refusal::Unsupported, .. }), "{error}");
    let error = client.guest_shutdown(commands::GuestShutdown::new()).expect_err("disabled");
    assert!(matches!(error, Error::Refused { why: Refusal::Disabled, .. }), "{error}");
    let error = client.guest_file_close(commands::GuestFileClose::new(1)).expect_err("no handle");
    assert!(matches!(error, Error::Failed { .. }), "{error}");
}

/// A command whose answer takes more than a millisecond.
fn long_read(client: &mut Client, count: i64) -> commands::GuestFileRead {
    let handle = client.guest_file_open(commands::GuestFileOpen::new("/dev/zero"));
    commands::GuestFileRead::new(handle.expect("opened")).count(count)
}

const A_MILLISECOND: Duration = Duration::from_millis(1);

/// Asks until an answer is late, which is chance: the agent may be quick, and the client kept from sending.
fn late(client: &mut Client, read: &commands::GuestFileRead) {
    let start = Instant::now();
    loop {
        match client.execute_within(read, A_MILLISECOND) {
            Err(Error::OutcomeUnknown { cause: Cause::Deadline { .. }, .. }) => return,
            Ok(_) | Err(Error::NotSent { cause: Cause::Deadline { .. }, .. }) => {}
            Err(error) => panic!("{error}"),
        }
        assert!(start.elapsed() < Duration::from_secs(60), "the agent always answers within that");
    }
}

#[test]
fn a_late_reply_is_not_taken_for_the_next_one() {
    let Some(agent) = Agent::start() else { return };
    let client = &mut agent.client();
    let read = long_read(client, 4 << 20);
    for id in 0..5 {
        late(client, &read);
        let answer = client.guest_sync(commands::GuestSync::new(id));
        assert_eq!(answer.expect("the next call works"), id);
    }
}

#[test]
fn a_client_that_is_dropped_leaves_nothing_unread_of_which_the_agent_would_end() {
    let Some(mut agent) = Agent::start() else { return };
    for _ in 0..5 {
        let mut client = agent.client();
        // Long enough to miss the deadline, short enough for the moment that dropping waits, also on a busy machine.
        let read = long_read(&mut client, 1 << 19);
        late(&mut client, &read);
        drop(client);
        agent.client().guest_ping().expect("another client is served");
    }
    assert!(!agent.has_ended().expect("known"));
}

#[test]
fn a_second_client_is_served_when_the_first_lets_go() {
    let Some(agent) = Agent::start() else { return };
    let (mut first, mut second) = (agent.client(), agent.client());
    first.guest_ping().expect("served");
    let ping = commands::GuestPing::new();
    let error = second.execute_within(&ping, 100 * A_MILLISECOND).expect_err("the first is served");
    assert!(error.is_busy() && error.is_timeout(), "{error}");
    first.release(Duration::from_secs(1));
    second.guest_ping().expect("served");
}

#[test]
fn an_agent_is_served_with_every_kind_of_sync_disabled() {
    for disabled in [&["guest-sync-delimited"][..], &["guest-sync-delimited", "guest-sync"]] {
        let Some(agent) = Agent::start_without(disabled) else { return };
        let client = &mut agent.client();
        for _ in 0..3 {
            let read = long_read(client, 1 << 20);
            late(client, &read);
            client.guest_get_host_name().expect("the next call works");
        }
    }
}

#[test]
fn clients_that_wait_in_line_end_at_their_deadlines_wherever_they_wait() {
    let Some(agent) = Agent::start() else { return };
    let mut first = agent.client();
    first.guest_ping().expect("served");
    // An agent takes some connections without serving them; later ones are not even made.
    let mut waiting: Vec<Client> = (0..5).map(|_| agent.client()).collect();
    for client in &mut waiting {
        let start = Instant::now();
        let error = client.execute_within(&commands::GuestPing::new(), 50 * A_MILLISECOND);
        let error = error.expect_err("the first is served");
        assert!(error.is_busy() && error.is_timeout(), "{error}");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    drop(waiting);
    first.guest_ping().expect("served");
}
