//! What a client makes of agents that fail, lie or fall silent: an outcome in time, and a next call that works.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use qga_bindings::commands::GuestGetHostName;
use qga_bindings::fake::Answer;
use qga_bindings::protocol::Request;
use qga_bindings::{Cause, Error, Refusal, ReplyProblem, Stage};
use qga_tests::face::Face;
use qga_tests::in_both_faces;

const REPLY_LIMIT: usize = 100_000;

/// Time enough for anything that does not wait for the agent.
const AMPLE: Duration = Duration::from_secs(20);

/// Time to wait for an agent that will not answer.
const SHORT: Duration = Duration::from_millis(60);

/// When an agent answers for which nobody waited, however slow this machine is.
const MUCH_LATER: Duration = Duration::from_secs(2);

fn request(name: &'static str) -> Request {
    Request::raw(name, &()).expect("no arguments")
}

fn ask(client: &mut impl Face, name: &'static str) -> Result<Option<String>, Error> {
    client.ask(&request(name), AMPLE)
}

/// The next call works and gets its own reply.
fn recovers(client: &mut impl Face) {
    assert_eq!(ask(client, "guest-ping").expect("the next call works").as_deref(), Some("{}"));
}

in_both_faces! {
    fn a_stale_reply_of_an_earlier_client_is_not_taken_for_ours(agent, client) {
        agent.send(Answer::bytes("AAAA\", \"eof\": false}}\n{\"return\": {\"pid\": 1}}\n{\"return\": ["));
        recovers(&mut client);
    }

    fn silence_ends_at_the_deadline_and_the_late_reply_is_not_taken_for_the_next(agent, client) {
        agent.on("guest-get-time", |_| Answer::silence());
        recovers(&mut client);
        let start = Instant::now();
        let error = client.ask(&request("guest-get-time"), SHORT).expect_err("no reply in time");
        assert!(start.elapsed() >= SHORT);
        let Error::OutcomeUnknown { cause: Cause::Deadline { waiting_for, .. }, .. } = error else { panic!("{error}") };
        assert_eq!(waiting_for, Stage::Reply);
        agent.send(Answer::json("12"));
        recovers(&mut client);
    }

    fn a_call_that_is_dropped_does_not_leave_its_reply_to_the_next(agent, client) {
        agent.on("guest-get-time", |_| Answer::json("12").after(SHORT));
        recovers(&mut client);
        client.ask_and_forget(&request("guest-get-time"));
        recovers(&mut client);
        assert_eq!(agent.requests().len(), 3);
    }

    fn an_agent_that_never_answers_the_handshake_has_not_been_sent_the_command(agent, client) {
        agent.on("guest-sync-delimited", |_| Answer::silence());
        let error = client.ask(&request("guest-ping"), SHORT).expect_err("no handshake");
        let Error::NotSent { cause: Cause::Deadline { waiting_for, .. }, .. } = error else { panic!("{error}") };
        assert_eq!(waiting_for, Stage::Handshake);
        assert!(agent.requests().is_empty());
        agent.on("guest-sync-delimited", |call| Answer::bytes(format!("{{\"return\": {}}}\n", call.arguments["id"])));
        recovers(&mut client);
    }

    fn a_connection_refused_is_nothing_sent(agent, client) {
        agent.set_refusing(true);
        let error = ask(&mut client, "guest-ping").expect_err("refused");
        assert!(matches!(error, Error::NotSent { cause: Cause::Io(_), .. }), "{error}");
        agent.set_refusing(false);
        recovers(&mut client);
    }

    fn a_connection_that_ends_before_the_reply_leaves_the_outcome_unknown(agent, client) {
        agent.on("guest-exec", |_| Answer::silence().then_hang_up());
        let error = ask(&mut client, "guest-exec").expect_err("no reply");
        assert!(matches!(error, Error::OutcomeUnknown { cause: Cause::Closed, .. }), "{error}");
        recovers(&mut client);
    }

    fn a_connection_that_died_unnoticed_is_made_again_and_the_command_sent_once(agent, client) {
        recovers(&mut client);
        agent.hang_up();
        recovers(&mut client);
        assert_eq!(agent.requests().len(), 2);
    }

    fn a_connection_that_ends_at_any_byte_of_a_reply_gives_a_typed_error(agent, client) {
        let reply = "{\"return\": {\"pid\": 4711}}\n";
        for length in 0..reply.len() - 1 {
            let part = reply[..length].to_owned();
            agent.on("guest-exec", move |_| Answer::bytes(part.clone()).then_hang_up());
            match ask(&mut client, "guest-exec") {
                Err(Error::OutcomeUnknown { .. }) => {}
                other => panic!("{length}: {other:?}"),
            }
            recovers(&mut client);
        }
        agent.on("guest-exec", move |_| Answer::bytes(reply.trim_end()).then_hang_up());
        assert_eq!(ask(&mut client, "guest-exec").expect("only the newline lacks").as_deref(), Some("{\"pid\": 4711}"));
    }

    fn half_a_line_and_then_silence_ends_at_the_deadline(agent, client) {
        recovers(&mut client);
        agent.on("guest-exec", |_| Answer::bytes("{\"return\": {\"pi"));
        let error = client.ask(&request("guest-exec"), SHORT).expect_err("half a reply");
        assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
        recovers(&mut client);
    }

    fn a_reply_without_newline_counts_at_the_deadline(agent, client) {
        recovers(&mut client);
        agent.on("guest-exec", |_| Answer::bytes("{\"return\": 1}"));
        assert_eq!(client.ask(&request("guest-exec"), SHORT).expect("complete").as_deref(), Some("1"));
        recovers(&mut client);
    }

    fn garbage_in_place_of_a_reply_is_told_at_once(agent, client) {
        for garbage in ["{\"return\": }\n", "{}\n", "{\"return\": \"a\u{1}b\"}\n", "{\"error\": \"no\"}\n"] {
            agent.on("guest-exec", move |_| Answer::bytes(garbage));
            match ask(&mut client, "guest-exec") {
                Err(Error::UnexpectedReply { problem: ReplyProblem::Malformed(_), reply, .. }) => {
                    assert_eq!(reply, garbage.trim_end().as_bytes());
                }
                other => panic!("{garbage}: {other:?}"),
            }
            recovers(&mut client);
        }
    }

    fn bytes_that_are_no_text_are_garbage(agent, client) {
        let broken: [&[u8]; 5] = [b"\xc3(", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"];
        for bytes in broken {
            agent.on("guest-exec", move |_| Answer::bytes([b"{\"return\": \"", bytes, b"\"}\n"].concat()));
            match ask(&mut client, "guest-exec") {
                Err(Error::UnexpectedReply { problem: ReplyProblem::Malformed(_), .. }) => {}
                other => panic!("{bytes:?}: {other:?}"),
            }
            recovers(&mut client);
        }
    }

    fn a_byte_ff_anywhere_in_a_reply_does_not_shift_later_ones(agent, client) {
        recovers(&mut client);
        let reply = b"{\"return\": {\"pid\": 4711}}\n";
        for at in 0..reply.len() {
            let mut bytes = reply.to_vec();
            bytes.insert(at, 0xFF);
            agent.on("guest-exec", move |_| Answer::bytes(bytes.clone()));
            let result = client.ask(&request("guest-exec"), SHORT);
            assert_eq!(result.is_ok(), at == 0, "{at}: {result:?}");
            recovers(&mut client);
        }
    }

    fn one_byte_at_a_time_is_enough(agent, client) {
        agent.set_piece_size(1);
        for _ in 0..3 {
            recovers(&mut client);
        }
    }

    fn a_reply_that_is_too_long_is_thrown_away_and_the_next_is_not(agent, client) {
        agent.on("guest-exec", |_| Answer::json(&format!("\"{}\"", "A".repeat(2 * REPLY_LIMIT))));
        let error = ask(&mut client, "guest-exec").expect_err("too long");
        assert!(matches!(error, Error::TooLong { limit: REPLY_LIMIT, .. }), "{error}");
        recovers(&mut client);
    }

    fn a_reply_nested_too_deeply_is_an_unexpected_one(agent, client) {
        agent.on("guest-exec", |_| Answer::json(&"[".repeat(100_000)));
        let error = ask(&mut client, "guest-exec").expect_err("too deep");
        assert!(matches!(error, Error::UnexpectedReply { problem: ReplyProblem::TooDeep { .. }, .. }), "{error}");
        recovers(&mut client);
    }

    fn a_reply_that_is_decoded_may_hold_a_number_that_json_cannot_say(agent, client) {
        agent.on("guest-get-host-name", |_| Answer::json("{\"load\": -inf, \"host-name\": \"a\"}"));
        let name = client.execute(&GuestGetHostName::new(), AMPLE).expect("a reply");
        assert_eq!(name.host_name, "a");
        recovers(&mut client);
    }

    fn a_reply_that_cannot_be_decoded_is_told_from_one_that_is_no_json(agent, client) {
        agent.on("guest-get-host-name", |_| Answer::json("{\"host-name\": 1}"));
        let error = client.execute(&GuestGetHostName::new(), AMPLE).expect_err("not of this type");
        let wrong = |error: &Error| matches!(error, Error::UnexpectedReply { problem: ReplyProblem::WrongType(_), .. });
        assert!(wrong(&error), "{error}");
        agent.on("guest-get-host-name", |_| Answer::json("{\"host-name\": }"));
        let error = client.execute(&GuestGetHostName::new(), AMPLE).expect_err("no JSON");
        let malformed = |error: &Error| matches!(error, Error::UnexpectedReply { problem: ReplyProblem::Malformed(_), .. });
        assert!(malformed(&error), "{error}");
        recovers(&mut client);
    }

    fn noise_and_echoes_before_a_reply_are_skipped(agent, client) {
        agent.on("guest-exec", |_| Answer::bytes("[    1.2] usb\r\n{\"execute\":\"guest-exec\"}\r\n{\"return\": 1}\r\n"));
        assert_eq!(ask(&mut client, "guest-exec").expect("a reply").as_deref(), Some("1"));
    }

    fn a_second_reply_that_comes_with_the_first_is_not_taken_for_the_next(agent, client) {
        agent.on("guest-exec", |_| Answer::bytes("{\"return\": 1}\n{\"return\": 1}\n"));
        assert_eq!(ask(&mut client, "guest-exec").expect("a reply").as_deref(), Some("1"));
        recovers(&mut client);
    }

    fn a_second_reply_that_comes_later_is_not_taken_for_the_next(agent, client) {
        agent.on("guest-exec", |_| Answer::json("1"));
        for _ in 0..10 {
            assert_eq!(ask(&mut client, "guest-exec").expect("a reply").as_deref(), Some("1"));
            agent.send(Answer::json("1"));
            // There is no telling this one from an answer that is quick.
            drop(ask(&mut client, "guest-ping"));
            recovers(&mut client);
        }
    }

    fn a_flood_that_nobody_asked_for_is_passed_over(agent, client) {
        recovers(&mut client);
        for line in ["{\"return\": {}}\n", "login:\n", "\u{ff}{\"error\": {\"class\": \"GenericError\"}}\n", "\u{7f}"] {
            agent.on("guest-exec", |_| Answer::silence());
            client.ask(&request("guest-exec"), SHORT).expect_err("late");
            agent.send(Answer::json("12")).send(Answer::bytes(line.repeat(100_000)));
            recovers(&mut client);
            assert_eq!(agent.unread(), 0);
        }
    }

    fn an_agent_without_delimited_sync_is_served_all_the_same(agent, client) {
        agent.without("guest-sync-delimited");
        recovers(&mut client);
    }

    fn an_agent_with_every_sync_disabled_is_served_all_the_same(agent, client) {
        agent.disable("guest-sync-delimited").disable("guest-sync");
        recovers(&mut client);
        agent.on("guest-exec", |_| Answer::silence());
        client.ask(&request("guest-exec"), SHORT).expect_err("late");
        agent.send(Answer::json("1"));
        recovers(&mut client);
    }

    fn an_error_without_description_and_of_any_class_is_the_agents(agent, client) {
        agent.on("guest-exec", |_| Answer::line("{\"id\": 3, \"error\": {\"class\": \"OpenFileFailed\", \"data\": {}}}\r"));
        let error = ask(&mut client, "guest-exec").expect_err("an error");
        assert_eq!(error.agent_error().map(|error| error.class.as_str()), Some("OpenFileFailed"));
        recovers(&mut client);
    }

    fn unsupported_disabled_and_frozen_are_told_apart(agent, client) {
        agent.on("guest-exec", |_| Answer::json("1")).disable("guest-exec");
        agent.on("guest-get-time", |_| Answer::json("1"));
        let mut why = |name| match ask(&mut client, name) {
            Err(Error::Refused { why, .. }) => why,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(why("guest-exec"), Refusal::Disabled);
        assert_eq!(why("guest-nothing"), Refusal::Unsupported);
        agent.set_frozen(true);
        assert_eq!(why("guest-get-time"), Refusal::Frozen);
        assert_eq!(why("guest-nothing"), Refusal::Unsupported);
        agent.disable("guest-info");
        assert_eq!(why("guest-get-time"), Refusal::Undetermined);
    }

    fn a_disabled_command_of_an_old_agent_is_told_from_a_failed_one(agent, client) {
        let desc = "The command guest-exec has been disabled for this instance";
        agent.on("guest-exec", move |_| Answer::error("GenericError", desc));
        let error = ask(&mut client, "guest-exec").expect_err("an error");
        assert!(matches!(error, Error::Failed { .. }), "{error}");
    }

    fn a_command_without_reply_is_done_when_the_agent_goes_on(agent, client) {
        agent.on("guest-shutdown", |_| Answer::silence());
        let start = Instant::now();
        let reply = client.ask(&request("guest-shutdown").without_reply(), AMPLE).expect("accepted");
        assert_eq!(reply, None);
        assert!(start.elapsed() < AMPLE);
        recovers(&mut client);
    }

    fn a_command_without_reply_may_end_the_connection(agent, client) {
        agent.on("guest-shutdown", |_| Answer::silence().then_hang_up());
        assert_eq!(client.ask(&request("guest-shutdown").without_reply(), AMPLE).expect("accepted"), None);
        recovers(&mut client);
    }

    fn a_command_without_reply_may_end_in_silence(agent, client) {
        recovers(&mut client);
        agent.on("guest-suspend-ram", |_| Answer::silence().after(MUCH_LATER));
        assert_eq!(client.ask(&request("guest-suspend-ram").without_reply(), SHORT).expect("accepted"), None);
        recovers(&mut client);
    }

    fn a_command_without_reply_may_fail(agent, client) {
        agent.on("guest-suspend-ram", |_| Answer::error("GenericError", "not supported by the guest"));
        let error = client.ask(&request("guest-suspend-ram").without_reply(), AMPLE).expect_err("an error");
        assert!(matches!(error, Error::Failed { .. }), "{error}");
        recovers(&mut client);
    }

    fn an_agent_that_starts_anew_in_the_middle_of_a_reply_is_found_again(agent, client) {
        let restarting = agent.clone();
        recovers(&mut client);
        agent.on("guest-exec", |_| Answer::json("1").after(AMPLE));
        client.ask(&request("guest-exec"), SHORT).expect_err("no reply");
        restarting.restart();
        recovers(&mut client);
    }

    fn what_is_due_is_read_before_a_connection_is_given_up(agent, client) {
        recovers(&mut client);
        agent.on("guest-exec", |_| Answer::json("1").after(MUCH_LATER));
        client.ask(&request("guest-exec"), SHORT).expect_err("late");
        client.release(AMPLE);
        assert_eq!(agent.unread(), 0);
        recovers(&mut client);
    }

    fn a_query_is_sent_again_only_when_asked_and_nothing_else_is(agent, client) {
        for name in ["guest-get-time", "guest-exec", "guest-exec-status"] {
            agent.on(name, |_| Answer::silence().then_hang_up());
            ask(&mut client, name).expect_err("no answer");
        }
        assert_eq!(agent.requests().len(), 3);
        client.repeat_queries();
        for name in ["guest-get-time", "guest-exec", "guest-exec-status"] {
            ask(&mut client, name).expect_err("no answer");
        }
        assert_eq!(agent.requests().len(), 3 + 2 + 1 + 1);
        recovers(&mut client);
    }
}
