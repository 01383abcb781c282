//! What clients notice of an agent that is killed and started again, and what they can have it do.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use qga_bindings::blocking::Helpers as _;
use qga_bindings::exec::{Chunk, Exec, Exit};
use qga_bindings::{Commands as _, Error, commands};
use qga_tests::vm::PATIENCE;

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    a_new_agent_answers_on_the_connection_to_one_that_was_killed,
    an_agent_that_is_killed_while_it_answers_leaves_a_client_that_works,
    a_request_is_answered_by_the_agent_that_is_started_later,
    a_program_gets_its_input_and_its_output_comes_back,
    what_a_program_writes_arrives_while_it_runs,
    a_file_is_copied_to_the_guest_and_back_without_a_difference,
];

fn a_new_agent_answers_on_the_connection_to_one_that_was_killed(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let open = commands::GuestFileOpen::new("/etc/passwd");
    let handle = client.execute_within(&open, PATIENCE).expect("opened");
    vm.kill_agent();
    let ping = commands::GuestPing::new();
    client.execute_within(&ping, PATIENCE).expect("the new agent answers");
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
    let ping = commands::GuestPing::new();
    client.execute_within(&ping, PATIENCE).expect("the new agent answers");
}

fn a_program_gets_its_input_and_its_output_comes_back(slot: &mut Slot) {
    let mut client = slot.vm().client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let output = client.exec(&Exec::new("/bin/cat").stdin(bytes.clone())).expect("run");
    assert_eq!((output.exit, output.stdout), (Exit::Code(0), bytes));
    let killed = Exec::new("/bin/sh").args(["-c", "kill -9 $$"]);
    assert_eq!(client.exec(&killed).expect("run").exit, Exit::Signal(9));
    client.exec(&Exec::new("/no/such/program")).expect_err("it is not there");
}

fn what_a_program_writes_arrives_while_it_runs(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    let line = "echo first; until rm /tmp/go; do usleep 10000; done 2>/dev/null; seq 40000; echo no >&2; exit 3";
    let program = Exec::new("/bin/sh").args(["-c", line]).within(PATIENCE);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let exit = client.exec_streaming(&program, |chunk| {
        // It does not go on before its first line was here.
        if stdout.is_empty() {
            vm.run("touch /tmp/go");
        }
        match chunk {
            Chunk::Stdout(bytes) => stdout.extend_from_slice(bytes),
            Chunk::Stderr(bytes) => stderr.extend_from_slice(bytes),
            _ => {}
        }
        Ok(())
    });
    assert_eq!(exit.expect("run"), Exit::Code(3));
    let numbers = (1..=40_000).map(|number| format!("{number}\n"));
    let expected = std::iter::once("first\n".to_owned()).chain(numbers).collect::<String>();
    assert!(stdout == expected.as_bytes(), "{} bytes came", stdout.len());
    assert_eq!(stderr, b"no\n");
}

fn a_file_is_copied_to_the_guest_and_back_without_a_difference(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    // No period that is a divisor of a chunk, so that chunks in a wrong order would show.
    let bytes: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    client.files().write("/mnt/copy", &bytes).expect("written");
    assert_eq!(vm.run("sha256sum </mnt/copy"), sha256(&bytes));
    let read = client.files().read("/mnt/copy", 2 << 20).expect("read");
    vm.run("rm /mnt/copy");
    assert!(read == bytes, "{} bytes of {} came back", read.len(), bytes.len());
}

/// What `sha256sum` says of bytes.
fn sha256(bytes: &[u8]) -> String {
    let mut command = Command::new("sha256sum");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it is installed");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("read");
    let said = child.wait_with_output().expect("it ends").stdout;
    String::from_utf8_lossy(&said).trim_end().to_owned()
}
