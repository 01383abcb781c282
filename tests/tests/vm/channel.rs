//! What a channel does to its clients: early ones, rude ones, and two at once.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qga_bindings::{Cause, Commands as _, Error, commands};
use qga_tests::vm::PATIENCE;

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    a_client_that_comes_before_the_agent_is_answered_when_the_agent_comes,
    replies_that_another_client_left_behind_are_not_taken_for_ours,
    the_rest_of_a_reply_that_another_client_left_behind_is_skipped,
    half_a_request_that_another_client_left_behind_does_no_harm,
    a_second_client_is_silent_until_the_first_lets_go,
    requests_of_any_size_are_answered_one_at_a_time_also_after_a_flood_that_lost_replies,
];

/// A client without manners.
fn rude(slot: &mut Slot) -> UnixStream {
    let vm = slot.vm();
    vm.client().execute_within(&commands::GuestPing::new(), PATIENCE).expect("the agent runs");
    let stream = UnixStream::connect(vm.socket()).expect("the machine listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    stream
}

fn a_client_that_comes_before_the_agent_is_answered_when_the_agent_comes(slot: &mut Slot) {
    let vm = slot.new_vm();
    let mut client = vm.client();
    let error = client.execute_within(&commands::GuestPing::new(), Duration::from_millis(200));
    let error = error.expect_err("nothing boots that quickly");
    assert!(matches!(error, Error::NotSent { cause: Cause::Deadline { .. }, .. }), "{error}");
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("answered after the boot");
    // Syncs that were sent again meanwhile are answered as well, and mean nothing any more.
    assert_eq!(client.guest_sync(commands::GuestSync::new(4711)).expect("answered"), 4711);
}

fn replies_that_another_client_left_behind_are_not_taken_for_ours(slot: &mut Slot) {
    let mut rude = rude(slot);
    for id in 0..60 {
        let request = format!("{{\"execute\":\"guest-sync\",\"arguments\":{{\"id\":{id}}}}}");
        rude.write_all(request.as_bytes()).expect("written");
    }
    rude.read_exact(&mut [0]).expect("the agent has begun to answer");
    drop(rude);
    let answer = slot.vm().client().guest_sync(commands::GuestSync::new(4711));
    assert_eq!(answer.expect("answered"), 4711);
}

fn the_rest_of_a_reply_that_another_client_left_behind_is_skipped(slot: &mut Slot) {
    let open = commands::GuestFileOpen::new("/dev/zero");
    let handle = slot.vm().client().guest_file_open(open).expect("opened");
    let mut rude = rude(slot);
    let read = format!(
        "{{\"execute\":\"guest-file-read\",\"arguments\":{{\"handle\":{handle},\"count\":4000000}}}}"
    );
    rude.write_all(read.as_bytes()).expect("written");
    rude.read_exact(&mut [0; 1000]).expect("the reply has begun");
    drop(rude);
    let mut client = slot.vm().client();
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("megabytes are skipped");
}

fn half_a_request_that_another_client_left_behind_does_no_harm(slot: &mut Slot) {
    for half in [r#"{"execute":"guest-sync","arguments":{"id":"#, r#"{"execute":"guest-p"#, "[[[["]
    {
        rude(slot).write_all(half.as_bytes()).expect("written");
        let answer = slot.vm().client().guest_sync(commands::GuestSync::new(4711));
        assert_eq!(answer.expect("answered"), 4711, "after {half}");
    }
}

fn a_second_client_is_silent_until_the_first_lets_go(slot: &mut Slot) {
    let vm = slot.vm();
    let (mut first, mut second) = (vm.client(), vm.client());
    first.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    let error = second
        .execute_within(&commands::GuestPing::new(), Duration::from_millis(500))
        .expect_err("the first is served");
    assert!(error.is_busy(), "{error}");
    first.release(PATIENCE);
    second.guest_ping().expect("served");
}

fn requests_of_any_size_are_answered_one_at_a_time_also_after_a_flood_that_lost_replies(
    slot: &mut Slot,
) {
    let mut rude = rude(slot);
    // Agents that read more than they answer at a time lose some of the replies.
    let request = b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":1}}".repeat(500);
    rude.write_all(&request).expect("written");
    rude.read_exact(&mut [0]).expect("the agent has begun to answer");
    drop(rude);
    let vm = slot.vm();
    let mut client = vm.client();
    let open = commands::GuestFileOpen::new("/dev/null").mode("w");
    let handle = client.execute_within(&open, PATIENCE).expect("opened");
    // About the size of the agent's buffer, its multiples, and far beyond.
    for size in (3000..3100).chain([6000, 6100, 6144, 40_000, 60_000]) {
        let write = commands::GuestFileWrite::new(handle, vec![0; size]);
        let written = client.guest_file_write(write).expect("answered").count;
        assert_eq!(usize::try_from(written), Ok(size));
    }
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");
}
