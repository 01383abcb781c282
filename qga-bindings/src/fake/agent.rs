//! A fake agent's state: what it answers, what it was asked, what it still has to send.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::answer::Answer;
use super::dialect::Dialect;
use super::freeze::Freezer;
use super::parser::{Item, Parser};
use super::power::Power;
use super::stream::Connection;

/// A request that a fake agent was sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// The command's name.
    pub name: String,
    /// Its arguments; an empty object if there were none.
    pub arguments: Value,
}

/// A fake agent. Clones are handles of the same agent.
///
/// It answers the handshake as real agents do, what it was told with [`on`](Self::on), and every other command with the error
/// for a command that does not exist. Like a real agent it serves one connection at a time: a new one ends the one before.
#[derive(Clone)]
pub struct Agent {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// There may be something to read.
    changed: Condvar,
}

type Handler = Box<dyn FnMut(&Call) -> Answer + Send>;

#[derive(Default)]
pub(super) struct State {
    handlers: BTreeMap<String, Handler>,
    restart_hooks: Vec<Box<dyn FnMut() + Send>>,
    disabled: BTreeSet<String>,
    dialect: Dialect,
    version: Option<String>,
    /// What is sent in place of a command's next answer.
    replaced: BTreeMap<String, Answer>,
    freezer: Freezer,
    requests: Vec<Call>,
    parser: Parser,
    outgoing: VecDeque<Piece>,
    /// How many bytes a connection gives and takes at once.
    pub(super) piece_size: Option<usize>,
    pub(super) refusing: bool,
    pub(super) power: Power,
    pub(super) connection: u64,
    pub(super) reader: Option<Waker>,
}

/// Bytes on their way to the client.
struct Piece {
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

impl Default for Agent {
    fn default() -> Self {
        Self::new()
    }
}

impl Agent {
    /// An agent that knows `guest-sync`, `guest-sync-delimited`, `guest-ping`, `guest-info` and `guest-fsfreeze-status`.
    pub fn new() -> Self {
        let agent = Self { shared: Arc::default() };
        agent.on("guest-sync", |call| {
            Answer::value(call.arguments.get("id").unwrap_or(&Value::Null))
        });
        agent.on("guest-sync-delimited", |call| {
            let id = call.arguments.get("id").unwrap_or(&Value::Null);
            Answer::bytes(
                [b"\xff".as_slice(), format!("{{\"return\": {id}}}\n").as_bytes()].concat(),
            )
        });
        agent.on("guest-ping", |_| Answer::empty());
        // What these say depends on the agent: they are answered elsewhere.
        agent.on("guest-info", |_| Answer::empty());
        agent.on("guest-fsfreeze-status", |_| Answer::empty());
        agent
    }

    /// Says how a command is answered. The function runs inside of the agent and must not call its methods.
    pub fn on(&self, name: &str, handler: impl FnMut(&Call) -> Answer + Send + 'static) -> &Self {
        self.lock().handlers.insert(name.to_owned(), Box::new(handler));
        self
    }

    /// Has a command executed as it would be, and the next answer to it replaced with this one, as when it is lost on its way.
    pub fn replace_next_answer(&self, name: &str, answer: Answer) -> &Self {
        self.lock().replaced.insert(name.to_owned(), answer);
        self
    }

    /// Removes a command, as if the agent had never had it.
    pub fn without(&self, name: &str) -> &Self {
        self.lock().handlers.remove(name);
        self
    }

    /// Disables a command, as an administrator would.
    pub fn disable(&self, name: &str) -> &Self {
        self.lock().disabled.insert(name.to_owned());
        self
    }

    /// Freezes or thaws the file systems: while they are frozen, all but a few commands are refused.
    pub fn set_frozen(&self, frozen: bool) -> &Self {
        self.lock().freezer.force(frozen);
        self
    }

    /// Says what version the agent is of: `9.2.1`. It is `0.0` otherwise.
    pub fn set_version(&self, version: &str) -> &Self {
        self.lock().version = Some(version.to_owned());
        self
    }

