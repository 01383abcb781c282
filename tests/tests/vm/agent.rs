//! What clients notice of an agent that is killed and started again, and what they can have it do.

use std::time::Duration;

use qga_bindings::blocking::{Client, Stream};
use qga_bindings::{Commands as _, Error, Refusal, commands, types};
use qga_tests::vm::{PATIENCE, until};

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    a_new_agent_answers_on_the_connection_to_one_that_was_killed,
    an_agent_that_is_killed_while_it_answers_leaves_a_client_that_works,
    a_request_is_answered_by_the_agent_that_is_started_later,
    a_program_gets_its_input_and_its_output_comes_back,
    a_file_is_copied_to_the_guest_and_back_without_a_difference,
];

fn a_new_agent_answers_on_the_connection_to_one_that_was_killed(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let open = commands::GuestFileOpen::new("/etc/passwd");
    let handle = client.execute_within(&open, PATIENCE).expect("opened");
    vm.kill_agent();
    client.guest_ping().expect("the new agent answers");
    let error = client.guest_file_close(commands::GuestFileClose::new(handle));
    let error = error.expect_err("the new agent does not know the old one's handles");
    assert!(matches!(error, Error::Failed { .. }), "{error}");
}

fn an_agent_that_is_killed_while_it_answers_leaves_a_client_that_works(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let open = commands::GuestFileOpen::new("/dev/zero");
    let handle = client.execute_within(&open, PATIENCE).expect("opened");
    let read = commands::GuestFileRead::new(handle).count(8_000_000);
    let error = client.execute_within(&read, Duration::from_millis(100));
    let error = error.expect_err("it takes longer");
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
    vm.kill_agent();
    let answer = client.execute_within(&commands::GuestSync::new(4711), PATIENCE);
    assert_eq!(answer.expect("the new agent answers"), 4711);
}

fn a_request_is_answered_by_the_agent_that_is_started_later(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    vm.run("touch /run/agent.off");
    vm.kill_agent();
    let error = client.execute_within(&commands::GuestPing::new(), Duration::from_millis(300));
    let error = error.expect_err("there is no agent");
    assert!(error.is_timeout(), "{error}");
    vm.run("rm /run/agent.off");
    client.guest_ping().expect("the new agent answers");
}

/// Runs a program to its end.
fn run<S: Stream>(client: &mut Client<S>, command: commands::GuestExec) -> types::GuestExecStatus {
    let pid = client.guest_exec(command.capture_output(true)).expect("started").pid;
    let mut last = None;
    until("the program has ended", || {
        let status = client.guest_exec_status(commands::GuestExecStatus::new(pid)).expect("known");
        last = status.exited.then_some(status);
        last.is_some()
    });
    last.expect("it has ended")
}

fn a_program_gets_its_input_and_its_output_comes_back(slot: &mut Slot) {
    let mut client = slot.vm().client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let status = run(&mut client, commands::GuestExec::new("/bin/cat").input_data(bytes.clone()));
    assert_eq!((status.exitcode, status.out_data), (Some(0), Some(bytes)));
    let status = run(&mut client, commands::GuestExec::new("/bin/sh").arg(["-c", "kill -9 $$"]));
    assert_eq!((status.exitcode, status.signal), (None, Some(9)));
    let unknown = commands::GuestExecStatus::new(1 << 30);
    let error = client.guest_exec_status(unknown).expect_err("no such program was started");
    assert!(!matches!(error, Error::Refused { why: Refusal::Undetermined, .. }), "{error}");
}

fn a_file_is_copied_to_the_guest_and_back_without_a_difference(slot: &mut Slot) {
    const CHUNK: usize = 64 * 1024;
    let vm = slot.vm();
    let mut client = vm.client();
    // No period that is a divisor of a chunk, so that chunks in a wrong order would show.
    let bytes: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    let open = commands::GuestFileOpen::new("/mnt/copy").mode("w");
    let handle = client.execute_within(&open, PATIENCE).expect("opened");
    for chunk in bytes.chunks(CHUNK) {
        let written = client.guest_file_write(commands::GuestFileWrite::new(handle, chunk));
        assert_eq!(usize::try_from(written.expect("written").count), Ok(chunk.len()));
    }
    client.guest_file_flush(commands::GuestFileFlush::new(handle)).expect("flushed");
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");
    assert_eq!(vm.run("stat -c %s /mnt/copy"), bytes.len().to_string());

    let open = commands::GuestFileOpen::new("/mnt/copy");
    let handle = client.guest_file_open(open).expect("opened");
    let mut read = Vec::new();
    loop {
        let count = i64::try_from(CHUNK).expect("small");
        let chunk = client.guest_file_read(commands::GuestFileRead::new(handle).count(count));
        let chunk = chunk.expect("read");
        read.extend_from_slice(&chunk.buf_b64);
        if chunk.eof || chunk.count == 0 {
            break;
        }
    }
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");
    vm.run("rm /mnt/copy");
    assert!(read == bytes, "{} bytes of {} came back", read.len(), bytes.len());
}
