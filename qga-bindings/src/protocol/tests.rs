//! How a session takes what agents, and worse, send.

mod without_reply;

use super::*;
use crate::{AgentError, ErrorClass, ReplyProblem};

const PARSE_ERROR: &str =
    r#"{"error": {"class": "GenericError", "desc": "JSON parse error, stray '\uFFFD'"}}"#;
const NOT_FOUND: &str =
    r#"{"error": {"class": "CommandNotFound", "desc": "Command X has been disabled"}}"#;

fn written(session: &mut Session) -> String {
    let text = String::from_utf8_lossy(session.outgoing()).into_owned();
    session.sent(session.outgoing().len());
    text
}

fn ready() -> Session {
    let mut session = Session::new();
    session.sync(7);
    written(&mut session);
    session.receive(b"\xff{\"return\": 7}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)));
    session
}

fn busy() -> Session {
    let mut session = ready();
    session.submit(&Request::raw("guest-ping", &()).unwrap()).unwrap();
    written(&mut session);
    session
}

fn returned(session: &mut Session) -> String {
    match session.poll() {
        Some(Event::Returned(reply)) => reply.value().unwrap().get().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn failed(session: &mut Session) -> AgentError {
    match session.poll() {
        Some(Event::Failed(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn problem(session: &mut Session) -> ReplyProblem {
    match session.poll() {
        Some(Event::Garbled { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_handshake_begins_with_a_newline_and_ff_and_ends_with_the_brace() {
    let mut session = Session::new();
    session.sync(7);
    assert_eq!(
        session.outgoing(),
        b"\n\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}"
    );
}

#[test]
fn everything_before_the_answer_to_the_handshake_is_dropped() {
    let mut session = Session::new();
    session.sync(7);
    for stale in [
        "AAAAAAAA\", \"eof\": false}}\n",
        "{\"return\": {}}\n",
        "\u{0}\u{1}\n\n",
        "{\"return\": 6}\n",
        "{\"return\": [[[\n",
        PARSE_ERROR,
        "\n",
    ] {
        session.receive(stale.as_bytes());
        assert!(session.poll().is_none(), "{stale}");
    }
    session.receive(b"\xff{\"return\": 5}\n\xff{\"return\": 7}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)));
    assert!(session.is_ready());
}

#[test]
fn half_a_reply_without_end_is_dropped_at_ff() {
    let mut session = Session::new();
    session.sync(7);
    session.receive(b"{\"return\": {\"buf-b64\": \"AAAA");
    session.receive(b"\xff{\"return\": 7}\n");
    assert!(session.is_ready());
}

#[test]
fn the_number_may_come_back_as_floating_point() {
    for number in ["7.0", "7e0", "7"] {
        let mut session = Session::new();
        session.sync(7);
        session.receive(format!("\u{0}\n{{\"id\": null, \"return\": {number}}}\r\n").as_bytes());
        assert!(session.is_ready(), "{number}");
    }
}

#[test]
fn an_agent_without_delimited_sync_is_asked_for_the_plain_one() {
    let mut session = Session::new();
    session.sync(7);
    written(&mut session);
    session.receive(format!("{PARSE_ERROR}\n{NOT_FOUND}\n").as_bytes());
    assert_eq!(written(&mut session), "\n{\"execute\":\"guest-sync\",\"arguments\":{\"id\":8}}");
    session.receive(b"{\"return\": 6}\n{\"return\": 8}\n");
    assert!(session.is_ready());
}

#[test]
fn a_late_refusal_of_an_older_command_does_not_shift_the_handshake() {
    let mut session = Session::new();
    session.sync(7);
    written(&mut session);
    session.receive(format!("{NOT_FOUND}\n{PARSE_ERROR}\n\u{0}").as_bytes());
    written(&mut session);
    session.receive(b"\xff{\"return\": 7}\n");
    assert!(!session.is_ready(), "the answer to the plain sync is still to come");
    session.receive(b"{\"return\": 8}\n");
    assert!(session.is_ready());
}

#[test]
fn where_every_sync_is_disabled_a_refusal_that_repeats_a_made_up_name_is_the_marker() {
    let mut session = Session::new();
    session.sync(7);
    written(&mut session);
    for fallback in
        [r#"{"execute":"guest-sync","arguments":{"id":8}}"#, r#"{"execute":"no-such-command-9"}"#]
    {
        session.receive(format!("{NOT_FOUND}\n").as_bytes());
        assert_eq!(written(&mut session).trim_start(), fallback);
    }
    session.receive(format!("{NOT_FOUND}\n").as_bytes());
    assert!(!session.is_ready());
    let echo = br#"{"error": {"class": "CommandNotFound", "desc": "The command no-such-command-9 has not been found"}}"#;
    session.receive(echo);
    session.receive(b"\n");
    assert!(session.is_ready());
}

#[test]
fn a_command_is_refused_until_the_channel_is_in_order_and_free() {
    let ping = Request::raw("guest-ping", &()).unwrap();
    assert_eq!(Session::new().submit(&ping), Err(NotReady));
    assert_eq!(busy().submit(&ping), Err(NotReady));
    assert_eq!(ready().submit(&ping), Ok(()));
}

#[test]
fn a_reply_may_carry_an_id_a_carriage_return_or_a_leading_ff() {
    for reply in
        ["{\"return\": 1, \"id\": 5}\n", "{\"id\":{},\"return\":1}\r\n", " \t{\"return\":1} \n"]
    {
        let mut session = busy();
        session.receive(b"\xff");
        session.receive(reply.as_bytes());
        assert_eq!(returned(&mut session), "1", "{reply}");
        assert!(session.is_ready());
    }
}

#[test]
fn echoes_and_noise_before_a_reply_are_skipped() {
    let mut session = busy();
    session.receive(b"xecute\": \"guest-sync\"}\r\n{\"execute\":\"guest-ping\"}\r\n\n[ 1.2] usb 1-1\n{\"return\": {}}\n");
    assert_eq!(returned(&mut session), "{}");
    assert!(session.is_ready());
}

#[test]
fn what_looks_like_a_reply_and_is_none_is_reported_with_its_text() {
    for line in [
        "{\"return\": {\"a",
        "{}",
        "{\"return\": 1, \"error\": {\"class\": \"X\"}}",
        "{\"return\": \"\u{1}\"}",
    ] {
        let mut session = busy();
        session.receive(line.as_bytes());
        session.receive(b"\n");
        match session.poll() {
            Some(Event::Garbled { problem: ReplyProblem::Malformed(_), reply }) => {
                assert_eq!(reply, line.as_bytes());
            }
            other => panic!("{line}: {other:?}"),
        }
        assert!(!session.is_ready(), "{line}");
    }
}

#[test]
fn a_reply_that_is_not_utf8_is_malformed() {
    let mut session = busy();
    session.receive(b"{\"return\": \"\xc3\x28\"}\n");
    assert!(matches!(problem(&mut session), ReplyProblem::Malformed(_)));
}

#[test]
fn a_reply_with_ff_inside_is_broken_off() {
    let mut session = busy();
    session.receive(b"{\"return\": \"a\xffb\"}\n");
    assert!(matches!(problem(&mut session), ReplyProblem::BrokenOff));
    assert!(!session.is_ready());
}

#[test]
fn a_reply_nested_too_deeply_is_reported_and_the_session_goes_on() {
    let mut session = busy();
    session.receive(
        format!("{{\"return\": {}{}}}\n", "[".repeat(100_000), "]".repeat(100_000)).as_bytes(),
    );
    assert!(matches!(problem(&mut session), ReplyProblem::TooDeep { .. }));
    assert!(session.is_ready());
}

#[test]
fn a_reply_that_is_too_long_is_dropped_and_the_session_goes_on() {
    let mut session = busy();
    session.set_reply_limit(1000);
    session.receive(b"{\"return\": \"");
    for _ in 0..100 {
        session.receive(&[b'A'; 100]);
        assert!(session.poll().is_none());
    }
    session.receive(b"\"}\n");
    assert!(matches!(session.poll(), Some(Event::TooLong)));
    assert!(session.is_ready());
}

#[test]
fn a_reply_nobody_asked_for_puts_the_session_out_of_order() {
    let mut session = busy();
    session.receive(b"{\"return\": 1}\n{\"return\": 1}\n");
    assert_eq!(returned(&mut session), "1");
    assert!(!session.is_ready());
    let mut session = ready();
    session.receive(b"{");
    assert!(!session.is_ready());
    let mut session = ready();
    session.receive(b"\r\nsome noise\n\xff");
    assert!(session.is_ready());
}

#[test]
fn numbers_that_json_cannot_say_do_not_hide_the_reply() {
    let mut session = busy();
    session.receive(b"{\"return\": {\"load\": nan}, \"id\": inf}\n");
    assert_eq!(returned(&mut session), "{\"load\": null}");
}

#[test]
fn a_complaint_about_the_requests_text_may_be_one_of_many() {
    let mut session = busy();
    session.receive(PARSE_ERROR.as_bytes());
    session.receive(b"\n");
    assert_eq!(failed(&mut session).class, ErrorClass::GenericError);
    assert!(!session.is_ready());
    let mut session = busy();
    session.receive(NOT_FOUND.as_bytes());
    session.receive(b"\n");
    assert_eq!(failed(&mut session).class, ErrorClass::CommandNotFound);
    assert!(session.is_ready());
}

#[test]
fn a_reply_that_lacks_only_its_newline_counts_when_nothing_more_will_come() {
    let mut session = busy();
    session.receive(b"{\"return\": {}}");
    assert!(session.poll().is_none());
    session.finish();
    assert_eq!(returned(&mut session), "{}");
    assert!(!session.is_ready());
    let mut session = busy();
    session.receive(b"{\"return\": {}");
    session.finish();
    assert!(session.poll().is_none());
}

#[test]
fn a_late_reply_is_not_taken_for_the_next_one() {
    let mut session = busy();
    session.abandon();
    session.receive(b"{\"return\": \"la");
    session.sync(9);
    session.receive(b"te\"}\n");
    session.receive(PARSE_ERROR.as_bytes());
    session.receive(b"\n\xff{\"return\": 9}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)));
    assert!(session.is_ready());
}

#[test]
fn an_agent_that_answers_each_handshake_when_the_next_begins_is_given_ends_of_lines() {
    let mut session = Session::new();
    session.sync(7);
    written(&mut session);
    session.sync(8);
    written(&mut session);
    session.receive(b"\xff{\"return\": 7}\n");
    session.sync(9);
    assert!(written(&mut session).ends_with("}\n"));
    session.receive(b"\xff{\"return\": 8}\n\xff{\"return\": 9}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)));
    session.submit(&Request::raw("guest-ping", &()).unwrap()).unwrap();
    assert_eq!(written(&mut session), "{\"execute\":\"guest-ping\"}\n");
    session.receive(b"{\"return\": {}}\n");
    assert_eq!(returned(&mut session), "{}");
}

#[test]
fn an_agent_that_answers_all_handshakes_at_once_is_given_nothing_behind_a_brace() {
    let mut session = Session::new();
    session.sync(7);
    written(&mut session);
    session.sync(8);
    written(&mut session);
    session.receive(b"\xff{\"return\": 7}\n\xff{\"return\": 8}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)));
    session.sync(9);
    assert!(written(&mut session).ends_with('}'));
}
