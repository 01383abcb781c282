//! The program in a real guest: everything that changes a machine, with what it says and its exit code.
//!
//! Tests share a machine and run in this order, so that few are booted; one that fails leaves none for the next.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod changes;
mod power;
#[path = "../support/mod.rs"]
mod support;

use std::process::{ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Trial};
use qga_tests::lab;
use qga_tests::vm::{Slot, Vm};

/// A test's name and what it does.
type Test = (&'static str, fn(&mut Slot));

/// Functions with their names.
macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name)),*] };
}
use tests;

/// Waits for the agent.
fn wait(vm: &Vm) {
    let output = support::run(vm.socket(), &["wait", "--within", "2min"]);
    assert!(output.status.success(), "{output:?}");
}

/// What the program says and how it ends.
fn told(vm: &Vm, arguments: &[&str]) -> (String, String, Option<i32>) {
    support::outcome(&support::run(vm.socket(), arguments))
}

/// The same, with something to read.
fn told_with_input(vm: &Vm, arguments: &[&str], input: &str) -> (String, String, Option<i32>) {
    let mut command = support::qga(vm.socket(), arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, input.as_bytes()).expect("read");
    drop(stdin);
    support::outcome(&child.wait_with_output().expect("ends"))
}

/// It did what it was told, and said so on standard output and nothing else.
#[track_caller]
fn says(vm: &Vm, arguments: &[&str], stdout: &str) {
    let expected = (format!("{stdout}\n"), String::new(), Some(0));
    assert_eq!(told(vm, arguments), expected, "{arguments:?}");
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    // The newest has all that there is to change.
    let newest = lab::guests().pop();
    let slot = newest.map(|guest| Arc::new(Mutex::new(Slot::new(guest, wait))));
    let tests = [changes::TESTS, power::TESTS].into_iter().flatten();
    let trials = slot.iter().flat_map(|slot| tests.clone().map(|test| trial(test, slot))).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Machines end when they are dropped, which leaving the process would not do.
    drop(slot);
    conclusion.exit_code()
}

fn trial(&(name, test): &Test, slot: &Arc<Mutex<Slot>>) -> Trial {
    let slot = Arc::clone(slot);
    Trial::test(name, move || {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.lend(test);
        Ok(())
    })
}
