//! Today's types against the schema of every release: whatever an agent of any of them may say is understood, and
//! whatever `required_release` says it understands it does.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::thread;

use qapi_codegen::history::History;
use qapi_codegen::schema::{self, Schema};
use qga_bindings::{Command, CommandVisitor, Release, Reply as _, info};
use qga_tests::seed::seed;
use qga_tests::values::{Values, check, encoded_members, same};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::to_raw_value;
use xtask::pins::Pins;

/// How many replies and how many requests are tried of each command.
const VALUES: usize = 10_000;

/// Every distinct schema, with the oldest release that has it.
fn releases(pins: &Pins) -> Vec<(Release, &Schema)> {
    let first = |snapshot: &xtask::pins::Snapshot| {
        let first = snapshot.releases.keys().next().expect("a snapshot is of some release");
        Release::new(first.major, first.minor)
    };
    pins.snapshots.iter().map(|snapshot| (first(snapshot), &snapshot.schema)).collect()
}

/// Pins and their history.
fn pinned() -> (Pins, History) {
    let pins = Pins::open(Path::new("../schema")).expect("what is pinned reads");
    let history = pins.history().expect("the releases merge");
    (pins, history)
}

/// Tries every command on all processors; `one` gets a seed of its own.
fn for_each_command(
    test: &str,
    schema: &Schema,
    one: impl Fn(&schema::Command, u64) -> Result<(), String> + Sync,
) {
    let seed = seed(test);
    let commands = schema.commands().map(|(_, command)| command).collect::<Vec<_>>();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for worker in 0..workers {
            let (commands, one) = (&commands, &one);
            scope.spawn(move || {
                for (at, command) in commands.iter().enumerate().skip(worker).step_by(workers) {
                    let result = one(command, seed.wrapping_add(at as u64));
                    result.unwrap_or_else(|complaint| panic!("QGA_SEED={seed}: {complaint}"));
                }
            });
        }
    });
}

/// Decodes a reply as today's type, and encodes that.
struct Reply<'a> {
    value: &'a Value,
    /// Whether an agent of the release sends it.
    sent: bool,
}

impl CommandVisitor for Reply<'_> {
    type Output = Result<Value, String>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        if !self.sent && C::Output::silence(qga_bindings::NoReply::Silence).is_none() {
            return Err("silence is not taken for success".to_owned());
        }
        let text = to_raw_value(self.value).map_err(|error| error.to_string())?;
        let output = C::Output::decode(&text).map_err(|error| error.to_string())?;
        serde_json::to_value(output).map_err(|error| error.to_string())
    }
}

/// Makes today's type of arguments: the release that it needs, and its own form of the arguments.
struct Request<'a>(&'a Value);

impl CommandVisitor for Request<'_> {
    type Output = Result<(Option<Release>, Value), String>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        let command = C::deserialize(self.0).map_err(|error| error.to_string())?;
        let arguments = serde_json::to_value(&command).map_err(|error| error.to_string())?;
        Ok((command.required_release(), arguments))
    }
}

#[test]
fn what_any_release_may_reply_decodes_and_encodes_to_the_same() {
    let (pins, history) = pinned();
    let encoded = encoded_members(history.schema());
    let releases = releases(&pins);
    for_each_command("replies", history.schema(), |command, seed| {
        let having = releases
            .iter()
            .filter_map(|(release, schema)| {
                Some((release, schema, schema.command_named(&command.name)?))
            })
            .collect::<Vec<_>>();
        for &(release, schema, command) in &having {
            let mut values = Values::new(schema, &encoded, seed);
            for _ in 0..VALUES.div_ceil(having.len()) {
                let value = values.object(command.returns);
                let reply = Reply { value: &value, sent: command.success_response };
                let again = info::visit(&command.name, reply).expect("the command is known");
                let again = again
                    .map_err(|error| format!("{} of {release}: {value}: {error}", command.name))?;
                if !same(&value, &again) {
                    return Err(format!("{} of {release}: {value} became {again}", command.name));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_request_is_understood_from_the_release_on_that_it_says_it_needs_and_by_none_before() {
    let (pins, history) = pinned();
    let (schema, encoded) = (history.schema(), encoded_members(history.schema()));
    let releases = releases(&pins);
    for_each_command("requests", schema, |command, seed| {
        let mut values = Values::new(schema, &encoded, seed);
        (0..VALUES).try_for_each(|_| check_request(command, &mut values, &releases))
    });
}

fn check_request(
    command: &schema::Command,
    values: &mut Values<'_>,
    releases: &[(Release, &Schema)],
) -> Result<(), String> {
    let name = &command.name;
    let arguments = values.object(command.arguments);
    let (needs, again) = info::visit(name, Request(&arguments)).expect("the command is known")?;
    if !same(&arguments, &again) {
        return Err(format!("{name}: {arguments} became {again}"));
    }
    let needs = needs.ok_or_else(|| format!("{name}: no release is known for {arguments}"))?;
    for (release, schema) in releases {
        let verdict = understood(schema, name, &arguments);
        if verdict.is_ok() != (*release >= needs) {
            return Err(format!(
                "{name}: {arguments} needs {needs}, but under {release}: {verdict:?}"
            ));
        }
    }
    Ok(())
}

/// Whether a release with this schema has the command and takes these arguments.
fn understood(schema: &Schema, command: &str, arguments: &Value) -> Result<(), String> {
    let command = schema.command_named(command).ok_or("there is no such command")?;
    match (command.arguments, arguments.as_object()) {
        (Some(ty), _) => check(schema, ty, arguments),
        (None, Some(members)) if members.is_empty() => Ok(()),
        (None, _) => Err("it takes no arguments".to_owned()),
    }
}
