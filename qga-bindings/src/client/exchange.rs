//! One request and its answer: the connection put in order, bytes moved until the session has something to say, and what that
//! means for the request.

use std::borrow::Cow;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{
    Answer, Deadline, Driver, FIRST_PATIENCE, Interruption, Link, READ_SIZES, Transfer, contention,
};
use crate::command::NoReply;
use crate::protocol::{Event, Reply, Request, Session};
use crate::{Cause, Error, Stage};

impl<L: Link> Driver<L> {
    /// Sends a request and waits for its answer, once. `left` is the time until the deadline, where that is known without a look
    /// at the clock.
    pub(super) async fn exchange(
        &mut self,
        request: &Request,
        deadline: Deadline,
        mut left: Option<Duration>,
    ) -> Result<Answer, Error> {
        if !self.is_due(request) {
            let not_sent = |cause| Error::NotSent { command: name_of(request), cause };
            if !self.link.is_open() || !self.session.is_ready() {
                Box::pin(self.prepare(deadline)).await.map_err(not_sent)?;
                left = None;
            }
            if self.session.submit(request).is_err() {
                return Err(not_sent(Cause::Closed));
            }
        }
        if is_answered_once(request.name()) {
            self.due = Some(Box::new(request.clone()));
        }
        match self.next_event(deadline, left).await {
            Ok(event) => {
                self.due = None;
                self.answer(request, event)
            }
            Err(interruption) => self.interrupted(request, interruption, deadline),
        }
    }

    /// Whether this very request was sent before, and its answer is still to come.
    fn is_due(&mut self, request: &Request) -> bool {
        self.due.take().is_some_and(|due| *due == *request)
            && self.link.is_open()
            && self.session.is_reply_due()
    }

    /// What an event is to a request that was sent.
    fn answer(&self, request: &Request, event: Event) -> Result<Answer, Error> {
        let command = || name_of(request);
        match event {
            Event::Returned(reply) => Ok(Answer::Reply(reply)),
            Event::Accepted => Ok(Answer::None(NoReply::Accepted)),
            Event::Failed(error) => Err(Error::Failed { command: command(), error }),
            Event::Garbled { problem, reply } => {
                Err(Error::UnexpectedReply { command: command(), problem, reply })
            }
            Event::TooLong => {
                Err(Error::TooLong { command: command(), limit: self.session.reply_limit() })
            }
            Event::Synced => {
                Err(Error::OutcomeUnknown { command: command(), cause: Cause::Closed })
            }
        }
    }

    /// Reads a reply that has been known by its looks only.
    pub(super) fn read(&mut self, request: &Request, reply: Reply) -> Result<Reply, Error> {
        let event = self.session.read(reply);
        match event.map(|event| self.answer(request, event)).transpose()? {
            Some(Answer::Reply(reply)) => Ok(reply),
            _ => Err(Error::OutcomeUnknown { command: name_of(request), cause: Cause::Closed }),
        }
    }

    /// What it is to a request that waiting for its answer came to an end. What has come of an answer may be all of it.
    #[cold]
    fn interrupted(
        &mut self,
        request: &Request,
        interruption: Interruption,
        deadline: Deadline,
    ) -> Result<Answer, Error> {
        let sent = self.session.request_sent();
        let is_still_due =
            matches!(interruption, Interruption::Deadline) && self.due.is_some() && sent;
        if !is_still_due {
            self.session.finish();
            if let Some(event) = self.session.poll() {
                return self.answer(request, event);
            }
        }
        match interruption {
            _ if !sent => Err(Error::NotSent {
                command: name_of(request),
                cause: interruption.cause(deadline, Stage::Write),
            }),
            // Silence, or the end of the stream, is all there will be.
            Interruption::Deadline if !request.reply_expected() => {
                Ok(Answer::None(NoReply::Silence))
            }
            Interruption::Closed if !request.reply_expected() => Ok(Answer::None(NoReply::Ended)),
            _ => Err(Error::OutcomeUnknown {
                command: name_of(request),
                cause: interruption.cause(deadline, Stage::Reply),
            }),
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

    pub(super) async fn synchronise(&mut self, deadline: Deadline) -> Result<(), Interruption> {
        let mut patience = FIRST_PATIENCE;
        while !self.session.is_ready() {
            self.session.sync(self.sync_ids.next_id());
            let attempt = deadline.or_after(self.link.now(), patience);
            patience = patience.saturating_mul(2);
            match self.next_event(attempt, None).await {
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
    fn next_event(
        &mut self,
        deadline: Deadline,
        mut left: Option<Duration>,
    ) -> impl Future<Output = Result<Event, Interruption>> {
        poll_fn(move |cx| {
            loop {
                if let Some(event) = self.session.poll_unread() {
                    return Poll::Ready(Ok(event));
                }
                if let Err(interruption) = ready!(self.poll_step(cx, deadline, left.take())) {
                    if !matches!(interruption, Interruption::Deadline) {
                        self.link.close();
                    }
                    return Poll::Ready(Err(interruption));
                }
            }
        })
    }

    fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Deadline,
        left: Option<Duration>,
    ) -> Poll<Result<(), Interruption>> {
        let outgoing = self.session.outgoing();
        let nothing_to_write = outgoing.is_empty();
        let transfer =
            ready!(self.link.poll_transfer(cx, outgoing, &mut self.incoming, deadline.at, left));
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

fn name_of(request: &Request) -> Cow<'static, str> {
    request.name().to_owned().into()
}
