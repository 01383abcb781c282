//! Agents that are not QEMU's, or not built by it, as fakes of ours: what a client of both kinds makes of them.

use std::time::Duration;

use qga_bindings::exec::{Exec, Exit};
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::{
    Commands as _, Deadlines, Error, ErrorClass, Refusal, Release, blocking, commands, tokio,
};
use qga_tests::both::block_on;

/// Time to wait for the answer to a request that the agent has thrown away.
fn impatient() -> Deadlines {
    Deadlines::new().command("guest-file-write", Duration::from_millis(150))
}

/// Bytes without a short period, so that a piece in the wrong place shows.
fn bytes() -> Vec<u8> {
    (0_u32..50_000).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()).collect()
}

#[test]
fn a_file_is_written_in_small_pieces_to_an_agent_that_throws_long_requests_away() {
    use blocking::Helpers as _;
    let agent = Agent::of_macos();
    let mut client = blocking::Client::new(agent.connect()).with_deadlines(impatient());
    client.files().write("/tmp/file", &bytes()).unwrap();
    assert!(client.files().read("/tmp/file", 1 << 20).unwrap() == bytes());
}

#[test]
fn a_file_is_written_in_small_pieces_asynchronously_to_an_agent_that_throws_long_requests_away() {
    use tokio::Helpers as _;
    let agent = Agent::of_macos();
    let mut client = tokio::Client::new(agent.connect()).with_deadlines(impatient());
    let read = block_on(async {
        client.files().write("/tmp/file", &bytes()).await.unwrap();
        client.files().read("/tmp/file", 1 << 20).await.unwrap()
    });
    assert!(read == bytes());
}

#[test]
fn a_write_whose_answer_came_too_late_is_not_repeated() {
    use blocking::Helpers as _;
    let agent = Agent::of_release(Release::new(10, 0));
    let mut client = blocking::Client::new(agent.connect()).with_deadlines(impatient());
    // The first write is done, and its answer is lost.
    agent.replace_next_answer("guest-file-write", Answer::silence());
    client.files().write("/tmp/file", &bytes()).unwrap();
    assert!(client.files().read("/tmp/file", 1 << 20).unwrap() == bytes());
}

#[test]
fn an_agent_of_macos_is_told_by_what_it_answers_and_not_by_its_words() {
    use blocking::Helpers as _;
    let agent = Agent::of_macos();
    let mut client = blocking::Client::new(agent.connect());
    // Numbers that floating point holds come back; others are the agent's loss.
    assert_eq!(client.guest_sync(commands::GuestSync::new(1 << 52)).unwrap(), 1 << 52);
    let error = client.guest_file_close(commands::GuestFileClose::new(7)).unwrap_err();
    let Error::Failed { error, .. } = error else { panic!("{error}") };
    assert_eq!(error.class, ErrorClass::from("InvalidParameter"));
    agent.disable("guest-get-users");
    let error = client.guest_get_users().unwrap_err();
    assert!(matches!(error, Error::Refused { why: Refusal::Disabled, .. }), "{error}");
    // Commands that QEMU never had do no harm to the list of those it has.
    assert!(client.guest_info().unwrap().supported_commands.unwrap().len() > 40);
    client.overview().unwrap();
}

#[test]
fn a_program_that_a_signal_ended_is_told_so_although_there_is_an_exit_code() {
    use blocking::Helpers as _;
    let agent = Agent::of_macos();
    agent.on("guest-exec", |_| Answer::json("{\"pid\": 1}"));
    agent.on("guest-exec-status", |_| {
        Answer::json("{\"exited\": true, \"exitcode\": -1, \"signal\": 9}")
    });
    let output = blocking::Client::new(agent.connect()).exec(&Exec::new("sleep")).unwrap();
    assert_eq!(output.exit, Exit::Signal(9));
}

#[test]
fn an_agent_of_windows_has_a_version_that_says_nothing_of_what_it_understands() {
    let agent = Agent::of_windows(Release::new(7, 2));
    agent.set_version("104.0.2");
    let mut client = blocking::Client::new(agent.connect());
    let error = client.guest_get_load().unwrap_err();
    assert!(error.is_unsupported(), "{error}");
    assert_eq!(error.agent_error().unwrap().needs, None);
    client.guest_get_host_name().unwrap();
}
