//! The fake agent takes after agents of every release, and after those that others wrote.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use qapi_codegen::schema::Command;
use qga_bindings::blocking::Client;
use qga_bindings::fake::Agent;
use qga_bindings::protocol::Request;
use qga_bindings::{Commands, Error, ErrorClass, Release, tokio};
use qga_tests::both::block_on;
use qga_tests::values::check;
use serde_json::{Value, json};
use xtask::pins::Pins;

fn pins() -> Pins {
    Pins::open(Path::new("../schema")).expect("what is pinned reads")
}

/// The arguments that a command needs, and that the fake guest can do something with.
fn arguments(command: &str) -> Value {
    match command {
        "guest-sync" | "guest-sync-delimited" => json!({"id": 7}),
        "guest-file-open" => json!({"path": "/tmp/x", "mode": "w+"}),
        "guest-file-close" | "guest-file-read" | "guest-file-flush" => json!({"handle": 1000}),
        "guest-file-write" => json!({"handle": 1000, "buf-b64": "aGk="}),
        "guest-file-seek" => json!({"handle": 1000, "offset": 0, "whence": 0}),
        "guest-exec" => json!({"path": "/bin/true"}),
        "guest-exec-status" => json!({"pid": 1}),
        "guest-set-time" => json!({"time": 1_500_000_000_000_000_000_i64}),
        "guest-set-vcpus" => json!({"vcpus": [{"logical-id": 1, "online": false}]}),
        "guest-set-memory-blocks" => json!({"mem-blks": [{"phys-index": 0, "online": false}]}),
        "guest-set-user-password" => {
            json!({"username": "alice", "password": "c2VjcmV0", "crypted": false})
        }
        "guest-ssh-get-authorized-keys" => json!({"username": "alice"}),
        "guest-ssh-add-authorized-keys" | "guest-ssh-remove-authorized-keys" => {
            json!({"username": "alice", "keys": ["ssh-ed25519 AAAA alice"]})
        }
        _ => json!({}),
    }
}

