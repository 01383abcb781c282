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
use qga_tests::vm::Slot;

/// A test's name and what it does.
type Test = (&'static str, fn(&mut Slot));

/// Functions with their names.
macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name)),*] };
}
use tests;

fn main() -> ExitCode {
    if let Ok(suite) = std::env::var(harness::CHILD) {
        harness::boot_and_panic(&suite);
    }
    let arguments = Arguments::from_args();
    let slots: Vec<_> = lab::guests()
        .into_iter()
        .map(|guest| Arc::new(Mutex::new(Slot::new(guest, |_| {}))))
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
        slot.lend(test);
        Ok(())
    })
}
