//! Guests that reboot, sleep, and are switched off.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use qga_bindings::blocking::{Client, Helpers as _};
use qga_bindings::power::{Outcome, Power, PowerError};
use qga_bindings::{Cause, Commands as _, Error, commands, types};
use qga_tests::vm::{PATIENCE, Vm, until};
use xtask::lab::machine::Machine;

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    a_client_goes_on_after_the_machine_is_reset,
    a_client_goes_on_after_the_guest_reboots_itself,
    a_guest_that_is_halted_is_silent,
    a_guest_that_is_powered_down_ends_the_connection,
    a_guest_that_is_put_to_sleep_answers_after_it_is_woken,
    a_guest_that_cannot_be_put_to_sleep_on_its_disk_goes_on_and_is_not_taken_to_sleep,
];

/// The guest has nowhere to sleep to, and none of the programs that know of other places.
fn a_guest_that_cannot_be_put_to_sleep_on_its_disk_goes_on_and_is_not_taken_to_sleep(
    slot: &mut Slot,
) {
    // Those did not look whether it worked.
    let says_nothing = slot.guest.agent.release.major < 6;
    let mut client = slot.vm().client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    // Where nothing comes, this long is waited for it.
    let limit = if says_nothing { Duration::from_secs(15) } else { PATIENCE };
    for power in [Power::suspend_to_disk(), Power::suspend_hybrid()] {
        let power = power.within(limit);
        let error = client.power(&power).expect_err("it does not sleep");
        let is_told = match &error {
            PowerError::Agent(Error::Failed { .. }) => !says_nothing,
            PowerError::Unconfirmed { seen: Outcome::Accepted, .. } => says_nothing,
            _ => false,
        };
        assert!(is_told, "{power:?}: {error}");
        client.guest_ping().expect("it goes on");
    }
}

fn a_guest_that_is_put_to_sleep_answers_after_it_is_woken(slot: &mut Slot) {
    // An emulated machine may crash when several processors wake up at once, one time in thirty.
    slot.vm = None;
    let mut vm = Vm::boot_on(&slot.guest, Machine { processors: 1, ..Machine::default() });
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    vm.qmp.forget_events();
    client.guest_suspend_ram().expect("accepted");
    vm.qmp.wait_for("SUSPEND");
    let error = client.execute_within(&commands::GuestPing::new(), Duration::from_millis(300));
    assert!(error.expect_err("it sleeps").is_timeout());
    vm.qmp.execute("system_wakeup");
    vm.qmp.wait_for("WAKEUP");
    wait_for_agent(&mut client);
}

/// Waits until the agent answers. What is sent while a machine starts anew may be lost, so it is tried again.
fn wait_for_agent(client: &mut Client<UnixStream>) {
    let ping = commands::GuestPing::new();
    until("the agent answers", || client.execute_within(&ping, Duration::from_secs(5)).is_ok());
}

fn a_client_goes_on_after_the_machine_is_reset(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    vm.run("touch /tmp/before");
    vm.qmp.execute("system_reset");
    wait_for_agent(&mut client);
    assert_ne!(vm.shell.run("test -e /tmp/before", PATIENCE).code, 0, "it has not rebooted");
}

fn a_client_goes_on_after_the_guest_reboots_itself(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    vm.qmp.forget_events();
    let reboot = commands::GuestShutdown::new().mode(types::GuestShutdownMode::Reboot);
    client.guest_shutdown(reboot).expect("accepted");
    vm.qmp.wait_for("RESET");
    wait_for_agent(&mut client);
}

fn a_guest_that_is_halted_is_silent(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    let halt = commands::GuestShutdown::new().mode(types::GuestShutdownMode::Halt);
    client.guest_shutdown(halt).expect("accepted");
    until("the guest has halted", || vm.console().contains("System halted"));
    let ping = commands::GuestPing::new();
    // The kernel says so before it stops its other processors, one of which may still run the agent.
    let mut last = None;
    until("nobody answers", || {
        last = client.execute_within(&ping, Duration::from_millis(300)).err();
        last.is_some()
    });
    let again = client.execute_within(&ping, Duration::from_millis(300)).err();
    for error in [last, again] {
        let error = error.expect("nobody is there");
        assert!(error.is_timeout(), "{error}");
    }
    // There is nothing left that could be told to do anything.
    slot.vm = None;
}

fn a_guest_that_is_powered_down_ends_the_connection(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    client.guest_shutdown(commands::GuestShutdown::new()).expect("accepted");
    vm.wait_until_off();
    let error = client.guest_ping().expect_err("the machine is off");
    assert!(matches!(error, Error::NotSent { cause: Cause::Closed | Cause::Io(_), .. }), "{error}");
    slot.vm = None;
}
