//! The driver between a session and a connection: handshake, deadlines and outcomes, written once for both faces.

mod contention;
mod deadline;
mod link;
mod refusal;
mod sync_id;
#[cfg(test)]
mod tests;
mod trace;

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};
use std::time::Duration;

pub(crate) use deadline::Deadline;
pub use deadline::{Class, Deadlines};
pub(crate) use link::{Link, Transfer};
use sync_id::SyncIds;
use trace::{Call, Traffic};

use crate::command::{NoReply, Reply as _};
use crate::commands::GuestInfo;
use crate::protocol::{Event, Reply, Request, Session, Stranger};
use crate::{Capabilities, Cause, Command, Error, ReplyProblem, Stage};

/// How many bytes are read at once: as many as most replies have, until one has more. A client that waits for its next call keeps
/// no more than the first, because there may be thousands of them.
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
    due: Option<Request>,
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
        }
    }

    pub(crate) fn set_reply_limit(&mut self, bytes: usize) {
        self.session.set_reply_limit(bytes);
    }

    /// Executes a command that is already written out, and decodes what it returns.
    pub(crate) async fn execute<C: Command>(
        &mut self,
        request: Result<Request, Cause>,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error> {
        let call = Call::begin(C::NAME, || self.link.now(), self.traffic);
        let result = call.around(self.execute_untold::<C>(request, limit)).await;
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
        let result = call.around(self.request_untold(request, limit)).await;
        call.end(result.as_ref().err(), || self.link.now(), self.traffic);
        result
    }

    async fn execute_untold<C: Command>(
        &mut self,
        request: Result<Request, Cause>,
        limit: Option<Duration>,
    ) -> Result<C::Output, Error> {
        let request = request.map_err(|cause| Error::NotSent { command: C::NAME.into(), cause })?;
        let decoded = match self.request_untold(&request, limit).await? {
            Answer::Reply(reply) => {
                reply.decode::<C>().map_err(|problem| (problem, reply.into_bytes()))
            }
            Answer::None(seen) => {
                C::Output::silence(seen).ok_or_else(|| (no_silence(), Vec::new()))
            }
        };
        decoded.map_err(|(problem, reply)| {
            // It may be the reply to something else.
            self.session.abandon();
            Error::UnexpectedReply {
                command: C::NAME.into(),
                problem: ReplyProblem::WrongType(problem),
                reply,
            }
        })
    }

    async fn request_untold(
        &mut self,
        request: &Request,
        limit: Option<Duration>,
    ) -> Result<Answer, Error> {
        let result = self.request_over_connection(request, limit).await;
        if request.name().starts_with("guest-fsfreeze-") {
            // Which commands are enabled depends on it.
            self.capabilities = None;
        }
        if self.connects_per_call {
            self.close(DROP_PATIENCE).await;
        }
        self.read_at_once(READ_SIZES[0]);
        result
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
        let info = self.execute::<GuestInfo>(Request::new(&GuestInfo::new()), None).await?;
        Ok(self.capabilities.insert(info.into()).clone())
    }

    async fn request_over_connection(
        &mut self,
        request: &Request,
        limit: Option<Duration>,
    ) -> Result<Answer, Error> {
        let limit = limit.unwrap_or_else(|| self.deadlines.of(request.name()));
        let deadline = Deadline::after(self.link.now(), limit);
        let reused = self.link.is_open();
        let mut result = self.exchange(request, deadline).await;
        // The connection died while nobody looked. Where nothing was executed, or a query that was executed harms nobody,
        // another one may take its place.
        let may_repeat = match &result {
            Err(Error::NotSent { cause: Cause::Closed | Cause::Io(_), .. }) => reused,
            Err(Error::OutcomeUnknown { cause: Cause::Closed | Cause::Io(_), .. }) => {
                self.repeats_queries && Class::of(request.name()) == Class::Query
            }
            _ => false,
        };
        if may_repeat && self.link.can_reopen() {
            result = self.exchange(request, deadline).await;
        }
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
        }
        self.link.close();
    }

    /// Sends a request and waits for its answer, once.
    async fn exchange(&mut self, request: &Request, deadline: Deadline) -> Result<Answer, Error> {
        let name = || request.name().to_owned().into();
        let due = self.due.take().filter(|due| due == request && self.link.is_open());
        if due.is_none() || !self.session.is_reply_due() {
            self.prepare(deadline)
                .await
                .map_err(|cause| Error::NotSent { command: name(), cause })?;
            if self.session.submit(request).is_err() {
                return Err(Error::NotSent { command: name(), cause: Cause::Closed });
            }
        }
        if is_answered_once(request.name()) {
            self.due = Some(request.clone());
        }
        let (event, interruption) = match self.next_event(deadline).await {
            Ok(event) => {
                self.due = None;
                (Some(event), None)
            }
            Err(Interruption::Deadline) if self.due.is_some() && self.session.request_sent() => {
                (None, Some((Interruption::Deadline, true)))
            }
            Err(interruption) => {
                let sent = self.session.request_sent();
                self.session.finish();
                (self.session.poll(), Some((interruption, sent)))
            }
        };
        match (event, interruption) {
            (Some(Event::Returned(reply)), _) => Ok(Answer::Reply(reply)),
            (Some(Event::Accepted), _) => Ok(Answer::None(NoReply::Accepted)),
            (Some(Event::Failed(error)), _) => Err(Error::Failed { command: name(), error }),
            (Some(Event::Garbled { problem, reply }), _) => {
                Err(Error::UnexpectedReply { command: name(), problem, reply })
            }
            (Some(Event::TooLong), _) => {
                Err(Error::TooLong { command: name(), limit: self.session.reply_limit() })
            }
            (_, Some((interruption, false))) => Err(Error::NotSent {
                command: name(),
                cause: interruption.cause(deadline, Stage::Write),
            }),
            // Silence, or the end of the stream, is all there will be.
            (_, Some((Interruption::Deadline, true))) if !request.reply_expected() => {
                Ok(Answer::None(NoReply::Silence))
            }
            (_, Some((Interruption::Closed, true))) if !request.reply_expected() => {
                Ok(Answer::None(NoReply::Ended))
            }
            (_, Some((interruption, true))) => Err(Error::OutcomeUnknown {
                command: name(),
                cause: interruption.cause(deadline, Stage::Reply),
            }),
            (Some(Event::Synced) | None, None) => {
                Err(Error::OutcomeUnknown { command: name(), cause: Cause::Closed })
            }
        }
    }

    /// Makes sure that there is a connection, and that it is in order.
    async fn prepare(&mut self, deadline: Deadline) -> Result<(), Cause> {
        if !self.link.is_open() {
            let limit = self.session.reply_limit();
            self.session = Session::new();
            self.session.set_reply_limit(limit);
            self.used = false;
            self.capabilities = None;
            poll_fn(|cx| self.link.poll_open(cx, deadline.at))
                .await
                .map_err(|error| self.not_served(error.into(), deadline, Stage::Connection))?;
        }
        self.synchronise(deadline)
            .await
            .map_err(|interruption| self.not_served(interruption, deadline, Stage::Handshake))
    }

    /// Why there is no channel to an agent that answers.
    fn not_served(&self, why: Interruption, deadline: Deadline, waiting_for: Stage) -> Cause {
        let limit = deadline.limit;
        match (&why, self.link.socket(), self.session.noise()) {
            (Interruption::Deadline, Some(socket), _)
                if contention::is_contended(socket, waiting_for) =>
            {
                Cause::Busy { limit }
            }
            (Interruption::Deadline, _, Some(noise)) => {
                Cause::Noise { limit, begins: noise.to_vec() }
            }
            _ => why.cause(deadline, waiting_for),
        }
    }

    async fn synchronise(&mut self, deadline: Deadline) -> Result<(), Interruption> {
        let mut patience = FIRST_PATIENCE;
        while !self.session.is_ready() {
            self.session.sync(self.sync_ids.next_id());
            let attempt = deadline.or_after(self.link.now(), patience);
            patience = patience.saturating_mul(2);
            match self.next_event(attempt).await {
                Ok(_) => {}
                Err(Interruption::Deadline) if attempt.at < deadline.at => {}
                Err(interruption) => {
                    self.session.abandon();
                    return Err(interruption);
                }
            }
        }
        Ok(())
    }

    /// Moves bytes until the session has something to say. At the end of the stream the connection is given up.
    async fn next_event(&mut self, deadline: Deadline) -> Result<Event, Interruption> {
        loop {
            if let Some(event) = self.session.poll() {
                return Ok(event);
            }
            if let Err(interruption) = poll_fn(|cx| self.poll_step(cx, deadline)).await {
                if !matches!(interruption, Interruption::Deadline) {
                    self.link.close();
                }
                return Err(interruption);
            }
        }
    }

    fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Deadline,
    ) -> Poll<Result<(), Interruption>> {
        let outgoing = self.session.outgoing();
        let nothing_to_write = outgoing.is_empty();
        let transfer =
            ready!(self.link.poll_transfer(cx, outgoing, &mut self.incoming, deadline.at));
        Poll::Ready(match transfer {
            Ok(Transfer::Written(0)) if !nothing_to_write => Err(Interruption::Closed),
            Ok(Transfer::Read(0)) => Err(Interruption::Closed),
            Ok(Transfer::Written(n)) => {
                self.used = true;
                self.traffic.sent += n as u64;
                self.session.sent(n);
                Ok(())
            }
            Ok(Transfer::Read(n)) => {
                self.traffic.received += n as u64;
                self.session.receive(self.incoming.get(..n).unwrap_or_default());
                if n == self.incoming.len() {
                    self.read_at_once(READ_SIZES[1]);
                }
                self.session.stranger().map_or(Ok(()), |found| Err(Interruption::Stranger(found)))
            }
            Err(error) => Err(error.into()),
        })
    }
}

/// Whether an answer to this command can be lost for good: the agent forgets a process when it has told its end.
fn is_answered_once(command: &str) -> bool {
    command == "guest-exec-status"
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
