//! Bytes from the channel into lines that may be replies.
//!
//! Agents send one reply per line. Whatever does not begin with a brace is no reply and is dropped as it comes; a
//! byte 0xFF, which no JSON contains, ends whatever came before it. The time it takes is that of the bytes, whatever they say
//! and however the stream is cut into pieces, and no more than the given limit is ever kept.

use memchr::memchr2;

use super::event::Event;
use super::nesting;
use crate::ReplyProblem;

/// A line that began with a brace, now that it has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The line, without its end.
    Line(Vec<u8>),
    /// It outgrew the limit.
    TooLong,
    /// It was nested too deeply; this is the part before that.
    TooDeep(Vec<u8>),
    /// It ended with 0xFF instead of a newline.
    BrokenOff(Vec<u8>),
}

impl Frame {
    /// The line, or what is to be said where a reply is due and this is none.
    pub(super) fn into_line(self) -> Result<Vec<u8>, Event> {
        Err(match self {
            Self::Line(line) => return Ok(line),
            Self::TooLong => Event::TooLong,
            Self::TooDeep(reply) => {
                let problem = ReplyProblem::TooDeep { limit: nesting::MAX_DEPTH };
                Event::Garbled { problem, reply }
            }
            Self::BrokenOff(reply) => Event::Garbled { problem: ReplyProblem::BrokenOff, reply },
        })
    }
}

/// Where in a line the framer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing but white space so far.
    Start,
    /// Inside a line that began with a brace.
    Object,
    /// Inside a line that began with something else.
    Noise,
    /// Inside an object that outgrew the limit.
    TooLong,
    /// Inside one that did, and is nested too deeply besides.
    TooDeep,
}

/// Cuts a stream into frames.
#[derive(Debug)]
pub(super) struct Framer {
    phase: Phase,
    line: Vec<u8>,
}

impl Framer {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Start, line: Vec::new() }
    }

    /// Takes bytes up to the end of the first frame among them, and says how many it took.
    pub(super) fn feed(&mut self, bytes: &[u8], limit: usize) -> (usize, Option<Frame>) {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let (n, ended_by) = match self.phase {
                Phase::Start => (self.begin(rest), None),
                Phase::Object => self.object(rest, limit),
                Phase::Noise | Phase::TooLong | Phase::TooDeep => skip(rest),
            };
            taken += n;
            if let Some(frame) = ended_by.and_then(|end| self.end(end)) {
                return (taken, Some(frame));
            }
        }
        (taken, None)
    }

    /// Whether a line that began with a brace is incomplete.
    pub(super) fn is_inside(&self) -> bool {
        !matches!(self.phase, Phase::Start | Phase::Noise)
    }

    /// Forgets the current line and drops what is still to come of it.
    pub(super) fn drop_line(&mut self) {
        self.line = Vec::new();
        if self.phase != Phase::Start {
            self.phase = Phase::Noise;
        }
    }

    /// Takes what comes next for the beginning of a line if the current one is noise.
    pub(super) fn end_noise(&mut self) {
        if self.phase == Phase::Noise {
            self.phase = Phase::Start;
        }
    }

    /// Keeps the room of a line for the next one, unless it is a lot.
    pub(super) fn reuse(&mut self, mut line: Vec<u8>) {
        const LITTLE: usize = 1024;
        if self.phase == Phase::Start && line.capacity() <= LITTLE {
            line.clear();
            self.line = line;
        }
    }

    /// Ends the current line where nothing more will come: an object may be complete but for the newline.
    pub(super) fn finish(&mut self) -> Option<Frame> {
        if self.phase == Phase::Object && !nesting::is_closed(&self.line) {
            return None;
        }
        self.end(b'\n')
    }

    /// What has come of a line that is not complete; nothing of one that is noise.
    pub(super) fn take_line(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.line)
    }

    fn begin(&mut self, bytes: &[u8]) -> usize {
        let blank =
            bytes.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0xFF)).count();
        match bytes.get(blank) {
            None => {}
            Some(b'{') => self.phase = Phase::Object,
            Some(_) => self.phase = Phase::Noise,
        }
        blank
    }

    fn object(&mut self, bytes: &[u8], limit: usize) -> (usize, Option<u8>) {
        let (taken, end) = skip(bytes);
        let kept = bytes.get(..taken - usize::from(end.is_some())).unwrap_or_default();
        if self.line.len() + kept.len() > limit {
            self.keep(kept.get(..limit.saturating_sub(self.line.len())).unwrap_or_default(), limit);
            self.outgrow();
        } else {
            self.keep(kept, limit);
        }
        (taken, end)
    }

    /// Lets go of a line that has outgrown the limit. That it is nested too deeply says more.
    #[cold]
    fn outgrow(&mut self) {
        let beginning = nesting::too_deep(&self.line).map(<[u8]>::to_vec);
        self.phase = if beginning.is_some() { Phase::TooDeep } else { Phase::TooLong };
        self.line = beginning.unwrap_or_default();
    }

    /// Appends to the line, growing by doubling but never past the limit.
    fn keep(&mut self, bytes: &[u8], limit: usize) {
        let needed = self.line.len() + bytes.len();
        if needed > self.line.capacity() {
            let capacity = needed.max(self.line.capacity().saturating_mul(2)).min(limit);
            self.line.reserve_exact(capacity - self.line.len());
        }
        self.line.extend_from_slice(bytes);
    }

    fn end(&mut self, byte: u8) -> Option<Frame> {
        let line = std::mem::take(&mut self.line);
        match std::mem::replace(&mut self.phase, Phase::Start) {
            Phase::Start | Phase::Noise => None,
            Phase::TooLong => Some(Frame::TooLong),
            Phase::TooDeep => Some(Frame::TooDeep(line)),
            Phase::Object => Some(match nesting::too_deep(&line) {
                Some(beginning) => Frame::TooDeep(beginning.to_vec()),
                None if byte == 0xFF => Frame::BrokenOff(line),
                None => Frame::Line(line),
            }),
        }
    }
}

