//! The state of one channel: bytes and commands in, events out.

use super::event::{Event, NotReady};
use super::frame::{Frame, Framer};
use super::marker::Marker;
use super::message::{self, Message, Reply, Verdict};
use super::opening::{Opening, Stranger};
use super::outgoing::Outgoing;
use super::request::Request;
use crate::ReplyProblem;

/// How long a reply may be unless told otherwise: as long as the largest read that agents allow, 48 MiB, is in base64,
/// and room for what is around it.
pub const DEFAULT_REPLY_LIMIT: usize = 64 * 1024 * 1024 + 64 * 1024;

/// Identifiers given to [`Session::sync`] are below this, so that agents which keep numbers in floating point return
/// them exactly, with room for the ones the session counts on from there.
pub const SYNC_ID_LIMIT: i64 = (1 << 53) - (1 << 32);

/// How much of a line is read while only the answer to a handshake is of interest.
const SYNC_LINE_LIMIT: usize = 4096;

/// One channel to an agent: what is to be written to it, and what the bytes from it mean.
///
/// An agent handles one request at a time and answers in order, and replies carry nothing that says to which request
/// they belong (agents before QEMU 4.0 refuse requests with an `id`). So there is one request in flight at most, and after
/// anything out of order, such as a timeout, the channel has to be put in order with [`sync`](Self::sync), which also
/// says where to begin. Until then [`submit`](Self::submit) refuses.
#[derive(Debug)]
pub struct Session {
    state: State,
    framer: Framer,
    opening: Opening,
    outgoing: Outgoing,
    event: Option<Event>,
    reply_limit: usize,
    /// How the last handshake was answered.
    marker: Marker,
    /// What the next marker will be known by.
    next_id: i64,
    /// The numbers of the handshakes that were not answered: of the last one, and of the one before.
    unanswered: [Option<i64>; 2],
    /// Whether the answer to the one before came after the last one had begun.
    answers_late: bool,
    /// Whether the agent acts at the end of a line: not QEMU's, which act at the closing brace, but some written by others.
    reads_lines: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is known about what the next bytes belong to.
    Unsynced,
    /// Waiting for the marker with this number.
    Syncing { id: i64 },
    /// No reply is due.
    Idle,
    /// A reply is due.
    Busy,
    /// Nothing is due but an error or, since they come in order, the marker that was sent right behind the command.
    Confirming { id: i64 },
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// A session at the beginning of a connection, about whose past nothing is known.
    pub fn new() -> Self {
        Self {
            state: State::Unsynced,
            framer: Framer::new(),
            opening: Opening::default(),
            outgoing: Outgoing::default(),
            event: None,
            reply_limit: DEFAULT_REPLY_LIMIT,
            marker: Marker::Delimited,
            next_id: 0,
            unanswered: [None; 2],
            answers_late: false,
            reads_lines: false,
        }
    }

    /// How long a reply may be, in bytes. Longer ones are thrown away as they come, and never held in memory.
    pub fn set_reply_limit(&mut self, bytes: usize) {
        self.reply_limit = bytes;
    }

    /// How long a reply may be, in bytes.
    pub fn reply_limit(&self) -> usize {
        self.reply_limit
    }

    /// Whether a command can be submitted. Ask after [`poll`](Self::poll): what came may look like a reply, and only reading it says
    /// that the channel is out of order.
    #[inline]
    pub fn is_ready(&self) -> bool {
        self.state == State::Idle
    }

    /// Starts putting the channel in order, from any state, and forgets whatever was due; [`Event::Synced`] will follow.
    /// Everything that comes before the answer is thrown away, however much it is.
    ///
    /// The number must be one that the agent has not seen on this channel, so that an old answer is not taken for the
    /// new one: random and below [`SYNC_ID_LIMIT`]. If the request is lost, call this again with another number.
    ///
    /// An agent that was interrupted in the middle of a request is brought back by the newline and the byte 0xFF that
    /// go first. Where the agent has no `guest-sync-delimited`, or has it disabled, the session goes on to other
    /// requests whose answers cannot be mistaken: [`outgoing`](Self::outgoing) has something to write again after
    /// [`receive`](Self::receive).
    ///
    /// An agent that acts at the end of a line answers each handshake only when the next one begins. Once that was seen, every
    /// request is ended with a newline.
    pub fn sync(&mut self, id: i64) {
        self.reads_lines |= std::mem::take(&mut self.answers_late);
        self.unanswered = [Some(id), self.unanswered[0]];
        self.abandon();
        self.marker = Marker::Delimited;
        self.state = State::Syncing { id };
        self.next_id = id.saturating_add(1);
        self.outgoing.put(b"\n\xff");
        self.put_marker(id);
    }

    fn put_marker(&mut self, id: i64) {
        self.outgoing.put(self.marker.request(id).as_bytes());
        self.end_line();
    }

