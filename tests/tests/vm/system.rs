//! Commands that change the guest: processors, passwords, keys, unused blocks, and the time.

use std::time::{SystemTime, UNIX_EPOCH};

use qga_bindings::{Commands as _, Error, commands, types};
use qga_tests::vm::PATIENCE;

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    a_processor_is_switched_off_and_on,
    processors_after_one_that_does_not_exist_are_left_alone_and_not_counted,
    a_password_is_set_and_a_users_that_does_not_exist_is_not,
    keys_are_added_listed_and_removed,
    unused_blocks_are_given_back_by_the_file_system_that_is_mounted,
    the_time_is_set_and_the_hardware_clock_tells_it_again,
];

fn a_processor_is_switched_off_and_on(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    for online in [false, true] {
        let command = commands::GuestSetVcpus::new([types::GuestLogicalProcessor::new(1, online)]);
        assert_eq!(client.execute_within(&command, PATIENCE).expect("set"), 1);
        let processors = client.guest_get_vcpus().expect("listed");
        // Agents list them in an order of their own.
        let mut states: Vec<_> =
            processors.iter().map(|processor| (processor.logical_id, processor.online)).collect();
        states.sort_unstable();
        assert_eq!(states, [(0, true), (1, online)]);
        let expected = if online { "0-1" } else { "0" };
        assert_eq!(vm.run("cat /sys/devices/system/cpu/online"), expected);
    }
}

fn processors_after_one_that_does_not_exist_are_left_alone_and_not_counted(slot: &mut Slot) {
    let vm = slot.vm();
    let processors = [1, 7, 1].map(|id| types::GuestLogicalProcessor::new(id, id != 1));
    let command = commands::GuestSetVcpus::new(processors);
    let count = vm.client().execute_within(&command, PATIENCE);
    vm.run("echo 1 > /sys/devices/system/cpu/cpu1/online");
    assert_eq!(count.expect("the first was set"), 1);
}

fn a_password_is_set_and_a_users_that_does_not_exist_is_not(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let hash = "$6$salt$hash";
    let command = commands::GuestSetUserPassword::new("alice", hash, true);
    client.execute_within(&command, PATIENCE).expect("set");
    assert_eq!(vm.run("grep ^alice: /etc/shadow | cut -d: -f2"), hash);
    let command = commands::GuestSetUserPassword::new("alice", "secret", false);
    client.guest_set_user_password(command).expect("set");
    assert!(vm.is_password("alice", "secret") && !vm.is_password("alice", "secre"));
    let command = commands::GuestSetUserPassword::new("bob", "secret", false);
    let error = client.guest_set_user_password(command).expect_err("there is no bob");
    assert!(matches!(error, Error::Failed { .. }), "{error}");
}

fn keys_are_added_listed_and_removed(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let (one, two) = ("ssh-ed25519 AAAAone alice", "ssh-ed25519 AAAAtwo alice");
    let add = commands::GuestSshAddAuthorizedKeys::new("alice", [one, two]).reset(true);
    client.execute_within(&add, PATIENCE).expect("added");
    let remove = commands::GuestSshRemoveAuthorizedKeys::new("alice", [one]);
    client.guest_ssh_remove_authorized_keys(remove).expect("removed");
    let get = commands::GuestSshGetAuthorizedKeys::new("alice");
    assert_eq!(client.guest_ssh_get_authorized_keys(get).expect("listed").keys, [two]);
    assert_eq!(vm.run("cat /home/alice/.ssh/authorized_keys"), two);
    let get = commands::GuestSshGetAuthorizedKeys::new("bob");
    let error = client.guest_ssh_get_authorized_keys(get).expect_err("there is no bob");
    assert!(matches!(error, Error::Failed { .. }), "{error}");
}

fn unused_blocks_are_given_back_by_the_file_system_that_is_mounted(slot: &mut Slot) {
    let mut client = slot.vm().client();
    let reply = client.execute_within(&commands::GuestFstrim::new(), PATIENCE).expect("trimmed");
    let result =
        reply.paths.iter().flatten().find(|result| result.path == "/mnt").expect("it is mounted");
    assert_eq!(result.error, None);
    assert!(result.trimmed.is_some(), "{result:?}");
}

fn the_time_is_set_and_the_hardware_clock_tells_it_again(slot: &mut Slot) {
    const LONG_AGO: i64 = 1_000_000_000_123_456_789;
    const A_MINUTE: i64 = 60_000_000_000;
    let vm = slot.vm();
    let mut client = vm.client();
    let set = commands::GuestSetTime::new().time(LONG_AGO);
    client.execute_within(&set, PATIENCE).expect("set");
    let passed = client.guest_get_time().expect("told") - LONG_AGO;
    assert!((0..A_MINUTE).contains(&passed), "{passed} ns later");
    // The hardware clock was set along; as if the guest had slept, the host's time comes from outside.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let now = i64::try_from(now).expect("before 2262");
    client.guest_set_time(commands::GuestSetTime::new().time(now)).expect("set");
    vm.run("date -s @1000000000");
    client.guest_set_time(commands::GuestSetTime::new()).expect("taken from the hardware clock");
    let passed = client.guest_get_time().expect("told") - now;
    assert!((-A_MINUTE..2 * A_MINUTE).contains(&passed), "{passed} ns later");
}
