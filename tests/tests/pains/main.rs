//! What users of other clients of the guest agent suffer from, by rank.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod helpers;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use qga_bindings::commands::{
    GuestExec, GuestFileWrite, GuestFsfreezeFreeze, GuestGetDisks, GuestGetTime, GuestPing,
};
use qga_bindings::fake::Answer;
use qga_bindings::protocol::{DEFAULT_REPLY_LIMIT, Request};
use qga_bindings::ready::{Ready, Reason};
use qga_bindings::{Cause, Command, Deadlines, Error, Refusal, Stage, Support};
use qga_tests::face::Face;
use qga_tests::in_both_faces;
use serde_json::json;

const REPLY_LIMIT: usize = DEFAULT_REPLY_LIMIT;

/// Time enough for anything that does not wait for the agent.
const AMPLE: Duration = Duration::from_secs(60);

/// Time to wait for an agent that will not answer.
const SHORT: Duration = Duration::from_millis(60);

/// When an agent answers for which nobody waited, however slow this machine is.
const MUCH_LATER: Duration = Duration::from_secs(2);

fn request(name: &'static str) -> Request {
    Request::raw(name, &()).expect("no arguments")
}

in_both_faces! {
    fn pain_01_waiting_time_is_wrong_in_both_directions(agent, client) {
        // Not one number for everything, and never without end ...
        let limits = Deadlines::new();
        assert!(limits.of(GuestPing::NAME) <= Duration::from_secs(10));
        assert!(limits.of(GuestFsfreezeFreeze::NAME) >= Duration::from_secs(600));
        assert!(limits.of("somebody-elses-command") <= Duration::from_secs(60));
        // ... and what is known better for one call goes before that.
        client.execute(&GuestPing::new(), AMPLE).expect("served");
        agent.on("guest-get-time", |_| Answer::json("12").after(MUCH_LATER));
        let start = Instant::now();
        client.execute(&GuestGetTime::new(), SHORT).expect_err("too slow");
        assert!(start.elapsed() < AMPLE / 4);
        assert_eq!(client.execute(&GuestGetTime::new(), AMPLE).expect("waited for"), 12);
    }

    fn pain_02_a_timeout_poisons_the_session(agent, client) {
        let mut count = 0;
        agent.on("guest-get-time", move |_| {
            count += 1;
            if count % 2 == 1 { Answer::silence() } else { Answer::value(&count) }
        });
        client.execute(&GuestPing::new(), AMPLE).expect("served");
        for round in 1..=5 {
            let error = client.execute(&GuestGetTime::new(), SHORT).expect_err("too slow");
            assert!(error.is_timeout(), "{error}");
            agent.send(Answer::value(&(2 * round - 1)));
            assert_eq!(client.execute(&GuestGetTime::new(), AMPLE).expect("in time"), 2 * round);
        }
    }

    fn pain_04_whether_the_agent_is_there_cannot_be_told(agent, client) {
        let mut reasons = Vec::new();
        let mut note = |client: &mut dyn Face, ready: &Ready| {
            let error = client.ready(ready).expect_err("it is not ready");
            reasons.push((error.reason.clone(), error.to_string()));
        };
        let ready = Ready::within(SHORT);
        agent.set_refusing(true);
        note(&mut client, &ready);
        agent.set_refusing(false);
        let exec = Ready::within(AMPLE).with::<GuestExec>();
        note(&mut client, &exec);
        agent.on("guest-exec", |_| Answer::empty()).disable("guest-exec");
        note(&mut client, &exec);
        client.release(AMPLE);
        agent.on("guest-sync-delimited", |_| Answer::silence().then_hang_up());
        note(&mut client, &ready);
        agent.on("guest-sync-delimited", |_| Answer::silence());
        note(&mut client, &ready);

        let (reasons, messages): (Vec<_>, BTreeSet<_>) = reasons.into_iter().unzip();
        let command = |why| Reason::Command { name: "guest-exec", why };
        let expected = [
            Reason::Refused,
            command(Refusal::Unsupported),
            command(Refusal::Disabled),
            Reason::HungUp,
            Reason::Silent,
        ];
        assert_eq!(reasons, expected);
        assert_eq!(messages.len(), expected.len());
    }

    fn pain_05_a_command_is_blocked_by_policy_and_the_error_text_changes_with_the_version(agent, client) {
        agent.on("guest-exec", |_| Answer::empty()).disable("guest-exec");
        for (class, desc) in [
            ("CommandDisabled", "The command guest-exec has been disabled for this instance"),
            ("GenericError", "The command guest-exec has been disabled for this instance"),
            ("CommandNotFound", "The command guest-exec has been disabled for this instance"),
            ("CommandNotFound", "Command guest-exec has been disabled"),
            ("CommandNotFound", "Command guest-exec has been disabled: the command is not allowed"),
            ("CommandNotFound", "What a later release may say"),
        ] {
            agent.replace_next_answer("guest-exec", Answer::error(class, desc));
            match client.ask(&request("guest-exec"), AMPLE) {
                Err(Error::Refused { why: Refusal::Disabled, error, .. }) => {
                    assert_eq!(error.desc.as_deref(), Some(desc));
                }
                other => unreachable!("{class}: {desc}: {other:?}"),
            }
        }
    }

    fn pain_06_bindings_lag_behind_and_break_with_each_release(agent, client) {
        let disks = json!([{
            "name": "/dev/x", "partition": false, "a-member-of-a-later-release": {"deep": [1]},
            "address": {
                "bus-type": "a-bus-of-a-later-release", "bus": 1, "unit": 2, "target": 3, "dev": "/dev/x",
                "pci-controller": {"domain": 0, "bus": 0, "slot": 1, "function": 0}
            }
        }]);
        agent.on("guest-get-disks", move |_| Answer::value(&disks));
        let disks = client.execute(&GuestGetDisks::new(), AMPLE).expect("understood");
        let bus = disks[0].address.as_ref().map(|address| address.bus_type.as_str().to_owned());
        assert_eq!(bus.as_deref(), Some("a-bus-of-a-later-release"));
    }

    fn pain_09_large_replies_kill_or_truncate(agent, client) {
        // What a read of 48 MiB, the most that agents allow, looks like.
        let data = "A".repeat(64 << 20);
        agent.on("guest-file-read", move |_| Answer::json(&format!("{{\"count\": 50331648, \"buf-b64\": \"{data}\", \"eof\": false}}")));
        let reply = client.ask(&request("guest-file-read"), AMPLE).expect("it fits").expect("a reply");
        assert!(reply.len() > 64 << 20 && reply.ends_with("\"eof\": false}"));
        agent.on("guest-file-read", move |_| Answer::json(&format!("\"{}\"", "A".repeat(REPLY_LIMIT))));
        let error = client.ask(&request("guest-file-read"), AMPLE).expect_err("it does not");
        assert!(matches!(error, Error::TooLong { .. }), "{error}");
        client.execute(&GuestPing::new(), AMPLE).expect("the session survives");
    }

    fn pain_10_shutdown_suspend_and_reboot_have_no_reply(agent, client) {
        for answer in [Answer::silence(), Answer::silence().then_hang_up(), Answer::empty()] {
            agent.on("guest-shutdown", move |_| answer.clone());
            let accepted = client.ask(&request("guest-shutdown").without_reply(), AMPLE).expect("accepted");
            assert_eq!(accepted, None);
        }
        agent.on("guest-shutdown", |_| Answer::error("GenericError", "mode is invalid"));
        let error = client.ask(&request("guest-shutdown").without_reply(), AMPLE).expect_err("not accepted");
        assert!(matches!(error, Error::Failed { .. }), "{error}");
    }

    fn pain_12_everyone_writes_json_and_base64_by_hand(agent, client) {
        agent.on("guest-exec", |_| Answer::json("{\"pid\": 1}"));
        agent.on("guest-file-write", |_| Answer::json("{\"count\": 5, \"eof\": false}"));
        let awkward = ["\"", "\\", "\\\"; rm -rf /", "%s", "\n\t\u{1}", "caf\u{e9} \u{1f600}", "", "$(x)"];
        client.execute(&GuestExec::new("/bin/echo").arg(awkward), AMPLE).expect("executed");
        client.execute(&GuestFileWrite::new(7, [0, 255, 10, 13, 34]), AMPLE).expect("executed");
        let calls = agent.requests();
        assert_eq!(calls[0].arguments["arg"], json!(awkward));
        assert_eq!(calls[1].arguments, json!({"handle": 7, "buf-b64": "AP8KDSI="}));
        let error = client.execute(&GuestExec::new("a\0b"), AMPLE).expect_err("agents garble it");
        assert!(matches!(error, Error::NotSent { cause: Cause::Nul, .. }), "{error}");
        assert_eq!(agent.requests().len(), 2);
    }

    fn pain_13_versions_do_not_tell_what_an_agent_can_do(agent, client) {
        for version in ["104.0.2", "2.4.0", "9.0", "", "nightly"] {
            agent.set_version(version);
            client.release(AMPLE);
            let capabilities = client.capabilities().expect("told");
            assert_eq!(capabilities.of::<GuestPing>(), Support::Enabled);
            assert_eq!(capabilities.of::<GuestExec>(), Support::Absent);
        }
    }

    fn pain_14_one_client_at_a_time(agent, client) {
        // From where nobody can tell that another client is served: it is silent, and nothing was sent.
        agent.on("guest-sync-delimited", |_| Answer::silence());
        let error = client.execute(&GuestPing::new(), SHORT).expect_err("another is served");
        let Error::NotSent { cause: Cause::Deadline { waiting_for: Stage::Handshake, .. }, .. } = &error else {
            unreachable!("{error}")
        };
        assert!(error.to_string().contains("another client"), "{error}");
        assert!(agent.requests().is_empty());
    }

    fn pain_15_retries_are_unsafe(agent, client) {
        client.repeat_queries();
        agent.on("guest-exec", |_| Answer::silence().then_hang_up());
        let error = client.ask(&request("guest-exec"), AMPLE).expect_err("no reply");
        assert!(error.may_have_run(), "{error}");
        agent.on("guest-exec", |_| Answer::error("GenericError", "no such program"));
        client.ask(&request("guest-exec"), AMPLE).expect_err("failed");
        assert_eq!(agent.requests().len(), 2);
    }
}
