//! File systems that stand still: a real one, whose writers wait.

use qga_bindings::{Commands as _, Error, Refusal, commands, types};
use qga_tests::vm::{PATIENCE, until};

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    writers_wait_from_freeze_to_thaw,
    a_list_freezes_what_is_mounted_there_and_nothing_else,
    what_a_client_that_went_away_froze_another_one_thaws,
    what_an_agent_that_was_killed_froze_its_successor_thaws,
    while_frozen_other_commands_are_refused_with_that_reason,
];

use types::GuestFsfreezeStatus::{Frozen, Thawed};

fn writers_wait_from_freeze_to_thaw(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let freeze = commands::GuestFsfreezeFreeze::new();
    assert_eq!(client.execute_within(&freeze, PATIENCE).expect("frozen"), 1);
    assert_eq!(client.guest_fsfreeze_status().expect("told"), Frozen);
    vm.start_writing();
    vm.wait_until_writer_stands_still();
    assert_eq!(client.guest_fsfreeze_thaw().expect("thawed"), 1);
    assert_eq!(client.guest_fsfreeze_thaw().expect("nothing left to thaw"), 0);
    assert_eq!(client.guest_fsfreeze_status().expect("told"), Thawed);
    until("the writer goes on", || vm.has_written());
}

fn a_list_freezes_what_is_mounted_there_and_nothing_else(slot: &mut Slot) {
    let mut client = slot.vm().client();
    let freeze = |paths: &[&str]| {
        commands::GuestFsfreezeFreezeList::new()
            .mountpoints(paths.iter().copied().map(str::to_owned).collect::<Vec<_>>())
    };
    for nothing in [&[][..], &["/nowhere"]] {
        assert_eq!(client.execute_within(&freeze(nothing), PATIENCE).expect("nothing to do"), 0);
        assert_eq!(client.guest_fsfreeze_status().expect("told"), Thawed);
    }
    assert_eq!(
        client.guest_fsfreeze_freeze_list(freeze(&["/mnt", "/nowhere"])).expect("frozen"),
        1
    );
    assert_eq!(client.guest_fsfreeze_status().expect("told"), Frozen);
    assert_eq!(client.guest_fsfreeze_thaw().expect("thawed"), 1);
}

fn what_a_client_that_went_away_froze_another_one_thaws(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let freeze = commands::GuestFsfreezeFreeze::new();
    assert_eq!(client.execute_within(&freeze, PATIENCE).expect("frozen"), 1);
    // As if its program had been killed.
    drop(client.into_stream());
    let mut client = vm.client();
    assert_eq!(client.guest_fsfreeze_status().expect("told"), Frozen);
    assert_eq!(client.guest_fsfreeze_thaw().expect("thawed"), 1);
}

fn what_an_agent_that_was_killed_froze_its_successor_thaws(slot: &mut Slot) {
    let vm = slot.vm();
    let mut client = vm.client();
    let freeze = commands::GuestFsfreezeFreeze::new();
    assert_eq!(client.execute_within(&freeze, PATIENCE).expect("frozen"), 1);
    vm.kill_agent();
    let status = commands::GuestFsfreezeStatus::new();
    assert_eq!(client.execute_within(&status, PATIENCE).expect("told"), Frozen);
    assert_eq!(client.guest_fsfreeze_thaw().expect("thawed"), 1);
    vm.start_writing();
    until("the file system is written to", || vm.has_written());
}

fn while_frozen_other_commands_are_refused_with_that_reason(slot: &mut Slot) {
    let mut client = slot.vm().client();
    let freeze = commands::GuestFsfreezeFreeze::new();
    assert_eq!(client.execute_within(&freeze, PATIENCE).expect("frozen"), 1);
    let refused = [
        client.guest_get_host_name().map(drop).expect_err("frozen"),
        client.guest_fsfreeze_freeze().map(drop).expect_err("frozen"),
        client.guest_shutdown(commands::GuestShutdown::new()).map(drop).expect_err("frozen"),
    ];
    let allowed = client.guest_ping().and_then(|_| client.guest_info());
    assert_eq!(client.guest_fsfreeze_thaw().expect("thawed"), 1);
    for error in refused {
        assert!(matches!(error, Error::Refused { why: Refusal::Frozen, .. }), "{error}");
    }
    allowed.expect("these are answered while frozen");
}