/// Has one command executed, and complains about an answer that the schema does not have.
fn try_command(
    client: &mut Client<impl qga_bindings::blocking::Stream>,
    schema: &qapi_codegen::schema::Schema,
    command: &Command,
) -> Result<(), String> {
    let mut request = Request::raw(command.name.clone(), &arguments(&command.name)).unwrap();
    if !command.success_response {
        request = request.without_reply();
    }
    let reply = match client.request(&request, None) {
        Ok(reply) => reply,
        // Nothing is open and nothing runs.
        Err(Error::Failed { .. }) if arguments(&command.name) != json!({}) => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    let Some(reply) = reply else { return Ok(()) };
    let value: Value = serde_json::from_str(reply.value().unwrap().get()).unwrap();
    match command.returns {
        Some(ty) => check(schema, ty, &value),
        None if value == json!({}) => Ok(()),
        None => Err(format!("{value} in place of nothing")),
    }
    .map_err(|error| format!("{}: {error}", command.name))
}

#[test]
fn an_agent_of_any_release_answers_every_command_of_its_schema_and_no_other() {
    for (release, schema) in pins().releases() {
        let release = Release::new(release.major, release.minor);
        for (_, command) in schema.commands() {
            // Some commands end what others began.
            let agent = Agent::of_release(release);
            let mut client = Client::new(agent.connect());
            try_command(&mut client, schema, command)
                .unwrap_or_else(|error| panic!("{release}: {error}"));
        }
        let agent = Agent::of_release(release);
        let known: BTreeSet<_> =
            schema.commands().map(|(_, command)| command.name.as_str()).collect();
        for command in qga_bindings::info::COMMANDS.iter().filter(|info| !known.contains(info.name))
        {
            let mut client = Client::new(agent.connect());
            let request = Request::raw(command.name, &arguments(command.name)).unwrap();
            let error = client.request(&request, None).unwrap_err();
            assert!(matches!(error, Error::Refused { .. }), "{release}: {error}");
        }
    }
}

#[test]
fn an_agent_of_any_release_lists_its_commands_as_that_release_does() {
    for (release, schema) in pins().releases() {
        let agent = Agent::of_release(Release::new(release.major, release.minor));
        let mut client = Client::new(agent.connect());
        let reply =
            client.request(&Request::raw("guest-info", &()).unwrap(), None).unwrap().unwrap();
        let info: Value = serde_json::from_str(reply.value().unwrap().get()).unwrap();
        let (_, command) =
            schema.commands().find(|(_, command)| command.name == "guest-info").unwrap();
        check(schema, command.returns.unwrap(), &info).unwrap();
        if let Some(list) = info["supported_commands"].as_array() {
            let listed: BTreeSet<_> =
                list.iter().map(|entry| entry["name"].as_str().unwrap()).collect();
            let known = schema.commands().map(|(_, command)| command.name.as_str()).collect();
            assert_eq!(listed, known, "{release}");
        }
    }
}

#[test]
fn what_is_disabled_is_refused_in_the_words_of_the_release() {
    let mut seen = Vec::new();
    for (major, minor) in [(1, 1), (2, 5), (5, 2), (7, 2), (10, 0)] {
        let agent = Agent::of_release(Release::new(major, minor));
        agent.disable("guest-get-time").disable("guest-suspend-ram");
        let mut client = Client::new(agent.connect());
        let request = Request::raw("guest-suspend-ram", &()).unwrap();
        let error = client.request(&request, None).unwrap_err();
        let said = error.agent_error().unwrap().clone();
        seen.push(format!("{major}.{minor}: {said}"));
    }
    assert_eq!(
        seen,
        [
            "1.1: CommandDisabled {\"message\":\"The command guest-suspend-ram has been disabled for this instance\"}",
            "2.5: The command guest-suspend-ram has been disabled for this instance (GenericError)",
            "5.2: The command guest-suspend-ram has been disabled for this instance (CommandNotFound)",
            "7.2: Command guest-suspend-ram has been disabled (CommandNotFound)",
            "10.0: Command guest-suspend-ram has been disabled: the command is not allowed (CommandNotFound)",
        ]
    );
}

#[test]
fn what_the_commands_change_is_changed() {
    let agent = Agent::of_release(Release::new(10, 0));
    let clock = agent.add_clock();
    let users = agent.add_users(["alice"]);
    let mut client = Client::new(agent.connect());
    client.guest_set_time(qga_bindings::commands::GuestSetTime::new().time(0)).unwrap();
    assert!(clock.ahead() < -1_000_000_000_000_000_000);
    let key = "ssh-ed25519 AAAA alice";
    let add = qga_bindings::commands::GuestSshAddAuthorizedKeys::new("alice", [key]);
    client.guest_ssh_add_authorized_keys(add).unwrap();
    assert_eq!(users.keys("alice"), [key]);
}

#[test]
fn an_agent_that_knows_no_delimited_sync_and_no_error_classes_is_served_by_both_faces() {
    let agent = Agent::without_delimited_sync();
    Client::new(agent.connect()).guest_ping().unwrap();
    let ping = qga_bindings::commands::GuestPing::new();
    block_on(async { tokio::Client::new(agent.connect()).execute(&ping).await }).unwrap();
    let error = Client::new(agent.connect()).guest_get_osinfo().unwrap_err();
    assert_ne!(error.agent_error().unwrap().class, ErrorClass::CommandNotFound);
}

#[test]
fn an_agent_that_acts_at_the_end_of_a_line_is_served_by_both_faces() {
    let agent = Agent::of_macos();
    Client::new(agent.connect()).guest_ping().unwrap();
    let ping = qga_bindings::commands::GuestPing::new();
    block_on(async { tokio::Client::new(agent.connect()).execute(&ping).await }).unwrap();
}

#[test]
fn a_windows_guest_and_a_freebsd_guest_lack_what_they_cannot_do() {
    let mut client = Client::new(Agent::of_windows(Release::new(10, 0)).connect());
    assert!(client.guest_get_cpustats().unwrap_err().is_unsupported());
    let mut client = Client::new(Agent::of_freebsd().connect());
    assert!(matches!(client.guest_fsfreeze_status(), Err(Error::Refused { .. })));
    client
        .execute_within(&qga_bindings::commands::GuestPing::new(), Duration::from_secs(9))
        .unwrap();
}

#[test]
fn an_agent_remembers_what_it_was_asked_until_it_is_to_forget_it() {
    let agent = Agent::new();
    let mut client = Client::new(agent.connect());
    client.guest_ping().unwrap();
    client.guest_info().unwrap();
    let names: Vec<_> = agent.requests().into_iter().map(|request| request.name).collect();
    assert_eq!(names, ["guest-ping", "guest-info"]);
    agent.forget_requests();
    client.guest_ping().unwrap();
    assert_eq!(agent.requests().len(), 1);
}