/// How many bytes there are up to the end of the line, and what ends it.
fn skip(bytes: &[u8]) -> (usize, Option<u8>) {
    // To begin a search of many bytes at once takes longer than to look at a few.
    const FEW: usize = 64;
    let is_end = |&byte: &u8| byte == b'\n' || byte == 0xFF;
    let end = match bytes.len() {
        ..FEW => bytes.iter().position(is_end),
        _ => memchr2(b'\n', 0xFF, bytes),
    };
    match end {
        Some(end) => (end + 1, bytes.get(end).copied()),
        None => (bytes.len(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(stream: &[u8], limit: usize) -> Vec<Frame> {
        let mut framer = Framer::new();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < stream.len() {
            let (n, frame) = framer.feed(&stream[at..], limit);
            at += n;
            found.extend(frame);
        }
        found
    }

    fn line(text: &str) -> Frame {
        Frame::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_that_begin_with_a_brace_come_out_and_no_others() {
        let stream = b"boot: ok\n{\"return\": {}}\r\n\n[1]\n  {\"return\": 2}\n42\n";
        assert_eq!(frames(stream, 100), [line("{\"return\": {}}\r"), line("{\"return\": 2}")]);
    }

    #[test]
    fn a_byte_ff_ends_noise_and_breaks_off_an_object() {
        let stream = b"AAAA\xff{\"return\": 1}\n{\"ret\xff\xff{\"return\": 2}\n";
        let expected = [
            line("{\"return\": 1}"),
            Frame::BrokenOff(b"{\"ret".to_vec()),
            line("{\"return\": 2}"),
        ];
        assert_eq!(frames(stream, 100), expected);
    }

    #[test]
    fn a_line_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(
            frames(b"{12345678}\n{123456789}\n{}\n", 10),
            [line("{12345678}"), Frame::TooLong, line("{}")]
        );
    }

    #[test]
    fn what_is_nested_too_deeply_ends_with_its_line_and_only_its_beginning_is_kept() {
        let line_of = |depth| format!("{}\n{{}}\n", "{".repeat(depth));
        assert!(matches!(frames(line_of(128).as_bytes(), 1000).as_slice(), [Frame::Line(_), _]));
        let too_deep = || Frame::TooDeep(vec![b'{'; 128]);
        for limit in [150, 200, 1000] {
            assert_eq!(frames(line_of(200).as_bytes(), limit), [too_deep(), line("{}")]);
        }
        assert_eq!(frames(line_of(200).as_bytes(), 128), [Frame::TooLong, line("{}")]);
    }

    #[test]
    fn nothing_is_kept_past_the_limit() {
        let mut framer = Framer::new();
        framer.feed(b"{\"", 1000);
        for _ in 0..100 {
            framer.feed(&[b'a'; 99], 1000);
            assert!(framer.line.capacity() <= 1000, "{} bytes kept", framer.line.capacity());
        }
        assert_eq!(framer.feed(b"\n", 1000).1, Some(Frame::TooLong));
    }

    #[test]
    fn an_object_is_finished_without_newline_only_if_complete() {
        let mut framer = Framer::new();
        framer.feed(b"{\"return\": {}", 100);
        assert_eq!(framer.finish(), None);
        framer.feed(b"}", 100);
        assert_eq!(framer.finish(), Some(line("{\"return\": {}}")));
        assert_eq!(framer.finish(), None);
    }
}
