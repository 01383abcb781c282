//! Replies that belong to nothing, and come where the reply to something else is waited for.

use std::time::Duration;

use qga_bindings::fake::Answer;
use qga_bindings::protocol::Request;
use qga_bindings::{Error, Refusal};
use qga_tests::face::Face as _;
use qga_tests::in_both_faces;

const REPLY_LIMIT: usize = 100_000;

/// Time enough for anything that does not wait for the agent.
const AMPLE: Duration = Duration::from_secs(20);

in_both_faces! {
    fn a_reply_that_cannot_be_guest_infos_does_not_shift_what_follows_a_refusal(agent, client) {
        agent.replace_next_answer("guest-info", Answer::line("{\"return\": {}}"));
        let time = Request::raw("guest-get-time", &()).expect("no arguments");
        let error = client.ask(&time, AMPLE).expect_err("there is no such command");
        assert!(matches!(error, Error::Refused { why: Refusal::Undetermined, .. }), "{error}");
        // What guest-info was really answered with.
        agent.send(Answer::json("{\"version\": \"9.2.0\", \"supported_commands\": []}"));
        agent.on("guest-get-time", |_| Answer::json("12"));
        let time = client.ask(&time, AMPLE).expect("the next call works");
        assert_eq!(time.as_deref(), Some("12"));
    }
}
