//! The helpers, in guests that really freeze, restart, sleep and tell the time.
#![expect(clippy::panic, reason = "a test that sees something else has failed")]

use std::time::{Duration, SystemTime};

use qga_bindings::blocking::Helpers as _;
use qga_bindings::clock::{Offset, Reading};
use qga_bindings::freeze::{Freeze, FreezeError};
use qga_bindings::hardware::HardwareError;
use qga_bindings::power::{Outcome, Power};
use qga_bindings::users::Password;
use qga_bindings::{Commands as _, commands, types};
use qga_tests::vm::{PATIENCE, Vm, until};
use xtask::lab::machine::Machine;

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    a_guard_that_is_dropped_lets_writers_go_on,
    a_guard_whose_time_is_over_has_thawed,
    a_guard_thaws_although_the_agent_was_killed_meanwhile,
    an_overview_shows_the_guest,
    the_clock_is_set_by_the_host_within_what_is_told,
    processors_are_switched_up_to_one_that_does_not_exist,
    keys_and_passwords_arrive,
    unused_blocks_are_counted_for_what_is_mounted,
    a_guest_that_restarts_is_back_as_another,
    a_guest_that_sleeps_is_silent_and_back_when_it_is_woken,
    a_guest_that_halts_is_silent,
    a_guest_that_switches_off_is_gone,
];

/// A client of an agent that answers.
fn client(vm: &Vm) -> qga_bindings::blocking::Client<std::os::unix::net::UnixStream> {
    let mut client = vm.client();
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    client
}

fn is_thawed(vm: &Vm) -> bool {
    client(vm).guest_fsfreeze_status().expect("told") == types::GuestFsfreezeStatus::Thawed
}

fn a_guard_that_is_dropped_lets_writers_go_on(slot: &mut Slot) {
    let vm = slot.vm();
    let frozen = client(vm).freeze(&Freeze::mountpoints(["/mnt"])).expect("frozen");
    assert_eq!(frozen.file_systems(), 1);
    vm.start_writing();
    vm.wait_until_writer_stands_still();
    drop(frozen);
    assert!(is_thawed(vm));
    until("the writer goes on", || vm.has_written());
}

fn a_guard_whose_time_is_over_has_thawed(slot: &mut Slot) {
    let vm = slot.vm();
    let freeze = Freeze::all().at_most(Duration::from_millis(300));
    let frozen = client(vm).freeze(&freeze).expect("frozen");
    vm.start_writing();
    until("the writer goes on", || vm.has_written());
    match frozen.thaw().1 {
        Err(FreezeError::NotHeld(thawed)) => assert_eq!(thawed.thawed, Some(1), "{thawed:?}"),
        other => panic!("{other:?}"),
    }
    assert!(is_thawed(vm));
}

fn a_guard_thaws_although_the_agent_was_killed_meanwhile(slot: &mut Slot) {
    let vm = slot.vm();
    let frozen = client(vm).freeze(&Freeze::all()).expect("frozen");
    vm.kill_agent();
    let thawed = frozen.thaw().1.expect("thawed");
    assert_eq!((thawed.frozen, thawed.thawed), (1, Some(1)));
    assert!(is_thawed(vm));
}

fn an_overview_shows_the_guest(slot: &mut Slot) {
    let overview = client(slot.vm()).overview().expect("it answers");
    assert!(overview.failures.is_empty(), "{:?}", overview.failures);
    assert_eq!(overview.frozen, Some(false));
    let file_systems = overview.file_systems.expect("a real guest");
    let mounted = file_systems.iter().find(|one| one.mountpoint == "/mnt").expect("mounted");
    let space = mounted.space.expect("counted");
    assert!(space.free() > 0 && space.used > 0 && space.total < 64 << 20, "{space:?}");
    assert!(overview.interfaces.is_some_and(|interfaces| !interfaces.is_empty()));
}

fn the_clock_is_set_by_the_host_within_what_is_told(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = client(vm);
    client.clock().set(SystemTime::now() - Duration::from_secs(86_400)).expect("set");
    let reading = client.clock().read().expect("told");
    let Offset::Behind(by) = reading.offset() else { panic!("{reading:?}") };
    assert!(by > Duration::from_secs(86_000), "{reading:?}");
    let reading = client.clock().set_from_host().expect("set");
    let (Offset::Ahead(by) | Offset::Behind(by)) = reading.offset();
    assert!(by < Duration::from_secs(30), "{reading:?}");
    agrees_with_the_guest(&reading, vm);
    let reading = client.clock().set_from_hardware().expect("set");
    let (Offset::Ahead(by) | Offset::Behind(by)) = reading.offset();
    assert!(by < Duration::from_secs(30), "{reading:?}");
    agrees_with_the_guest(&reading, vm);
}

