//! What a channel does to its clients: early ones, rude ones, and two at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::ops::Range;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
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
    every_request_of_many_is_answered_while_no_more_than_4096_bytes_wait,
    requests_of_any_size_are_answered_one_at_a_time_also_after_a_flood_that_lost_replies,
];

/// How many bytes of requests an agent reads at once. While no more wait, no reply is lost.
const IN_FLIGHT: usize = 4096;

/// The last agent that is known to lose replies when more wait.
const LAST_THAT_LOSES: (u16, u16) = (11, 1);

/// A client without manners.
fn rude(slot: &mut Slot) -> UnixStream {
    let vm = slot.vm();
    vm.client().execute_within(&commands::GuestPing::new(), PATIENCE).expect("the agent runs");
    let stream = UnixStream::connect(vm.socket()).expect("the machine listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    stream
}

/// A request that returns a number.
fn sync(id: usize) -> String {
    format!("{{\"execute\":\"guest-sync\",\"arguments\":{{\"id\":{id}}}}}")
}

fn a_client_that_comes_before_the_agent_is_answered_when_the_agent_comes(slot: &mut Slot) {
    let vm = slot.new_vm();
    let mut client = vm.client();
    let error = client.execute_within(&commands::GuestPing::new(), Duration::from_millis(200));
    let error = error.expect_err("nothing boots that quickly");
    assert!(matches!(error, Error::NotSent { cause: Cause::Deadline { .. }, .. }), "{error}");
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("answered after the boot");
    // Syncs that were sent again meanwhile are answered as well, and mean nothing any more.
    let sync = commands::GuestSync::new(4711);
    assert_eq!(client.execute_within(&sync, PATIENCE).expect("answered"), 4711);
}

fn replies_that_another_client_left_behind_are_not_taken_for_ours(slot: &mut Slot) {
    let mut rude = rude(slot);
    // More answers than fit into a socket, and then some that look like ours.
    let requests =
        "{\"execute\":\"guest-info\"}".repeat(150) + &(0..8).map(sync).collect::<String>();
    assert!(requests.len() <= IN_FLIGHT, "some of the replies would be lost");
    rude.write_all(requests.as_bytes()).expect("written");
    rude.read_exact(&mut [0]).expect("the agent has begun to answer");
    drop(rude);
    let (mut client, heard) = slot.vm().overheard_client();
    let sync = commands::GuestSync::new(4711);
    assert_eq!(client.execute_within(&sync, PATIENCE).expect("answered"), 4711);
    assert!(heard.len() > 100_000, "{} bytes came, of which most were left behind", heard.len());
    assert_eq!(heard.count(b"{\"return\": 7}\n"), 1, "an answer that looks like ours");
}

fn the_rest_of_a_reply_that_another_client_left_behind_is_skipped(slot: &mut Slot) {
    let open = commands::GuestFileOpen::new("/dev/zero");
    let handle = slot.vm().client().execute_within(&open, PATIENCE).expect("opened");
    let mut rude = rude(slot);
    let read = format!(
        "{{\"execute\":\"guest-file-read\",\"arguments\":{{\"handle\":{handle},\"count\":4000000}}}}"
    );
    rude.write_all(read.as_bytes()).expect("written");
    rude.read_exact(&mut [0; 1000]).expect("the reply has begun");
    drop(rude);
    let (mut client, heard) = slot.vm().overheard_client();
    let close = commands::GuestFileClose::new(handle);
    client.execute_within(&close, PATIENCE).expect("megabytes are skipped");
    assert!(heard.len() > 1_000_000, "{} bytes came", heard.len());
}

fn half_a_request_that_another_client_left_behind_does_no_harm(slot: &mut Slot) {
    for half in [r#"{"execute":"guest-sync","arguments":{"id":"#, r#"{"execute":"guest-p"#, "[[[["]
    {
        rude(slot).write_all(half.as_bytes()).expect("written");
        let sync = commands::GuestSync::new(4711);
        let answer = slot.vm().client().execute_within(&sync, PATIENCE);
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
    second.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
}

fn every_request_of_many_is_answered_while_no_more_than_4096_bytes_wait(slot: &mut Slot) {
    let mut rude = BufReader::new(rude(slot));
    for _ in 0..3 {
        let ids = 10..90;
        let requests = ids.clone().map(sync).collect::<String>();
        assert!(requests.len() <= IN_FLIGHT && requests.len() > 3500, "{} bytes", requests.len());
        rude.get_mut().write_all(requests.as_bytes()).expect("written");
        for id in ids {
            assert_eq!(line(&mut rude), format!("{{\"return\": {id}}}"));
        }
    }
}

/// Sends requests with these numbers as fast as they go while reading what comes, and tells how many were answered.
fn flood(rude: UnixStream, ids: Range<usize>) -> usize {
    let Range { start, end } = ids;
    let mut writer = rude.try_clone().expect("another handle");
    let (sender, written) = mpsc::channel();
    std::thread::spawn(move || {
        // One by one, so that what the agent reads at once does not end where a request does.
        for id in start..end {
            writer.write_all(sync(id).as_bytes()).expect("written");
        }
        // The answer to this one may be lost as well, as long as others wait to be read.
        while sender.send(()).is_ok() {
            std::thread::sleep(Duration::from_millis(200));
            writer.write_all(sync(end).as_bytes()).expect("written");
        }
    });
    let mut rude = BufReader::new(rude);
    let (mut before, mut answered) = (None, 0);
    loop {
        let line = line(&mut rude);
        let id = line.strip_prefix("{\"return\": ").and_then(|rest| rest.strip_suffix('}'));
        let id = id.and_then(|id| id.parse::<usize>().ok()).expect("a number");
        if id < start {
            // It is an answer to the flood before.
            continue;
        }
        if id == end {
            drop(written);
            return answered;
        }
        assert!(before < Some(id), "{id} comes after {before:?}");
        before = Some(id);
        answered += 1;
    }
}

fn line(reader: &mut BufReader<UnixStream>) -> String {
    let mut line = String::new();
    assert!(reader.read_line(&mut line).expect("read") > 0, "the machine is off");
    line.trim_end().to_owned()
}

fn requests_of_any_size_are_answered_one_at_a_time_also_after_a_flood_that_lost_replies(
    slot: &mut Slot,
) {
    const COUNT: usize = 3000;
    // Agents that read more than they answer at a time lose some of the replies: nearly always, but it takes an agent that is slower
    // than we are.
    let release = slot.guest.agent.release;
    let loses = (release.major, release.minor) <= LAST_THAT_LOSES;
    let has_lost = (0..if loses { 10 } else { 1 }).any(|time| {
        let first = time * (COUNT + 1);
        flood(rude(slot), first..first + COUNT) < COUNT
    });
    assert!(has_lost || !loses, "nothing was lost of ten times {COUNT} replies");
    let vm = slot.vm();
    let mut client = vm.client();
    let open = commands::GuestFileOpen::new("/dev/null").mode("w");
    let handle = client.execute_within(&open, PATIENCE).expect("opened");
    // About the size of the agent's buffer, its multiples, and far beyond.
    for size in (3000..3100).chain([6000, 6100, 6144, 40_000, 60_000]) {
        let write = commands::GuestFileWrite::new(handle, vec![0; size]);
        let written = client.execute_within(&write, PATIENCE).expect("answered").count;
        assert_eq!(usize::try_from(written), Ok(size));
    }
    client.guest_file_close(commands::GuestFileClose::new(handle)).expect("closed");
}