    /// Nothing follows a closing brace, because on character devices a lone newline can cost the reply; unless it has to.
    fn end_line(&mut self) {
        if self.reads_lines {
            self.outgoing.put(b"\n");
        }
    }

    /// Takes a command; one of [`Event::Returned`], [`Event::Failed`], [`Event::Garbled`] and [`Event::TooLong`] will
    /// follow, or for a command without a reply [`Event::Accepted`] in the place of the first.
    ///
    /// # Errors
    /// The session is not [ready](Self::is_ready). An event that was not [polled](Self::poll) is dropped.
    pub fn submit(&mut self, request: &Request) -> Result<(), NotReady> {
        // What nobody asked for may still say that the channel is out of order.
        self.poll();
        if !self.is_ready() {
            return Err(NotReady);
        }
        self.framer.end_noise();
        self.outgoing.put(request.text());
        self.outgoing.end_request();
        self.end_line();
        self.state = State::Busy;
        if !request.reply_expected() {
            let id = self.take_id();
            self.put_marker(id);
            self.state = State::Confirming { id };
        }
        Ok(())
    }

    /// The bytes to write next; report how many were written with [`sent`](Self::sent).
    #[inline]
    pub fn outgoing(&self) -> &[u8] {
        self.outgoing.rest()
    }

    /// Says that so many bytes of [`outgoing`](Self::outgoing) were written.
    #[inline]
    pub fn sent(&mut self, bytes: usize) {
        self.outgoing.advance(bytes);
    }

    /// Whether the command submitted last was written in whole; ask before the session is told to
    /// [`finish`](Self::finish), to [`abandon`](Self::abandon) or to [`sync`](Self::sync). If it was not, the agent will
    /// not act upon it, because agents act upon the closing brace, and the rest will never be written.
    #[inline]
    pub fn request_sent(&self) -> bool {
        self.outgoing.request_sent()
    }

    /// Whether the reply to the command submitted last is due, and can still be told from others.
    #[inline]
    pub(crate) fn is_reply_due(&self) -> bool {
        self.state == State::Busy
    }

    /// Whether bytes are due from the agent: an answer that has not come, or the rest of a line.
    pub fn is_answer_due(&self) -> bool {
        !matches!(self.state, State::Idle) || self.framer.is_inside()
    }

    /// Takes bytes that came from the agent, in pieces of any size. Call [`poll`](Self::poll) afterwards.
    pub fn receive(&mut self, mut bytes: &[u8]) {
        self.opening.take(bytes);
        while !bytes.is_empty() {
            let (taken, frame) = self.framer.feed(bytes, self.line_limit());
            bytes = bytes.get(taken..).unwrap_or_default();
            if self.state == State::Idle && (frame.is_some() || self.framer.is_inside()) {
                // A reply that nothing asked for: there is no telling what the next one belongs to.
                self.state = State::Unsynced;
            }
            if let Some(frame) = frame {
                self.take(frame);
            }
        }
    }

    /// Who is at the other end, if it is known to be no agent by how it began to speak. There is no use in going on then.
    #[inline]
    pub fn stranger(&self) -> Option<Stranger> {
        self.opening.stranger()
    }

    /// The first bytes that came, up to 64, if something came and none of it was what agents say.
    pub fn noise(&self) -> Option<&[u8]> {
        self.opening.noise()
    }

    /// Says that nothing more will be waited for: the connection was closed, or time is up. What is there counts if it
    /// is complete but for the end of the line. Call [`poll`](Self::poll) afterwards, and [`sync`](Self::sync) before
    /// the next command.
    pub fn finish(&mut self) {
        if let Some(frame) = self.framer.finish() {
            self.take(frame);
        } else if let State::Confirming { id } = self.state {
            // An error that has only begun is no silence.
            let begun = self.framer.take_line();
            self.take_while_confirming(Frame::BrokenOff(begun), id);
        }
        self.abandon_keeping_event();
    }

    /// The next event, if there is one. Call it after [`receive`](Self::receive) and [`finish`](Self::finish).
    pub fn poll(&mut self) -> Option<Event> {
        match self.poll_unread()? {
            Event::Returned(reply) => self.read(reply),
            event => Some(event),
        }
    }

    /// The same, without reading a reply that looks like one: if it cannot be decoded, it has to be [read](Self::read).
    #[inline]
    pub(crate) fn poll_unread(&mut self) -> Option<Event> {
        self.event.take()
    }

    /// Takes the room of a reply that is done with for the next one.
    pub(crate) fn reuse(&mut self, reply: Reply) {
        self.framer.reuse(reply.into_bytes());
    }

    /// Reads a reply that came from [`poll_unread`](Self::poll_unread).
    pub(crate) fn read(&mut self, reply: Reply) -> Option<Event> {
        if reply.is_read() {
            Some(Event::Returned(reply))
        } else {
            self.read_reply(reply.into_bytes())
        }
    }

    /// Forgets whatever was due. The answer, should it come, is thrown away; [`sync`](Self::sync) has to follow.
    pub fn abandon(&mut self) {
        self.event = None;
        self.abandon_keeping_event();
    }

