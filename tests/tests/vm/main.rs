//! Real guests: what happens to agents, channels and file systems when machines are booted, frozen, put to sleep and reset.
//!
//! Each test runs once in a guest with the lab's oldest agent and once in one with the newest. Booting takes seconds, so
//! tests share a machine, one at a time, and leave it as they found it; one that failed leaves none.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod agent;
mod channel;
mod compatibility;
mod freeze;
mod harness;
mod helpers;
mod power;
mod serial;
mod system;
mod vsock;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Trial};
use qga_tests::lab;
use qga_tests::vm::Vm;
use xtask::lab::guest::Guest;

/// A test's name and what it does.
type Test = (&'static str, fn(&mut Slot));

/// Functions with their names.
macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name)),*] };
}
use tests;

/// Where a guest's machine is, while it runs.
struct Slot {
    guest: Guest,
    vm: Option<Vm>,
}

impl Slot {
    /// A machine that runs, and has booted long ago or not.
    fn vm(&mut self) -> &mut Vm {
        if self.vm.as_mut().is_none_or(Vm::is_off) {
            return self.new_vm();
        }
        self.vm.as_mut().expect("it runs")
    }

    /// A machine that has just been switched on.
    fn new_vm(&mut self) -> &mut Vm {
        // Two at a time would only be slower.
        self.vm = None;
        self.vm.insert(Vm::boot(&self.guest))
    }
}

/// Has a machine go with the test that fails, which tells what its guest said; and nobody knows what the test has left of it.
struct Using<'a>(&'a mut Slot);

impl Drop for Using<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.vm = None;
        }
    }
}

fn main() -> ExitCode {
    if let Ok(suite) = std::env::var(harness::CHILD) {
        harness::boot_and_panic(&suite);
    }
    let arguments = Arguments::from_args();
    let slots: Vec<_> = lab::guests()
        .into_iter()
        .map(|guest| Arc::new(Mutex::new(Slot { guest, vm: None })))
        .collect();
    let mut trials = Vec::new();
    for tests in [
        channel::TESTS,
        agent::TESTS,
        system::TESTS,
        compatibility::TESTS,
        freeze::TESTS,
        power::TESTS,
        helpers::TESTS,
        serial::TESTS,
        vsock::TESTS,
        harness::TESTS,
    ] {
        for &(name, test) in tests {
            // One after the other for each guest, and both guests at once.
            trials.extend(slots.iter().map(|slot| trial(name, test, Arc::clone(slot))));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Machines end when they are dropped, which leaving the process would not do.
    drop(slots);
    conclusion.exit_code()
}

fn trial(name: &str, test: fn(&mut Slot), slot: Arc<Mutex<Slot>>) -> Trial {
    let release = slot.lock().unwrap_or_else(PoisonError::into_inner).guest.agent.release;
    Trial::test(format!("{name} ({release})"), move || {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        test(Using(&mut slot).0);
        Ok(())
    })
}