    /// Gives and takes at most so many bytes at once, as if the channel were that narrow.
    pub fn set_piece_size(&self, bytes: usize) -> &Self {
        self.lock().piece_size = Some(bytes.max(1));
        self
    }

    /// Refuses [connections](Self::try_connect), or accepts them again.
    pub fn set_refusing(&self, refusing: bool) -> &Self {
        self.lock().refusing = refusing;
        self
    }

    /// Sends something that nobody asked for, such as what an earlier client left unread.
    pub fn send(&self, answer: Answer) -> &Self {
        let mut state = self.lock();
        state.send(answer);
        self.notify(&mut state);
        drop(state);
        self
    }

    /// Ends the connection, after what is still to be sent.
    pub fn hang_up(&self) -> &Self {
        let mut state = self.lock();
        state.hang_up();
        self.notify(&mut state);
        drop(state);
        self
    }

    /// Forgets everything but its settings, as when the guest is started again. The connection stays open.
    pub fn restart(&self) -> &Self {
        self.lock().restart();
        self
    }

    /// Forgets what it was being asked and had still to say, as when the agent is killed and started again. File systems stay
    /// frozen. The connection stays open, as a virtual machine's channel does; see also [`hang_up`](Self::hang_up).
    pub fn restart_agent(&self) -> &Self {
        self.lock().restart_agent();
        self
    }

    /// Says what else is forgotten when the agent [restarts](Self::restart). The function must not call the agent's methods.
    pub fn on_restart(&self, hook: impl FnMut() + Send + 'static) -> &Self {
        self.lock().restart_hooks.push(Box::new(hook));
        self
    }

    /// The requests so far, without those of handshakes.
    pub fn requests(&self) -> Vec<Call> {
        self.lock().requests.clone()
    }

    /// Connects a client.
    pub fn connect(&self) -> Connection {
        let mut state = self.lock();
        state.connection += 1;
        self.notify(&mut state);
        Connection::new(self.clone(), state.connection)
    }

    /// Connects a client, unless connections are refused.
    ///
    /// # Errors
    /// Connections are refused.
    pub fn try_connect(&self) -> io::Result<Connection> {
        if self.lock().refusing {
            Err(io::ErrorKind::ConnectionRefused.into())
        } else {
            Ok(self.connect())
        }
    }

    /// Serves a client over a stream, such as one end of a socket pair or of a pseudo terminal, until the stream ends. What is
    /// sent without being asked for goes out with the next answer.
    ///
    /// # Errors
    /// The stream's.
    pub fn serve(&self, mut stream: impl Read + Write) -> io::Result<()> {
        let mut client = self.connect();
        let mut buffer = [0; 4096];
        loop {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            client.write_all(buffer.get(..read).unwrap_or_default())?;
            while self.lock().has_outgoing() {
                let answer = client.read(&mut buffer)?;
                if answer == 0 {
                    return Ok(());
                }
                stream.write_all(buffer.get(..answer).unwrap_or_default())?;
            }
            stream.flush()?;
        }
    }

    /// How many bytes were not read by anyone yet.
    pub fn unread(&self) -> usize {
        self.lock().outgoing.iter().map(|piece| piece.bytes.len()).sum()
    }

    pub(super) fn freezer(&self) -> Freezer {
        self.lock().freezer.clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A handler that panicked has said so already; the agent's state is as good as before.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets other threads go on, until there may be something to read or the time has passed.
    pub(super) fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        time: Duration,
    ) -> MutexGuard<'a, State> {
        self.shared.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Says that there may be something to read.
    pub(super) fn notify(&self, state: &mut State) {
        self.shared.changed.notify_all();
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }
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

    fn restart_agent(&mut self) {
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

    fn has_outgoing(&self) -> bool {
        self.outgoing.iter().any(|piece| piece.hang_up || !piece.bytes.is_empty())
    }

    fn send(&mut self, answer: Answer) {
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

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("requests", &self.lock().requests).finish_non_exhaustive()
    }
}