    fn abandon_keeping_event(&mut self) {
        self.state = State::Unsynced;
        self.outgoing = Outgoing::default();
        self.framer.drop_line();
    }

    fn line_limit(&self) -> usize {
        match self.state {
            State::Unsynced | State::Idle => 0,
            State::Syncing { .. } => SYNC_LINE_LIMIT,
            State::Busy => self.reply_limit,
            // An error can be as long as any reply: agents put into it what the programs that they run have said.
            State::Confirming { .. } => self.reply_limit.max(SYNC_LINE_LIMIT),
        }
    }

    fn take_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        id
    }

    fn take(&mut self, frame: Frame) {
        match self.state {
            State::Unsynced | State::Idle => {}
            State::Syncing { id } => {
                if let Frame::Line(line) = frame {
                    self.take_while_syncing(&line, id);
                }
            }
            State::Busy => self.take_reply(frame),
            State::Confirming { id } => self.take_while_confirming(frame, id),
        }
    }

    fn take_while_syncing(&mut self, line: &[u8], id: i64) {
        let Ok(message) = message::parse(line) else { return };
        self.opening.is_agents();
        if self.marker.is_answer(&message, id) {
            self.state = State::Idle;
            self.event = Some(Event::Synced);
            self.unanswered = [None; 2];
            self.answers_late = false;
            return;
        }
        self.answers_late |=
            self.unanswered[1].is_some_and(|before| self.marker.is_answer(&message, before));
        // This may as well be the late answer to an older command; then the answer to the first marker is still to come,
        // and is passed over like everything else before the answer to the second.
        let Message::Error(error) = message else { return };
        if let Some(marker) = self.marker.fallback().filter(|_| error.may_be_refusal()) {
            let id = self.take_id();
            self.marker = marker;
            self.state = State::Syncing { id };
            self.outgoing.put(b"\n");
            self.put_marker(id);
        }
    }

    fn take_while_confirming(&mut self, frame: Frame, id: i64) {
        let event = match frame.into_line() {
            Err(Event::Garbled { problem: ReplyProblem::BrokenOff, reply })
                if !message::begins_as_error(&reply) =>
            {
                return;
            }
            Err(event) => event,
            Ok(line) => match message::parse(&line) {
                Ok(message) if self.marker.is_answer(&message, id) => {
                    self.state = State::Idle;
                    self.event = Some(Event::Accepted);
                    return;
                }
                Ok(Message::Error(error)) => Event::Failed(error),
                Err(error) if message::begins_as_error(&line) => {
                    Event::Garbled { problem: ReplyProblem::Malformed(error), reply: line }
                }
                // Agents before QEMU 1.1 answer these commands too, and lines echo both requests as one.
                Ok(Message::Return(_) | Message::Request) | Err(_) => return,
            },
        };
        // The answer to the marker is still to come.
        self.state = State::Unsynced;
        self.event = Some(event);
    }

    fn take_reply(&mut self, frame: Frame) {
        self.state = State::Idle;
        self.event = Some(match frame.into_line() {
            Ok(line) => match self.take_reply_line(line) {
                Some(event) => event,
                None => return self.state = State::Busy,
            },
            Err(event) => {
                if let Event::Garbled { problem: ReplyProblem::BrokenOff, .. } = event {
                    self.state = State::Unsynced;
                }
                event
            }
        });
    }

    /// The event of a line where a reply is due; `None` if it is to be skipped.
    fn take_reply_line(&mut self, line: Vec<u8>) -> Option<Event> {
        if !self.request_sent() {
            return self.read_reply(line);
        }
        match Reply::unread(line) {
            Ok(reply) => Some(Event::Returned(reply)),
            Err(line) => self.read_reply(line),
        }
    }

    /// What a line says where a reply is due; `None` if it is to be skipped.
    fn read_reply(&mut self, line: Vec<u8>) -> Option<Event> {
        let (line, verdict) = match Verdict::on(&line) {
            Err(error) => message::without_non_numbers(&line)
                .and_then(|clean| Verdict::on(&clean).ok().map(|verdict| (clean, Ok(verdict))))
                .unwrap_or((line, Err(error))),
            verdict => (line, verdict),
        };
        match verdict {
            // The agent cannot have answered what it has not got.
            Ok(Verdict::Returned(_)) if !self.request_sent() => None,
            Ok(Verdict::Returned(value)) => Some(Event::Returned(Reply::new(line, value))),
            Ok(Verdict::Failed(error)) => {
                if error.is_about_request_text() || !self.request_sent() {
                    // The request was damaged on its way, or found too long; more such errors may follow.
                    self.state = State::Unsynced;
                }
                Some(Event::Failed(error))
            }
            Ok(Verdict::Echo) => None,
            Err(error) => {
                self.state = State::Unsynced;
                Some(Event::Garbled { problem: ReplyProblem::Malformed(error), reply: line })
            }
        }
    }
}
