//! Commands against real agents of several releases, where the lab has them: what they answer fits the schema of their
//! release, and what they do not understand is told with the release that does.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::os::unix::net::UnixStream;
use std::path::Path;

use qapi_codegen::schema::Schema;
use qga_bindings::protocol::Request;
use qga_bindings::types::{GuestExecCaptureOutputMode, QGASeek};
use qga_bindings::{
    Class, Command, CommandVisitor, Commands as _, Error, Refusal, Release, commands, info,
};
use qga_tests::lab;
use qga_tests::values::{check, same};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};
use xtask::lab::agents::Fetched;
use xtask::lab::confine::DISABLED;
use xtask::pins::Pins;

type Client = qga_bindings::blocking::Client<UnixStream>;

/// As the bindings write it: they do not tell stable releases apart.
fn release(agent: &Fetched) -> Release {
    Release::new(agent.release.major, agent.release.minor)
}

/// The schema of an agent's release: the newest that is pinned and not newer than the agent.
fn schema<'a>(pins: &'a Pins, agent: &Fetched) -> &'a Schema {
    let releases = pins.releases();
    let known = releases.iter().rev().find(|(release, _)| *release <= agent.release);
    known.expect("no agent of the lab is older than the oldest schema").1
}

fn pins() -> Pins {
    Pins::open(Path::new("../schema")).expect("what is pinned reads")
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

/// Sends a command with these arguments; what comes back must fit the schema, and be understood without loss.
struct Ask<'a> {
    client: &'a mut Client,
    schema: &'a Schema,
    arguments: Value,
}

impl CommandVisitor for Ask<'_> {
    type Output = Result<(), Error>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        let command: C = serde_json::from_value(self.arguments).expect("the arguments fit");
        let request = Request::new(&command).expect("they can be written");
        let reply = self.client.request(&request, None)?.expect("queries are answered");
        let raw = reply.value().expect("a value").get();
        let raw: Value = serde_json::from_str(raw).expect("it is JSON");
        let definition = self.schema.command_named(C::NAME);
        let definition = definition.unwrap_or_else(|| panic!("{} is not in the schema", C::NAME));
        let fits = match definition.returns {
            Some(ty) => check(self.schema, ty, &raw),
            None if raw == json!({}) => Ok(()),
            None => Err(format!("{raw} is not empty")),
        };
        fits.unwrap_or_else(|error| panic!("{}: {error}", C::NAME));
        let typed = reply.decode::<C>().unwrap_or_else(|error| panic!("{}: {error}", C::NAME));
        let again = serde_json::to_value(typed).expect("it can be written");
        assert!(same(&again, &raw), "{}: {again} was understood of {raw}", C::NAME);
        Ok(())
    }
}

/// Arguments for a query.
fn arguments(name: &str) -> Value {
    match name {
        "guest-sync" | "guest-sync-delimited" => json!({ "id": 4711 }),
        "guest-ssh-get-authorized-keys" => json!({ "username": "root" }),
        _ => json!({}),
    }
}

#[test]
fn every_query_is_answered_as_its_release_defines_it_or_refused_with_the_release_that_has_it() {
    let pins = pins();
    for fetched in lab::agents() {
        let (agent, schema) = (lab::start(&fetched), schema(&pins, &fetched));
        let client = &mut agent.client();
        let mut answered = 0;
        for command in info::COMMANDS.iter().filter(|info| Class::of(info.name) == Class::Query) {
            let name = command.name;
            let ask = Ask { client, schema, arguments: arguments(name) };
            let result = info::visit(name, ask).expect("it is known");
            let is_there = schema.command_named(name).is_some();
            match result {
                Ok(()) => answered += 1,
                // The machine may lack what is asked for, the agent may be built without it.
                Err(Error::Failed { .. } | Error::Refused { why: Refusal::Disabled, .. })
                    if is_there => {}
                Err(Error::Refused { why: Refusal::Unsupported, error, .. }) => {
                    let needs = command.since.filter(|since| *since > release(&fetched));
                    assert_eq!(error.needs, needs, "{name} of {}", fetched.release);
                    assert!(is_there || needs.is_some() || command.until.is_some(), "{name}");
                }
                Err(error) => panic!("{name} of {}: {error}", fetched.release),
            }
        }
        assert!(answered >= 15, "{answered} queries were answered by {}", fetched.release);
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
    for fetched in lab::agents() {
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

/// Executes a command, which succeeds where its release is the agent's or an older one, and where it does not, says so.
fn try_form<C: Command>(client: &mut Client, fetched: &Fetched, command: &C) -> Option<C::Output> {
    let needed = command.required_release().expect("every form is of a known release");
    let what = || format!("{} in a form of {needed}, by {}", C::NAME, fetched.release);
    match client.execute(command) {
        Ok(output) => {
            assert!(needed <= release(fetched), "{} is understood", what());
            Some(output)
        }
        Err(error) => {
            assert!(needed > release(fetched), "{}: {error}", what());
            let told = error.agent_error().and_then(|error| error.needs);
            assert_eq!(told, Some(needed), "{}: {error}", what());
            None
        }
    }
}

#[test]
fn every_form_of_a_command_is_understood_from_the_release_on_that_it_requires() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        let client = &mut agent.client();
        let exec = || commands::GuestExec::new("/bin/true");
        let captures = [
            exec().capture_output(false),
            exec().capture_output(true),
            exec().capture_output(GuestExecCaptureOutputMode::None),
            exec().capture_output(GuestExecCaptureOutputMode::Separated),
            exec().capture_output(GuestExecCaptureOutputMode::Merged),
            exec().arg(["a"]).env(["A=1"]).input_data("text"),
            exec(),
        ];
        for command in captures {
            try_form(client, &fetched, &command);
        }
        let path = agent.dir().join("file").to_str().expect("UTF-8").to_owned();
        let open = commands::GuestFileOpen::new(path.as_str()).mode("w+");
        let handle = try_form(client, &fetched, &open).expect("all can");
        for seek in [
            commands::GuestFileSeek::new(handle, 0, 1),
            commands::GuestFileSeek::new(handle, 0, QGASeek::Set),
            commands::GuestFileSeek::new(handle, 0, QGASeek::Cur),
            commands::GuestFileSeek::new(handle, 0, QGASeek::End),
        ] {
            try_form(client, &fetched, &seek);
        }
        try_form(client, &fetched, &commands::GuestFileWrite::new(handle, "text").count(2));
        try_form(client, &fetched, &commands::GuestFileRead::new(handle).count(2));
        try_form(client, &fetched, &commands::GuestFileRead::new(handle));
        try_form(client, &fetched, &commands::GuestFileClose::new(handle));
        try_form(client, &fetched, &commands::GuestGetDiskstats::new());
        try_form(client, &fetched, &commands::GuestGetCpustats::new());
        try_form(client, &fetched, &commands::GuestGetLoad::new());
        try_form(client, &fetched, &commands::GuestNetworkGetRoute::new());
    }
}

#[test]
fn an_argument_that_an_agent_does_not_know_fails_the_command_and_harms_nothing_else() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        let client = &mut agent.client();
        let request = Request::raw("guest-ping", &json!({ "no-such-argument": 1 }));
        let error = client.request(&request.expect("written"), None).expect_err("it is unknown");
        assert!(matches!(error, Error::Failed { .. }), "{}: {error}", fetched.release);
        let unknown = Request::raw("guest-no-such-command", &()).expect("written");
        let error = client.request(&unknown, None).expect_err("it is unknown");
        assert!(error.is_unsupported(), "{}: {error}", fetched.release);
        client.guest_ping().expect("answered");
    }
}
