//! What holds for whatever an agent says in answer to a command, tried with any bytes: reading it ends, what was understood can
//! be written and read again, and what is told of the rest is short and harms no terminal.

use qapi_codegen::schema::Schema;
use qga_bindings::protocol::{Event, Reply, Request};
use qga_bindings::{Command, CommandVisitor, Error, Reply as _, ReplyProblem, info};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::json;

use crate::channels::busy;
use crate::shown::check_text;
use crate::values::{Encoded, Random, Values};

/// How long a message about one reply may be, in bytes.
const MESSAGE: usize = 4000;

/// Takes any bytes for a line that an agent sends; the first says to which command.
///
/// # Panics
/// Something does not hold.
#[expect(clippy::expect_used, reason = "a request without arguments can be written")]
pub fn check_reply(input: &[u8]) {
    let Some((first, line)) = input.split_first() else { return };
    let command = &info::COMMANDS[usize::from(*first) % info::COMMANDS.len()];
    let mut session = busy(&Request::raw(command.name, &()).expect("no arguments"));
    session.set_reply_limit(1 << 20);
    session.receive(line);
    session.receive(b"\n");
    while let Some(event) = session.poll() {
        match event {
            Event::Returned(reply) => {
                info::visit(command.name, Understood(&reply));
            }
            Event::Failed(error) => check_message(&error.to_string()),
            Event::Garbled { problem, reply } => {
                let command = command.name.into();
                check_message(&Error::UnexpectedReply { command, problem, reply }.to_string());
            }
            _ => {}
        }
    }
}

struct Understood<'a>(&'a Reply);

impl CommandVisitor for Understood<'_> {
    type Output = ();

    #[expect(clippy::expect_used, reason = "this is what has to hold")]
    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) {
        let output = match self.0.decode::<C>() {
            Ok(output) => output,
            Err(error) => {
                let (command, problem) = (C::NAME.into(), ReplyProblem::WrongType(error));
                let reply = self.0.clone().into_bytes();
                check_message(&Error::UnexpectedReply { command, problem, reply }.to_string());
                return;
            }
        };
        let once = serde_json::to_string(&output).expect("what was read can be written");
        let again = C::Output::decode(&once).expect("what was written can be read");
        let twice = serde_json::to_string(&again).expect("what was read can be written");
        assert_eq!(once, twice, "{}", C::NAME);
    }
}

fn check_message(message: &str) {
    assert!(message.len() <= MESSAGE, "{} bytes of message: {message:.200}", message.len());
    check_text(message);
}

/// An input for [`check_reply`]: a value of the command's type or an error, damaged; the same for the same number.
pub fn input(schema: &Schema, encoded: &Encoded, number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let command = random.below(info::COMMANDS.len());
    let returns = schema.command_named(info::COMMANDS[command].name).and_then(|it| it.returns);
    let value = Values::new(schema, encoded, number).object(returns);
    let reply = match random.below(8) {
        0 => json!({ "error": { "class": "GenericError", "desc": value.to_string() } }),
        1 => json!({ "error": value }),
        _ => json!({ "return": value }),
    };
    let mut line = reply.to_string().into_bytes();
    for _ in 0..random.below(4) {
        if line.is_empty() {
            break;
        }
        let at = random.below(line.len());
        match random.below(4) {
            0 => line[at] = random.bits().to_le_bytes()[0],
            1 => drop(line.drain(at..(at + random.below(20)).min(line.len()))),
            2 => {
                let piece = line[at..].to_vec();
                line.splice(at..at, piece);
            }
            _ => {
                let long = "x".repeat(random.below(10_000));
                line.splice(at..at, long.bytes());
            }
        }
    }
    line.insert(0, u8::try_from(command).unwrap_or_default());
    line
}
