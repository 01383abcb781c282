//! Generated types against the schema of every release: whatever an agent of any of them may say is understood, and
//! whatever `required_release` says it understands it does. Tried with random values.

use std::panic::resume_unwind;
use std::thread;

use qapi_codegen::history::{self, History};
use qapi_codegen::schema::{Command as Definition, Schema};
use qga_bindings::{Command, CommandVisitor, NoReply, Release, Reply as _};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::seed::seed;
use crate::values::{Encoded, Values, check, encoded_members, same};

/// Generated code, by its way from names to types.
pub trait Bindings {
    /// The generated `info::visit`.
    fn visit<V: CommandVisitor>(name: &str, visitor: V) -> Option<V::Output>;
}

/// Distinct schemas, each with the oldest release that has it, and what they are together.
#[derive(Debug)]
pub struct Releases<'a> {
    /// The distinct schemas, oldest first.
    pub schemas: Vec<(history::Release, &'a Schema)>,
    /// All of them.
    pub history: &'a History,
}

/// Decodes a reply, and encodes what came of it.
struct Reply<'a> {
    value: &'a Value,
    /// Whether an agent of the release sends it.
    sent: bool,
}

impl CommandVisitor for Reply<'_> {
    type Output = Result<Value, String>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        if !self.sent && C::Output::silence(NoReply::Silence).is_none() {
            return Err("silence is not taken for success".to_owned());
        }
        let text = self.value.to_string();
        let output = C::Output::decode(&text).map_err(|error| error.to_string())?;
        serde_json::to_value(output).map_err(|error| error.to_string())
    }
}

/// Decodes arguments: the release that they need, and what they are encoded to.
struct Request<'a>(&'a Value);

impl CommandVisitor for Request<'_> {
    type Output = Result<(Option<Release>, Value), String>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        let command = C::deserialize(self.0).map_err(|error| error.to_string())?;
        let arguments = serde_json::to_value(&command).map_err(|error| error.to_string())?;
        Ok((command.required_release(), arguments))
    }
}

impl Releases<'_> {
    /// Tries so many replies to each command: whatever the schema of a release allows must decode, and encode to the same.
    ///
    /// # Panics
    /// One does not. The message has the seed that repeats it.
    pub fn check_replies<B: Bindings>(&self, values: usize) {
        let encoded = encoded_members(self.history.schema());
        self.for_each_command("replies", |command, seed| {
            let having = self.schemas.iter().filter_map(|(release, schema)| {
                Some((release, schema, schema.command_named(&command.name)?))
            });
            let having = having.collect::<Vec<_>>();
            having.iter().try_for_each(|(release, schema, command)| {
                let mut source = Values::new(schema, &encoded, seed);
                (0..values.div_ceil(having.len())).try_for_each(|_| {
                    let value = source.object(command.returns);
                    check_reply::<B>(command, &value)
                        .map_err(|error| format!("{} of {release}: {value}: {error}", command.name))
                })
            })
        });
    }

    /// Tries so many requests of each command: each must be valid in all releases since the one that it says it needs,
    /// and in none before.
    ///
    /// # Panics
    /// One is not. The message has the seed that repeats it.
    pub fn check_requests<B: Bindings>(&self, values: usize) {
        let encoded: Encoded = encoded_members(self.history.schema());
        self.for_each_command("requests", |command, seed| {
            let mut source = Values::new(self.history.schema(), &encoded, seed);
            (0..values).try_for_each(|_| {
                let arguments = source.object(command.arguments);
                self.check_request::<B>(&command.name, &arguments)
                    .map_err(|error| format!("{}: {arguments}: {error}", command.name))
            })
        });
    }

    fn check_request<B: Bindings>(&self, name: &str, arguments: &Value) -> Result<(), String> {
        let (needs, again) = B::visit(name, Request(arguments)).ok_or("it is not known")??;
        if !same(arguments, &again) {
            return Err(format!("became {again}"));
        }
        let needs = needs.ok_or("no release is known for it")?;
        let until = self.history.life(name).and_then(|life| life.until);
        for (release, schema) in &self.schemas {
            let is_gone = until.is_some_and(|until| *release >= until);
            let is_new_enough = Release::new(release.major, release.minor) >= needs;
            let verdict = understood(schema, name, arguments);
            if verdict.is_ok() != (is_new_enough && !is_gone) {
                return Err(format!("needs {needs}, but under {release} it is {verdict:?}"));
            }
        }
        Ok(())
    }

    /// Tries every command on all processors; `one` gets a seed for it.
    #[expect(clippy::panic, reason = "this is the end of a test")]
    fn for_each_command(
        &self,
        test: &str,
        one: impl Fn(&Definition, u64) -> Result<(), String> + Sync,
    ) {
        let seed = seed(test);
        let commands = self.history.schema().commands().map(|(_, command)| command);
        let commands = commands.collect::<Vec<_>>();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let work = |worker: usize| {
            let mut mine = commands.iter().enumerate().skip(worker).step_by(workers);
            mine.try_for_each(|(at, command)| one(command, seed.wrapping_add(at as u64)))
        };
        let results: Result<(), String> = thread::scope(|scope| {
            let threads =
                (0..workers).map(|worker| scope.spawn(move || work(worker))).collect::<Vec<_>>();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        if let Err(complaint) = results {
            panic!("{complaint}\nto repeat: QGA_SEED={seed}");
        }
    }
}

fn check_reply<B: Bindings>(command: &Definition, value: &Value) -> Result<(), String> {
    let reply = Reply { value, sent: command.success_response };
    let again = B::visit(&command.name, reply).ok_or("the command is not known")??;
    if same(value, &again) { Ok(()) } else { Err(format!("became {again}")) }
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
