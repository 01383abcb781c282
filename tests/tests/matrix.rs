//! Commands against real agents of several releases, where the lab has them: what they answer fits the schema of their
//! release, what they do not understand is told with the release that does, and docs/compatibility.md says the same.
//!
//! What changes a machine is tried in guests: tests/vm/compatibility.rs.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use qga_bindings::protocol::Request;
use qga_bindings::{Commands as _, Error, Refusal, info};
use qga_tests::matrix::{
    Outcome, Record, agents, evidence, forms, is_about_arguments, page, page_path, pins, schema,
    try_here,
};
use qga_tests::{golden, lab};
use serde_json::json;
use xtask::lab::confine::DISABLED;

fn records() -> Vec<Record> {
    Record::all(&evidence()).expect("the records read")
}

#[test]
fn every_release_answers_and_says_which_it_is() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        let info = agent.client().guest_info().expect("an agent that runs answers");
        let release = info.version.parse();
        assert_eq!(release, Ok(fetched.release), "the agent of {}", fetched.suite);
    }
}

#[test]
fn every_form_of_every_command_is_answered_as_its_release_defines_it_and_as_the_record_says() {
    let (pins, records) = (pins(), records());
    for agent in agents(&pins) {
        let tried =
            try_here(&agent, schema(&pins, &agent)).unwrap_or_else(|error| panic!("{error}"));
        let works = tried.iter().filter(|(_, outcome)| *outcome == Outcome::Works).count();
        assert!(works >= 30, "{works} forms work with agent {}", agent.release);
        let record = records.iter().find(|record| record.suite == agent.suite);
        let record =
            record.unwrap_or_else(|| panic!("no evidence of the agent of {}", agent.suite));
        let compared = record.compare_here(&agent, &tried);
        compared.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn docs_compatibility_shows_what_is_recorded() {
    let command = "cargo test --package qga-tests --test matrix";
    golden::compare(&page_path(), &page(&records()), command)
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_command_has_a_form_without_optional_arguments_and_one_with_each() {
    let forms: Vec<_> = forms().collect();
    for command in info::COMMANDS {
        let of_command = || forms.iter().filter(|form| form.command.name == command.name);
        assert_eq!(of_command().filter(|form| form.argument.is_none()).count(), 1);
        for argument in command.arguments.iter().filter(|argument| argument.optional) {
            let has = of_command()
                .any(|form| form.argument.is_some_and(|special| special.name == argument.name));
            assert!(has, "{} of {} is never set", argument.name, command.name);
        }
    }
}

#[test]
fn every_command_that_is_disabled_is_refused_with_that_reason() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        for name in DISABLED {
            let request = Request::raw(*name, &()).expect("it can be written");
            let error = agent.client().request(&request, None).expect_err("it is disabled");
            assert!(
                matches!(error, Error::Refused { why: Refusal::Disabled, .. }),
                "{}: {error}",
                fetched.release
            );
        }
    }
}

#[test]
fn what_guest_info_lists_is_what_the_schema_of_the_release_has() {
    let pins = pins();
    for fetched in agents(&pins) {
        let (agent, schema) = (lab::start(&fetched), schema(&pins, &fetched));
        let info = agent.client().guest_info().expect("answered");
        for command in info.supported_commands.expect("all list them") {
            let definition = schema.command_named(&command.name);
            let definition = definition.unwrap_or_else(|| {
                panic!("{} of {} is in no schema", command.name, fetched.release)
            });
            assert_eq!(
                Some(definition.success_response),
                command.success_response,
                "{}",
                command.name
            );
        }
    }
}

/// Whether an agent says that it does not understand the arguments, in words that are not taken for its machine's fault.
fn says_so(error: &Error) -> bool {
    let Error::Failed { error, .. } = error else { return false };
    error.desc.as_deref().is_some_and(is_about_arguments)
}

#[test]
fn an_argument_of_another_kind_or_none_is_told_as_such_by_every_agent() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        for (name, arguments) in [
            ("guest-sync", json!({ "id": "text" })),
            ("guest-sync", json!({})),
            ("guest-file-seek", json!({ "handle": 1, "offset": 0, "whence": "nowhere" })),
            ("guest-exec", json!({ "path": "/bin/true", "capture-output": 1 })),
            ("guest-exec", json!({ "path": "/bin/true", "capture-output": "nothing" })),
            ("guest-exec", json!({ "path": "/bin/true", "arg": "text" })),
        ] {
            let request = Request::raw(name, &arguments).expect("written");
            let error = agent.client().request(&request, None).expect_err("it is wrong");
            assert!(says_so(&error), "{name} {arguments} of {}: {error}", fetched.release);
        }
    }
}

#[test]
fn an_argument_that_an_agent_does_not_know_fails_the_command_and_harms_nothing_else() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        let client = &mut agent.client();
        let request = Request::raw("guest-ping", &json!({ "no-such-argument": 1 }));
        let error = client.request(&request.expect("written"), None).expect_err("it is unknown");
        assert!(says_so(&error), "{}: {error}", fetched.release);
        let unknown = Request::raw("guest-no-such-command", &()).expect("written");
        let error = client.request(&unknown, None).expect_err("it is unknown");
        assert!(error.is_unsupported(), "{}: {error}", fetched.release);
        client.guest_ping().expect("answered");
    }
}
