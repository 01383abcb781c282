//! The driver between a session and a connection: handshake, deadlines and outcomes, written once for both faces.

mod contention;
mod deadline;
mod exchange;
mod link;
mod refusal;
mod sync_id;
#[cfg(test)]
mod tests;
mod trace;

use std::io;
use std::time::Duration;

pub(crate) use deadline::Deadline;
pub use deadline::{Class, Deadlines};
pub(crate) use link::{Link, Transfer};
use sync_id::SyncIds;
use trace::{Call, Traffic};

use crate::command::{NoReply, Reply as _};
use crate::commands::GuestInfo;
use crate::protocol::{Reply, Request, Session, Stranger};
use crate::wire::Wiped;
use crate::{Capabilities, Cause, Command, Error, ReplyProblem, Stage};

/// How many bytes are read at once: as many as most replies have, until one has more. A client that waits for its next call keeps
/// no more than the first, because there may be thousands of them; unless the future of the last one was dropped meanwhile.
const READ_SIZES: [usize; 2] = [4 * 1024, 64 * 1024];

/// How long the first handshake may go unanswered before it is sent again; each further one may take twice as long, so that
/// a slow agent is not outrun.
const FIRST_PATIENCE: Duration = Duration::from_secs(1);

/// How long an answer that is still due is waited for when a client is dropped, or gives up its connection after a call.
pub(crate) const DROP_PATIENCE: Duration = Duration::from_millis(250);

/// One client, whatever its connection.
#[derive(Debug)]
pub(crate) struct Driver<L> {
    pub(crate) link: L,
    pub(crate) deadlines: Deadlines,
    /// Whether queries whose outcome is unknown are sent again.
    pub(crate) repeats_queries: bool,
    /// Whether the connection is given up after each call.
    pub(crate) connects_per_call: bool,
    /// What the agent on this connection said it can do.
    capabilities: Option<Capabilities>,
    traffic: Traffic,
    session: Session,
    sync_ids: SyncIds,
    incoming: Box<[u8]>,
    /// Whether this connection has been written to.
    used: bool,
    /// The request whose answer is due, if agents give that answer once only: the same request again waits for it.
    due: Option<Box<Request>>,
    /// Where the next command is written out.
    room: Wiped,
}

/// What a command that did not fail was answered with.
pub(crate) enum Answer {
    Reply(Reply),
    /// Nothing, and nothing was to be expected.
    None(NoReply),
}

impl Answer {
    pub(crate) fn reply(self) -> Option<Reply> {
        match self {
            Self::Reply(reply) => Some(reply),
            Self::None(_) => None,
        }
    }
}

/// Why waiting for the session came to nothing.
enum Interruption {
    Deadline,
    Closed,
    Stranger(Stranger),
    Io(io::Error),
}

impl<L: Link> Driver<L> {
    pub(crate) fn new(link: L) -> Self {
        Self {
            link,
            deadlines: Deadlines::new(),
            repeats_queries: false,
            connects_per_call: false,
            capabilities: None,
            traffic: Traffic::default(),
            session: Session::new(),
            sync_ids: SyncIds::new(),
            incoming: vec![0; READ_SIZES[0]].into_boxed_slice(),
            used: false,
            due: None,
            room: Wiped::default(),
        }
    }

    pub(crate) fn set_reply_limit(&mut self, bytes: usize) {
        self.session.set_reply_limit(bytes);
    }

    /// Writes out a command, for [`execute`](Self::execute).
    pub(crate) fn write<C: Command>(&mut self, command: &C) -> Result<Request, Cause> {
        Request::within(std::mem::take(&mut self.room), command)
    }

