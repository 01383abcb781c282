//! Which release a command needs, and how an error from an older agent is explained with it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use qga_bindings::commands::{
    GuestExec, GuestFileSeek, GuestGetLoad, GuestSetTime, GuestShutdown, GuestSshGetAuthorizedKeys,
};
use qga_bindings::fake::Answer;
use qga_bindings::protocol::Request;
use qga_bindings::types::{GuestExecCaptureOutputMode, GuestShutdownMode, QGASeek};
use qga_bindings::{Command, Error, Refusal, Release};
use qga_tests::face::Face;
use qga_tests::in_both_faces;

const REPLY_LIMIT: usize = 100_000;
const AMPLE: Duration = Duration::from_secs(20);

fn needs(command: &impl Command) -> String {
    command.required_release().map_or_else(|| "unknown".to_owned(), |release| release.to_string())
}

#[test]
fn a_command_without_anything_newer_needs_the_release_that_brought_it() {
    assert_eq!(needs(&GuestGetLoad::new()), "10.0");
    assert_eq!(needs(&GuestSshGetAuthorizedKeys::new("root")), "5.2");
    assert_eq!(needs(&GuestExec::new("ls").arg(["-l"]).env(["A=1"]).input_data("x")), "2.5");
}

#[test]
fn an_argument_in_a_newer_form_needs_the_release_that_brought_the_form() {
    assert_eq!(needs(&GuestExec::new("ls").capture_output(true)), "2.5");
    let merged = GuestExecCaptureOutputMode::Merged;
    assert_eq!(needs(&GuestExec::new("ls").capture_output(merged)), "8.1");
    assert_eq!(needs(&GuestFileSeek::new(1, 0, 2)), "0.15");
    assert_eq!(needs(&GuestFileSeek::new(1, 0, QGASeek::End)), "2.6");
}

#[test]
fn leaving_out_what_was_mandatory_needs_the_release_that_let_go_of_it() {
    assert_eq!(needs(&GuestSetTime::new().time(7)), "1.5");
    assert_eq!(needs(&GuestSetTime::new()), "2.0");
}

#[test]
fn a_value_that_has_no_name_is_of_no_release_that_is_known() {
    assert_eq!(needs(&GuestShutdown::new().mode(GuestShutdownMode::Halt)), "0.15");
    assert_eq!(needs(&GuestShutdown::new().mode(GuestShutdownMode::from("nap"))), "unknown");
    let both = GuestExecCaptureOutputMode::from("both");
    assert_eq!(needs(&GuestExec::new("ls").capture_output(both)), "unknown");
}

fn merged() -> Request {
    let exec = GuestExec::new("ls").capture_output(GuestExecCaptureOutputMode::Merged);
    Request::new(&exec).unwrap()
}

fn refuse_the_form() -> Answer {
    Answer::error("GenericError", "Invalid parameter type for 'capture-output', expected: boolean")
}

in_both_faces! {
    fn an_agent_too_old_for_an_argument_is_found_out(agent, client) {
        agent.set_version("7.2.22").on("guest-exec", |_| refuse_the_form());
        let error = client.ask(&merged(), AMPLE).unwrap_err();
        assert_eq!(
            error.to_string(),
            "guest-exec failed: Invalid parameter type for 'capture-output', expected: boolean (GenericError); \
             this needs QEMU 8.1 or later"
        );
        assert_eq!(error.agent_error().unwrap().needs, Some(Release::new(8, 1)));
    }

    fn an_agent_that_is_new_enough_failed_for_another_reason(agent, client) {
        agent.set_version("8.1.0").on("guest-exec", |_| Answer::error("GenericError", "no such file"));
        let error = client.ask(&merged(), AMPLE).unwrap_err();
        assert_eq!(error.to_string(), "guest-exec failed: no such file (GenericError)");
    }

    fn an_agent_is_not_asked_for_its_version_where_that_explains_nothing(agent, client) {
        agent.set_version("7.2.22").on("guest-exec", |_| Answer::error("GenericError", "no such file"));
        let plain = Request::new(&GuestExec::new("ls").capture_output(true)).unwrap();
        assert_eq!(client.ask(&plain, AMPLE).unwrap_err().agent_error().unwrap().needs, None);
        assert_eq!(agent.requests().len(), 1);
    }

    fn an_agent_too_old_for_a_command_is_found_out(agent, client) {
        agent.set_version("9.2.1");
        let error = client.ask(&Request::new(&GuestGetLoad::new()).unwrap(), AMPLE).unwrap_err();
        let Error::Refused { why: Refusal::Unsupported, error, .. } = error else { panic!("{error}") };
        assert_eq!(error.needs, Some(Release::new(10, 0)));
    }

    fn a_version_that_is_no_release_explains_nothing(agent, client) {
        agent.set_version("unknown").on("guest-exec", |_| refuse_the_form());
        assert_eq!(client.ask(&merged(), AMPLE).unwrap_err().agent_error().unwrap().needs, None);
    }
}
