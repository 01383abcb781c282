//! A fake agent as tests hold it: what it can be told to do, and asked.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::answer::Answer;
use super::freeze::Freezer;
use super::state::{Call, State};
use super::stream::Connection;

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

    /// Forgets the requests so far, which are otherwise kept as long as the agent.
    pub fn forget_requests(&self) -> &Self {
        self.lock().requests = Vec::new();
        self
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
        self.lock().unread()
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

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("requests", &self.lock().requests).finish_non_exhaustive()
    }
}
