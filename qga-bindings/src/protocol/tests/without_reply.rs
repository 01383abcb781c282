//! How a session takes what follows a command that is not answered on success.

use super::*;

fn shutting_down() -> Session {
    let mut session = ready();
    session.submit(&Request::raw("guest-shutdown", &()).unwrap().without_reply()).unwrap();
    let expected =
        r#"{"execute":"guest-shutdown"}{"execute":"guest-sync-delimited","arguments":{"id":8}}"#;
    assert_eq!(written(&mut session), expected);
    session
}

#[test]
fn a_command_without_reply_is_accepted_when_the_agent_goes_on_to_what_follows() {
    let mut session = shutting_down();
    session.receive(b"\xff{\"return\": 8}\n");
    assert!(matches!(session.poll(), Some(Event::Accepted)));
    assert!(session.is_ready());
}

#[test]
fn a_command_without_reply_may_be_answered_by_an_old_agent() {
    let mut session = shutting_down();
    session.receive(b"{\"return\": {}}\n");
    assert!(session.poll().is_none());
    session.receive(b"\xff{\"return\": 8}\n");
    assert!(matches!(session.poll(), Some(Event::Accepted)));
}

#[test]
fn a_command_without_reply_may_still_fail() {
    let mut session = shutting_down();
    session.receive(b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"mode is invalid\"}}\n\xff{\"return\": 8}\n");
    assert_eq!(failed(&mut session).desc.as_deref(), Some("mode is invalid"));
    assert!(!session.is_ready());
}

#[test]
fn an_error_of_a_command_without_reply_may_be_as_long_as_a_reply() {
    let long = "x".repeat(5000);
    let error = format!(r#"{{"error": {{"class": "GenericError", "desc": "{long}"}}}}"#);
    for (limit, is_read) in [(DEFAULT_REPLY_LIMIT, true), (error.len() - 1, false), (0, false)] {
        let mut session = shutting_down();
        session.set_reply_limit(limit);
        session.receive(format!("{error}\n\u{0}").as_bytes());
        session.receive(b"\xff{\"return\": 8}\n");
        match session.poll() {
            Some(Event::Failed(error)) if is_read => assert_eq!(error.desc.as_ref(), Some(&long)),
            Some(Event::TooLong) if !is_read => {}
            other => panic!("{limit}: {other:?}"),
        }
        assert!(!session.is_ready(), "the answer to the marker may still be to come");
    }
}

#[test]
fn a_command_without_reply_is_not_accepted_where_its_error_cannot_be_read() {
    let deep = format!("{{\"error\": {{\"data\": {}\n", "[".repeat(200));
    for error in [
        &b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"\xc3\x28\"}}\n"[..],
        b"{\"error\": {\"class\": \"GenericEr",
        b"{\"er",
        deep.as_bytes(),
    ] {
        let mut session = shutting_down();
        session.receive(error);
        session.receive(b"\xff{\"return\": 8}\n");
        problem(&mut session);
        assert!(!session.is_ready(), "{}", error.escape_ascii());
    }
}

#[test]
fn an_error_of_a_command_without_reply_counts_as_soon_as_it_has_begun() {
    let error = br#"{"error": {"class": "GenericError", "desc": "no such sleep"}}"#;
    for end in 0..=error.len() {
        let mut session = shutting_down();
        session.receive(&error[..end]);
        session.finish();
        match session.poll() {
            None if end < 4 => {}
            Some(Event::Garbled { problem: ReplyProblem::BrokenOff, .. }) if end >= 4 => {}
            Some(Event::Failed(_)) if end == error.len() => {}
            other => panic!("{end} bytes: {other:?}"),
        }
    }
    for answer in [&b"\xff{\"return\": 8"[..], b"{\"return\": {", b"some noise"] {
        let mut session = shutting_down();
        session.receive(answer);
        session.finish();
        assert!(session.poll().is_none(), "{}", answer.escape_ascii());
    }
}

#[test]
fn what_cannot_be_an_error_says_nothing_about_a_command_without_reply() {
    let mut session = shutting_down();
    session.receive(b"{\"execute\":\"guest-shutdown\"}{\"execute\":\"guest-sync-delimited\"}\r\n");
    session.receive(b"{\"return\": {\xff{\"return\": 8}\n");
    assert!(matches!(session.poll(), Some(Event::Accepted)));
}

#[test]
fn a_command_counts_as_sent_with_its_closing_brace() {
    let mut session = ready();
    session.submit(&Request::raw("guest-shutdown", &()).unwrap().without_reply()).unwrap();
    let command = r#"{"execute":"guest-shutdown"}"#.len();
    session.sent(command - 1);
    assert!(!session.request_sent());
    session.sent(1);
    assert!(session.request_sent());
    assert!(!session.outgoing().is_empty());
}