/// What the agent's clock was told to be off by is what the guest's shell shows, as far as both know it.
fn agrees_with_the_guest(reading: &Reading, vm: &mut Vm) {
    // A clock of an emulated processor drifts a little.
    const DRIFT: f64 = 0.1;
    let seconds = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs_f64()
    };
    let told = seconds(reading.guest) - seconds(reading.host);
    let uncertain = reading.uncertainty.as_secs_f64() + DRIFT;
    let before = seconds(SystemTime::now());
    let shown: f64 = vm.run("date +%s").parse().expect("a number");
    let after = seconds(SystemTime::now());
    // Seconds are cut off, and the guest's clock was read at some time in between.
    let (least, most) = (shown - after, shown + 1.0 - before);
    assert!(
        told + uncertain >= least && told - uncertain <= most,
        "{told} give or take {uncertain} is not within {least} and {most}"
    );
}

fn processors_are_switched_up_to_one_that_does_not_exist(slot: &mut Slot) {
    let mut client = client(slot.vm());
    match client.hardware().switch_processors(&[(1, false), (7, true)]).expect_err("no such") {
        HardwareError::Processor { logical_id: 7, switched: 1, .. } => {}
        other => panic!("{other}"),
    }
    client.hardware().switch_processors(&[(1, true)]).expect("switched on again");
    assert!(client.hardware().processors().expect("listed").iter().all(|one| one.online));
}

fn keys_and_passwords_arrive(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = client(vm);
    let (one, two) = ("ssh-ed25519 AAAAone alice", "ssh-ed25519 AAAAtwo alice");
    client.users().replace_ssh_keys("alice", &[one, two]).expect("written");
    client.users().remove_ssh_keys("alice", &[one]).expect("removed");
    assert_eq!(client.users().ssh_keys("alice").expect("listed"), [two]);
    let hash = "$6$salt$hash";
    client.users().set_password("alice", &Password::hashed(hash)).expect("set");
    assert_eq!(vm.run("grep ^alice: /etc/shadow | cut -d: -f2"), hash);
}

fn unused_blocks_are_counted_for_what_is_mounted(slot: &mut Slot) {
    let trimmed = client(slot.vm()).storage().trim(None).expect("trimmed");
    let mounted = trimmed.iter().find(|one| one.mountpoint == "/mnt").expect("mounted");
    assert!(matches!(mounted.freed, Ok(Some(_))), "{mounted:?}");
}

fn a_guest_that_restarts_is_back_as_another(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = client(vm);
    vm.run("touch /tmp/before");
    match client.power(&Power::reboot().within(PATIENCE)).expect("restarted") {
        Outcome::Back { after } => assert!(after > Duration::from_secs(1), "{after:?}"),
        other => panic!("{other:?}"),
    }
    assert_ne!(vm.shell.run("test -e /tmp/before", PATIENCE).code, 0, "it has not restarted");
}

fn a_guest_that_sleeps_is_silent_and_back_when_it_is_woken(slot: &mut Slot) {
    // An emulated machine may crash when several processors wake up at once.
    slot.vm = None;
    let mut vm = Vm::boot_on(&slot.guest, Machine { processors: 1, ..Machine::default() });
    let mut client = client(&vm);
    let outcome = client.power(&Power::suspend_to_ram()).expect("asleep");
    assert_eq!(outcome, Outcome::Silent);
    vm.qmp.execute("system_wakeup");
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("it is awake");
}

fn a_guest_that_halts_is_silent(slot: &mut Slot) {
    let outcome = client(slot.vm()).power(&Power::halt()).expect("halted");
    slot.vm = None;
    assert_eq!(outcome, Outcome::Silent);
}

fn a_guest_that_switches_off_is_gone(slot: &mut Slot) {
    let vm = slot.vm();
    let outcome = client(vm).power(&Power::off()).expect("off");
    assert_eq!(outcome, Outcome::Ended);
    vm.wait_until_off();
}
