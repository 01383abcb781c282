//! A fake agent's state: what it answers, what it was asked, what it still has to send.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Read;
use std::task::Waker;
use std::time::Instant;

use serde_json::Value;

use super::answer::Answer;
use super::dialect::Dialect;
use super::freeze::Freezer;
use super::parser::{Item, Parser};
use super::power::Power;

/// A request that a fake agent was sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// The command's name.
    pub name: String,
    /// Its arguments; an empty object if there were none.
    pub arguments: Value,
}

pub(super) type Handler = Box<dyn FnMut(&Call) -> Answer + Send>;

#[derive(Default)]
pub(super) struct State {
    pub(super) handlers: BTreeMap<String, Handler>,
    pub(super) restart_hooks: Vec<Box<dyn FnMut() + Send>>,
    pub(super) disabled: BTreeSet<String>,
    pub(super) dialect: Dialect,
    pub(super) version: Option<String>,
    /// What is sent in place of a command's next answer.
    pub(super) replaced: BTreeMap<String, Answer>,
    pub(super) freezer: Freezer,
    pub(super) requests: Vec<Call>,
    pub(super) parser: Parser,
    pub(super) outgoing: VecDeque<Piece>,
    /// How many bytes a connection gives and takes at once.
    pub(super) piece_size: Option<usize>,
    pub(super) refusing: bool,
    pub(super) power: Power,
    pub(super) connection: u64,
    pub(super) reader: Option<Waker>,
}

/// Bytes on their way to the client.
pub(super) struct Piece {
    at: Instant,
    bytes: VecDeque<u8>,
    hang_up: bool,
}

/// What a connection can read now.
pub(super) enum Readable {
    Bytes(usize),
    End,
    NotBefore(Option<Instant>),
}

impl State {
    /// Takes bytes that a client wrote.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        if self.keeps(bytes) {
            return;
        }
        let mut effects = Vec::new();
        for item in self.parser.feed(bytes) {
            let answer = match item {
                Item::Garbage => Answer::error("GenericError", "JSON parse error, stray input"),
                Item::Object(text) => self.answer(&text),
            };
            effects.extend(answer.effect);
            self.send(self.dialect.reword(answer));
        }
        // What the guest is told to do takes a moment, in which the agent goes on.
        for effect in effects {
            self.change_power(effect);
        }
    }

    pub(super) fn restart(&mut self) {
        self.restart_agent();
        self.freezer.force(false);
    }

    pub(super) fn restart_agent(&mut self) {
        self.parser = self.parser.restarted();
        self.outgoing.clear();
        self.restart_hooks.iter_mut().for_each(|hook| hook());
    }

    pub(super) fn hang_up(&mut self) {
        if self.outgoing.is_empty() {
            self.connection += 1;
        } else {
            self.send(Answer::silence().then_hang_up());
        }
    }

    /// How many bytes wait for the client.
    pub(super) fn unread(&self) -> usize {
        self.outgoing.iter().map(|piece| piece.bytes.len()).sum()
    }

    pub(super) fn has_outgoing(&self) -> bool {
        self.outgoing.iter().any(|piece| piece.hang_up || !piece.bytes.is_empty())
    }

    pub(super) fn send(&mut self, answer: Answer) {
        let last =
            self.outgoing.back().map_or_else(Instant::now, |piece| piece.at.max(Instant::now()));
        let at = last.checked_add(answer.delay).unwrap_or(last);
        self.outgoing.push_back(Piece { at, bytes: answer.bytes.into(), hang_up: answer.hang_up });
    }

    fn answer(&mut self, text: &[u8]) -> Answer {
        let Ok(Value::Object(mut request)) = serde_json::from_slice(text) else {
            return Answer::error("GenericError", "JSON parse error, expecting value");
        };
        let Some(name) = request.get("execute").and_then(Value::as_str).map(str::to_owned) else {
            return Answer::error("GenericError", "QMP input lacks member 'execute'");
        };
        let arguments =
            request.remove("arguments").unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        let call = Call { name, arguments };
        if !call.name.starts_with("guest-sync") && !call.name.starts_with("no-such-command-") {
            self.requests.push(call.clone());
        }
        let answer = self.execute(&call);
        self.replaced.remove(&call.name).unwrap_or(answer)
    }

    fn execute(&mut self, call: &Call) -> Answer {
        let name = &call.name;
        if !self.handlers.contains_key(name) {
            return self.dialect.not_found(name);
        }
        if !self.is_enabled(name) {
            return self.dialect.disabled(name, !self.disabled.contains(name));
        }
        match name.as_str() {
            "guest-info" => self.info(),
            "guest-fsfreeze-status" => {
                Answer::value(if self.freezer.is_frozen() { "frozen" } else { "thawed" })
            }
            _ => match self.handlers.get_mut(name) {
                Some(handler) => handler(call),
                None => Answer::silence(),
            },
        }
    }

    fn is_enabled(&self, name: &str) -> bool {
        !self.disabled.contains(name)
            && (self.dialect.allows_while_frozen(name) || !self.freezer.is_frozen())
    }

    fn info(&self) -> Answer {
        let version = self.version.as_deref().unwrap_or("0.0");
        let names = self.handlers.keys().map(String::as_str);
        self.dialect.info(version, names.map(|name| (name, self.is_enabled(name))))
    }

    /// Takes on a dialect, and drops all but these commands.
    pub(super) fn become_one_of(&mut self, dialect: Dialect, commands: &BTreeSet<&str>) {
        self.dialect = dialect;
        self.handlers.retain(|name, _| commands.contains(name.as_str()));
    }

    /// Acts at the end of lines, and throws away longer ones.
    pub(super) fn read_lines(&mut self, limit: usize) {
        self.parser = Parser::of_lines(limit);
    }

    /// Fills a buffer with what is due.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Readable {
        self.come_up();
        let size = self.piece_size.unwrap_or(usize::MAX).min(buf.len());
        let mut read = 0;
        while let Some(piece) = self.outgoing.front_mut() {
            if piece.at > Instant::now() {
                return if read > 0 {
                    Readable::Bytes(read)
                } else {
                    Readable::NotBefore(Some(piece.at))
                };
            }
            // A queue in memory cannot fail to be read.
            let room = buf.get_mut(read..size).unwrap_or_default();
            read += piece.bytes.read(room).unwrap_or_default();
            if read == size && !piece.bytes.is_empty() {
                return Readable::Bytes(read);
            }
            if piece.hang_up && read > 0 {
                return Readable::Bytes(read);
            }
            let hang_up = piece.hang_up;
            self.outgoing.pop_front();
            if hang_up {
                self.connection += 1;
                return Readable::End;
            }
        }
        if read > 0 { Readable::Bytes(read) } else { Readable::NotBefore(self.next_change()) }
    }
}