    /// Executes a command that is already written out, and decodes what it returns.
    pub(crate) async fn execute<C: Command>(
        &mut self,
        request: Result<Request, Cause>,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error> {
        let call = Call::begin(C::NAME, || self.link.now(), self.traffic);
        let result = match request {
            Ok(request) => {
                let answer = call.around(self.request_untold(&request, limit)).await;
                let output = answer.and_then(|answer| self.decode::<C>(&request, answer));
                self.room = request.into_room();
                output
            }
            Err(cause) => Err(Error::NotSent { command: C::NAME.into(), cause }),
        };
        call.end(result.as_ref().err(), || self.link.now(), self.traffic);
        result
    }

    /// Executes a command.
    pub(crate) async fn request(
        &mut self,
        request: &Request,
        limit: Option<Duration>,
    ) -> Result<Answer, Error> {
        let call = Call::begin(request.name(), || self.link.now(), self.traffic);
        let result = match call.around(self.request_untold(request, limit)).await {
            Ok(Answer::Reply(reply)) => self.read(request, reply).map(Answer::Reply),
            result => result,
        };
        call.end(result.as_ref().err(), || self.link.now(), self.traffic);
        result
    }

    async fn request_untold(
        &mut self,
        request: &Request,
        limit: Option<Duration>,
    ) -> Result<Answer, Error> {
        let limit = limit.unwrap_or_else(|| self.deadlines.of(request.name()));
        let deadline = Deadline::after(self.link.now(), limit);
        let reused = self.link.is_open();
        let mut result = self.exchange(request, deadline, Some(limit)).await;
        // What is seldom needed is boxed, so that the futures of all calls stay small.
        if let Err(error) = result {
            result = Box::pin(self.recover(request, error, reused, deadline)).await;
        }
        if request.name().starts_with("guest-fsfreeze-") {
            // Which commands are enabled depends on it.
            self.capabilities = None;
        }
        if self.connects_per_call {
            result = Box::pin(self.close_with(result)).await;
        }
        self.read_at_once(READ_SIZES[0]);
        result
    }

    /// Gives up the connection after a call, and hands on what came of that: so that it need not wait in every call's future.
    async fn close_with(&mut self, result: Result<Answer, Error>) -> Result<Answer, Error> {
        self.close(DROP_PATIENCE).await;
        result
    }

    fn decode<C: Command>(
        &mut self,
        request: &Request,
        answer: Answer,
    ) -> Result<C::Output, Error> {
        match answer {
            Answer::Reply(reply) => match reply.decode::<C>() {
                Ok(output) => {
                    self.session.reuse(reply);
                    Ok(output)
                }
                Err(problem) => self.decode_again::<C>(request, reply, problem),
            },
            Answer::None(seen) => C::Output::silence(seen)
                .ok_or_else(|| self.wrong_type(request, no_silence(), Vec::new())),
        }
    }

    /// A reply that cannot be decoded as it is: perhaps it is none, or has something in it that is no JSON and can be passed over.
    #[cold]
    fn decode_again<C: Command>(
        &mut self,
        request: &Request,
        reply: Reply,
        problem: serde_json::Error,
    ) -> Result<C::Output, Error> {
        if reply.is_read() {
            return Err(self.wrong_type(request, problem, reply.into_bytes()));
        }
        let reply = self.read(request, reply)?;
        reply.decode::<C>().map_err(|problem| self.wrong_type(request, problem, reply.into_bytes()))
    }

    fn wrong_type(
        &mut self,
        request: &Request,
        problem: serde_json::Error,
        reply: Vec<u8>,
    ) -> Error {
        // It may be the reply to something else.
        self.session.abandon();
        let problem = ReplyProblem::WrongType(problem);
        Error::UnexpectedReply { command: request.name().to_owned().into(), problem, reply }
    }

    fn read_at_once(&mut self, bytes: usize) {
        if self.incoming.len() != bytes {
            self.incoming = vec![0; bytes].into_boxed_slice();
        }
    }

    /// What the agent can do: asked once per connection.
    pub(crate) async fn capabilities(&mut self) -> Result<Capabilities, Error> {
        if let Some(known) = self.capabilities.clone().filter(|_| self.link.is_open()) {
            return Ok(known);
        }
        let request = self.write(&GuestInfo::new());
        let info = self.execute::<GuestInfo>(request, None).await?;
        Ok(self.capabilities.insert(info.into()).clone())
    }

    /// What to make of a failure: another attempt where the connection died while nobody looked, or a better explanation.
    async fn recover(
        &mut self,
        request: &Request,
        error: Error,
        reused: bool,
        deadline: Deadline,
    ) -> Result<Answer, Error> {
        // Where nothing was executed, or a query that was executed harms nobody, another connection may take its place.
        let may_repeat = match &error {
            Error::NotSent { cause: Cause::Closed | Cause::Io(_), .. } => reused,
            Error::OutcomeUnknown { cause: Cause::Closed | Cause::Io(_), .. } => {
                self.repeats_queries && Class::of(request.name()) == Class::Query
            }
            _ => false,
        };
        let result = if may_repeat && self.link.can_reopen() {
            self.exchange(request, deadline, None).await
        } else {
            Err(error)
        };
        match result {
            Err(Error::Failed { error, .. }) => Err(self.judge(request, error, deadline).await),
            result => result,
        }
    }

    /// Whether an answer may be on its way.
    pub(crate) fn must_drain(&self) -> bool {
        self.link.is_open() && self.used && self.session.is_answer_due()
    }

    /// Gives up the connection. An agent that finds its reply unread may die of it, so what is due is read first, if it
    /// comes in time.
    pub(crate) async fn close(&mut self, patience: Duration) {
        if self.must_drain() {
            let deadline = Deadline::after(self.link.now(), patience);
            // If nothing comes in time there is nothing left to do about it.
            let _ = self.synchronise(deadline).await;
            self.read_at_once(READ_SIZES[0]);
        }
        self.link.close();
    }
}

impl From<io::Error> for Interruption {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // What the operating system calls a time-out has a code of its own and is a failure of the connection.
            io::ErrorKind::TimedOut if error.raw_os_error().is_none() => Self::Deadline,
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

impl Interruption {
    fn cause(self, deadline: Deadline, waiting_for: Stage) -> Cause {
        match self {
            Self::Deadline => Cause::Deadline { limit: deadline.limit, waiting_for },
            Self::Closed => Cause::Closed,
            Self::Stranger(stranger) => Cause::Stranger(stranger),
            Self::Io(error) => Cause::Io(error),
        }
    }
}

fn no_silence() -> serde_json::Error {
    serde_core::de::Error::custom("the command's output cannot stand for the lack of a reply")
}
