//! Replies that are well-formed and wrong: every member of every command's reply, one at a time.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use qapi_codegen::schema::{Schema, TypeId};
use qga_bindings::commands::GuestPing;
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::{Command, CommandVisitor, Error, ReplyProblem, info};
use qga_tests::face::Face;
use qga_tests::in_both_faces;
use qga_tests::values::{Encoded, Values, check, encoded_members};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};
use xtask::pins::Pins;

const REPLY_LIMIT: usize = 100_000;

/// Time enough for anything that does not wait for the agent.
const AMPLE: Duration = Duration::from_secs(20);

/// How many random replies a command's members are collected from: each leaves some of the optional ones out.
const SAMPLES: u64 = 40;

/// A command's reply with one thing changed, and where.
struct Damaged {
    reply: Value,
    place: String,
    /// Whether it is still a value of the schema's type.
    fits: bool,
}

/// Every place in a value, as steps from its root.
fn places(value: &Value) -> Vec<Vec<Step>> {
    let below = |step: Step, value: &Value| {
        places(value)
            .into_iter()
            .map(move |place| [vec![step.clone()], place].concat())
            .collect::<Vec<_>>()
    };
    let children: Vec<Vec<Step>> = match value {
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .flat_map(|(at, value)| below(Step::Element(at), value))
            .collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| below(Step::Member(name.clone()), value))
            .collect(),
        _ => Vec::new(),
    };
    [vec![Vec::new()], children].concat()
}

#[derive(Clone)]
enum Step {
    Element(usize),
    Member(String),
}

fn at<'a>(value: &'a mut Value, place: &[Step]) -> &'a mut Value {
    place.iter().fold(value, |value, step| match step {
        Step::Element(at) => &mut value[at],
        Step::Member(name) => &mut value[name],
    })
}

/// Where in a type a place is: elements of a list are all alike.
fn name(place: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Element(_) => "[]".to_owned(),
        Step::Member(name) => format!(".{name}"),
    };
    place.iter().map(step).collect()
}

/// Replies with one place replaced by what `replace` gives for it, each place of the type once.
fn damaged(
    schema: &Schema,
    encoded: &Encoded,
    returns: TypeId,
    replace: impl Fn(&Value) -> Vec<Value>,
) -> Vec<Damaged> {
    let (mut seen, mut damaged) = (BTreeSet::new(), Vec::new());
    for seed in 0..SAMPLES {
        let sample = Values::new(schema, encoded, seed).value(returns);
        for place in places(&sample) {
            if !seen.insert(name(&place)) {
                continue;
            }
            for wrong in replace(at(&mut sample.clone(), &place)) {
                let mut reply = sample.clone();
                *at(&mut reply, &place) = wrong;
                let fits = check(schema, returns, &reply).is_ok();
                damaged.push(Damaged { reply, place: name(&place), fits });
            }
        }
    }
    damaged
}

/// Calls a command once for each reply, with a ping in between, and gives what came of it: the value it was understood as, or
/// whether it was not.
struct Replies<'a, F> {
    client: &'a mut F,
    agent: &'a Agent,
    arguments: Value,
    all: &'a [Damaged],
}

impl<F: Face> CommandVisitor for Replies<'_, F> {
    type Output = Vec<Option<Value>>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        let command: C = serde_json::from_value(self.arguments).expect("arguments of the schema");
        let outcome = |damaged: &Damaged| {
            let text = damaged.reply.to_string();
            self.agent.replace_next_answer(C::NAME, Answer::json(&text));
            let outcome = match self.client.execute(&command, AMPLE) {
                Ok(value) => Some(serde_json::to_value(value).expect("values can be written")),
                Err(Error::UnexpectedReply { problem: ReplyProblem::WrongType(_), .. }) => None,
                Err(error) => panic!("{}{}: {error}", C::NAME, damaged.place),
            };
            self.client.execute(&GuestPing::new(), AMPLE).expect("the next call works");
            outcome
        };
        self.all.iter().map(outcome).collect()
    }
}

/// Has every command answered with damaged replies, and looks at what came of each.
fn for_every_command(
    agent: &Agent,
    client: &mut impl Face,
    replace: impl Fn(&Value) -> Vec<Value>,
    judge: impl Fn(&Damaged, Option<Value>) -> Result<(), String>,
) {
    let pins = Pins::open(Path::new("../schema")).expect("what is pinned reads");
    let history = pins.history().expect("the releases merge");
    let schema = history.schema();
    let encoded = encoded_members(schema);
    let mut tried = 0;
    for (_, command) in schema.commands() {
        // With these the client puts the channel in order.
        let is_sync = command.name.starts_with("guest-sync");
        let Some(returns) = command.returns.filter(|_| !is_sync) else { continue };
        agent.on(&command.name, |_| Answer::empty());
        let arguments = (1..1000)
            .map(|seed| Values::new(schema, &encoded, seed).object(command.arguments))
            .find(|arguments| !arguments.to_string().contains("\\u0000"));
        let replies = damaged(schema, &encoded, returns, &replace);
        let arguments = arguments.expect("most are without NUL characters");
        let visitor = Replies { client, agent, arguments, all: &replies };
        let outcomes = info::visit(&command.name, visitor).expect("the command is known");
        for (reply, outcome) in replies.iter().zip(outcomes) {
            let Damaged { place, reply: text, .. } = reply;
            judge(reply, outcome)
                .unwrap_or_else(|fault| panic!("{}{place}: {fault}: {text}", command.name));
            tried += 1;
        }
    }
    assert!(tried > 40, "only {tried} replies");
}

/// A value of every type that this one is not of.
fn of_other_types(value: &Value) -> Vec<Value> {
    let all = [
        json!(null),
        json!(true),
        json!(-7),
        json!(1e300),
        json!("?"),
        json!([[]]),
        json!({"?": {}}),
    ];
    let kind = std::mem::discriminant::<Value>;
    all.into_iter().filter(|other| kind(other) != kind(value)).collect()
}

in_both_faces! {
    fn a_member_of_another_type_is_an_unexpected_reply_wherever_it_is(agent, client) {
        for_every_command(&agent, &mut client, of_other_types, |damaged, outcome| {
            match outcome {
                Some(value) if !damaged.fits => Err(format!("understood as {value}")),
                None if damaged.fits => Err("not understood".to_owned()),
                _ => Ok(()),
            }
        });
    }

    fn a_word_that_is_not_known_is_understood_and_kept_wherever_it_is(agent, client) {
        let word = |value: &Value| if value.is_string() { vec![json!("word-of-a-later-release")] } else { Vec::new() };
        for_every_command(&agent, &mut client, word, |damaged, outcome| match outcome {
            // Words of enums and tags of unions are kept; text that stands for bytes is none.
            Some(value) if value != damaged.reply => Err(format!("became {value}")),
            None if !damaged.fits => Err("not understood".to_owned()),
            _ => Ok(()),
        });
    }
}
