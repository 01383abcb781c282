//! What people may be shown of what a guest says: nothing that a terminal acts on, and not much more than the guest said.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use qapi_codegen::history::History;
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::info;
use serde_json::Value;

use crate::values::{Encoded, Random, Values, encoded_members};

/// How much longer than what the guest said its rendering may be: names of members, columns that line up, escapes.
const TIMES: usize = 100;

/// What is shown beside what the guest said.
const OURS: usize = 20_000;

/// How much of an input counts. Each text of an answer is made of it, of which there may be hundreds.
const ENOUGH: usize = 256;

/// What is asked of a guest that lies. Inputs choose by the place in this list, so what is new goes to its end.
const QUESTIONS: &[&str] = &[
    "info",
    "hostname",
    "fs",
    "disks",
    "net",
    "routes",
    "users",
    "cpus",
    "mem",
    "load",
    "timezone",
    "devices",
    "commands --agent",
    "time",
    "keys list root",
    "call guest-get-fsinfo",
];

/// The words of each question, for people and then for programs.
pub fn questions() -> Vec<Vec<&'static str>> {
    let asked =
        |question: &&'static str| ["qga", "-c", "demo:"].into_iter().chain(question.split(' '));
    let both = |question| [asked(question).collect(), asked(question).chain(["--json"]).collect()];
    QUESTIONS.iter().flat_map(both).collect()
}

/// Checks that text has lines and nothing else that a terminal acts on, or that makes it look like other text.
///
/// # Panics
/// It has.
pub fn check_text(text: &str) {
    let acts = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(u32::from(c), 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
                | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
    };
    assert!(!text.contains(acts), "a terminal acts on {text:?}");
}

/// Checks what is shown of so many bytes that a guest said; styles are allowed.
///
/// # Panics
/// It is not fit for a terminal, or too long.
pub fn check_shown(shown: &str, said: usize) {
    let limit = OURS.saturating_add(said.saturating_mul(TIMES));
    assert!(shown.len() <= limit, "{} bytes are shown of {said}", shown.len());
    check_text(&without_styles(shown));
}

/// Text without colours and weights: escape sequences of digits and semicolons that end in `m`.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let style = part.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
        match part.get(style..).and_then(|rest| rest.strip_prefix('m')) {
            Some(rest) => plain.push_str(rest),
            // It stays, and is found.
            None => plain.extend(["\u{1b}[", part]),
        }
    }
    plain
}

/// An agent whose every answer is well-formed and full of what it should not be.
#[derive(Clone, Debug)]
pub struct Liar {
    schema: Arc<(History, Encoded)>,
    lies: Arc<Mutex<Lies>>,
}

/// What it says next.
#[derive(Debug, Default)]
struct Lies {
    random: Option<Random>,
    /// What it puts into every text.
    pieces: Vec<String>,
    said: usize,
}

impl Liar {
    /// Has an agent lie, in answer to every command but those that are for the connection.
    pub fn possess(agent: &Agent, history: History) -> Self {
        let encoded = encoded_members(history.schema());
        let liar = Self { schema: Arc::new((history, encoded)), lies: Arc::default() };
        for command in info::COMMANDS {
            if !["guest-sync", "guest-sync-delimited", "guest-ping"].contains(&command.name) {
                let liar = liar.clone();
                agent.on(command.name, move |call| liar.answer(&call.name));
            }
        }
        liar
    }

    /// Makes it say something else from now on: whatever `input` has in it.
    pub fn tell(&self, input: &[u8]) {
        let seed = input.iter().take(8).fold(7, |seed, byte| seed << 8 ^ u64::from(*byte));
        let text = String::from_utf8_lossy(input.get(8..).unwrap_or_default()).into_owned();
        let pieces = text.split('|').map(str::to_owned).collect();
        *self.lies() = Lies { random: Some(Random::new(seed)), pieces, said: 0 };
    }

    /// Takes any bytes: the first chooses one of so many [`questions`], the others are what it says. Checks what is shown then.
    ///
    /// # Panics
    /// It is not fit for a terminal, or too long.
    pub fn check(&self, input: &[u8], questions: usize, shown: impl FnOnce(usize) -> String) {
        let Some((first, input)) = input.split_first() else { return };
        self.tell(&input[..input.len().min(ENOUGH)]);
        check_shown(&shown(usize::from(*first) % questions), self.said());
    }

    /// How many bytes it has said since it was told what to say.
    pub fn said(&self) -> usize {
        self.lies().said
    }

    fn lies(&self) -> MutexGuard<'_, Lies> {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, command: &str) -> Answer {
        let (history, encoded) = &*self.schema;
        let lies = &mut *self.lies();
        let Some(random) = &mut lies.random else { return Answer::empty() };
        if random.once_in(10) {
            let desc = lies.pieces[random.below(lies.pieces.len())].as_str();
            lies.said += desc.len();
            return Answer::error("GenericError", desc);
        }
        let schema = history.schema();
        let returns = schema.command_named(command).and_then(|command| command.returns);
        let mut value = Values::new(schema, encoded, random.bits()).object(returns);
        lie(&mut value, "", encoded, random, &lies.pieces);
        lies.said += value.to_string().len();
        Answer::value(&value)
    }
}

/// Puts pieces in place of texts, but for some: those that are bytes, and now and then one that may be a word.
fn lie(value: &mut Value, member: &str, encoded: &Encoded, random: &mut Random, pieces: &[String]) {
    let is_encoded = || encoded.iter().any(|path| path.ends_with(&format!(".{member}")));
    match value {
        Value::String(text) if !is_encoded() && !random.once_in(3) => {
            pieces[random.below(pieces.len())].clone_into(text);
        }
        Value::Array(items) => {
            for item in items {
                lie(item, member, encoded, random, pieces);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                lie(value, name, encoded, random, pieces);
            }
        }
        _ => {}
    }
}

/// An input for [`Liar::tell`]: texts that terminals, people and programs stumble over; the same for the same number.
pub fn input(number: u64) -> Vec<u8> {
    const PIECES: [&str; 16] = [
        "\u{1b}[2J",
        "\u{1b}]0;title\u{7}",
        "\u{9b}31m",
        "\r\n",
        "\u{8}\u{8}",
        "\u{202e}",
        "\u{200b}",
        "\u{e0041}",
        "\0",
        "\t",
        "|",
        "\u{4f60}\u{597d}",
        "\u{1f468}\u{200d}\u{1f469}",
        "e\u{301}\u{301}\u{301}",
        "\"}\n",
        "word",
    ];
    let mut random = Random::new(number);
    let mut input = random.bits().to_le_bytes().to_vec();
    for _ in 0..random.below(12) {
        let piece = PIECES[random.below(PIECES.len())];
        let times = if random.once_in(8) { random.below(3000) } else { 1 };
        input.extend(piece.repeat(times).bytes());
    }
    input
}
