//! Guests that restart, sleep, halt, and are switched off.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::{Duration, Instant};

use qga_tests::vm::{PATIENCE, Vm};
use xtask::lab::machine::Machine;

use super::{Slot, Test, says, support, tests, told, wait};

/// For longer than this no agent is silent that is there, as the tool sees it.
const SILENCE: Duration = Duration::from_secs(6);

pub(super) const TESTS: &[Test] = tests![
    a_guest_that_halts_is_silent_and_waited_for_until_it_is_started_anew,
    a_guest_that_is_restarted_is_back_as_another,
    a_guest_that_is_switched_off_is_gone,
    a_guest_that_sleeps_is_silent_until_it_is_woken,
];

fn a_guest_that_halts_is_silent_and_waited_for_until_it_is_started_anew(slot: &mut Slot) {
    let vm = slot.vm();
    says(vm, &["halt", "--yes", "--wait"], "its agent does not answer any more");
    let arguments = ["-v", "wait", "--for", "boot", "--within", "2min"];
    let mut child = support::qga(vm.socket(), &arguments).spawn().expect("it runs");
    let mut passed = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    // The guest is reset once it counts as gone: the agent is asked on, for longer than it may take to answer.
    let start = Instant::now();
    while !(line.contains("guest-sync") && start.elapsed() > SILENCE) {
        line.clear();
        assert!(passed.read_line(&mut line).expect("read") > 0, "it has ended");
    }
    vm.qmp.execute("system_reset");
    std::thread::spawn(move || passed.read_to_end(&mut Vec::new()));
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"answers after "), "{output:?}");
}

fn a_guest_that_is_restarted_is_back_as_another(slot: &mut Slot) {
    let vm = slot.vm();
    vm.run("touch /tmp/before");
    let (stdout, stderr, code) = told(vm, &["reboot", "--yes", "--wait", "--within", "2min"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(stdout.starts_with("back after "), "{stdout}");
    assert_ne!(vm.shell.run("test -e /tmp/before", PATIENCE).code, 0, "it has not restarted");
}

fn a_guest_that_is_switched_off_is_gone(slot: &mut Slot) {
    let vm = slot.vm();
    let (stdout, stderr, code) = told(vm, &["shutdown"]);
    assert_eq!((stdout.as_str(), code), ("", Some(2)), "nobody can be asked");
    assert!(stderr.contains("--yes"), "{stderr}");
    says(vm, &["shutdown", "--yes", "--wait"], "the connection has ended: it is off");
    vm.wait_until_off();
    let (_, stderr, code) = told(vm, &["ping"]);
    assert!(stderr.contains("next: "), "{stderr}");
    assert_eq!(code, Some(3));
    let (stdout, _, code) = told(vm, &["wait", "--for", "shutdown"]);
    assert!(stdout.starts_with("gone after ") && code == Some(0), "{stdout}");
}

fn a_guest_that_sleeps_is_silent_until_it_is_woken(slot: &mut Slot) {
    // An emulated machine may crash when several processors wake up at once.
    slot.vm = None;
    let mut vm = Vm::boot_on(&slot.guest, Machine { processors: 1, ..Machine::default() });
    wait(&vm);
    says(&vm, &["suspend", "--yes", "--wait"], "its agent does not answer any more");
    let (_, stderr, code) = told(&vm, &["--timeout", "300ms", "ping"]);
    assert!(stderr.contains("nobody answers"), "{stderr}");
    assert_eq!(code, Some(124));
    vm.qmp.execute("system_wakeup");
    wait(&vm);
}
