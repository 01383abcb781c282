//! Streams that stall, trickle, flood or are dropped in the middle: every call ends in time, and the next one works.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::thread;
use std::time::{Duration, Instant};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use qga_bindings::fake::{Agent, Answer, Connection};
use qga_bindings::protocol::Request;
use qga_bindings::{Cause, CommandsAsync, Error, Stage, blocking, commands, tokio};
use serde_json::json;

const LIMIT: Duration = Duration::from_millis(200);

/// Time enough on a busy machine.
const AMPLE: Duration = Duration::from_secs(20);

fn ping() -> Request {
    Request::raw("guest-ping", &()).expect("no arguments")
}

fn large_request() -> Request {
    let data = "A".repeat(2 << 20);
    Request::raw("guest-file-write", &json!({"handle": 1, "buf-b64": data})).expect("written")
}

fn runtime() -> ::tokio::runtime::Runtime {
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made")
}

fn asynchronous(stream: UnixStream) -> tokio::Client<::tokio::net::UnixStream> {
    stream.set_nonblocking(true).expect("set");
    tokio::Client::new(::tokio::net::UnixStream::from_std(stream).expect("registered"))
}

/// Answers two requests, and then does not even read.
fn stall(mut theirs: UnixStream) -> UnixStream {
    let agent = Agent::new();
    let mut client = agent.connect();
    let mut buffer = [0; 4096];
    for _ in 0..2 {
        let read = theirs.read(&mut buffer).expect("a request");
        client.write_all(&buffer[..read]).expect("taken");
        while agent.unread() > 0 {
            let answer = client.read(&mut buffer).expect("an answer");
            theirs.write_all(&buffer[..answer]).expect("sent");
        }
    }
    theirs
}

fn not_taken(result: Result<impl std::fmt::Debug, Error>, start: Instant) {
    let error = result.expect_err("nobody takes it");
    let Error::NotSent { cause: Cause::Deadline { waiting_for, .. }, .. } = error else {
        unreachable!("{error}")
    };
    assert_eq!(waiting_for, Stage::Write);
    assert!(start.elapsed() >= LIMIT && start.elapsed() < AMPLE, "{:?}", start.elapsed());
}

#[test]
fn a_command_that_an_agent_does_not_read_is_not_sent() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let agent = thread::spawn(|| stall(theirs));
    let mut client = blocking::Client::new(ours);
    client.request(&ping(), Some(AMPLE)).expect("answered");
    let start = Instant::now();
    not_taken(client.request(&large_request(), Some(LIMIT)), start);
    drop(agent.join());
}

#[test]
fn a_command_that_an_agent_does_not_read_is_not_sent_asynchronously() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let agent = thread::spawn(|| stall(theirs));
    runtime().block_on(async {
        let mut client = asynchronous(ours);
        client.request(&ping(), Some(AMPLE)).await.expect("answered");
        let start = Instant::now();
        not_taken(client.request(&large_request(), Some(LIMIT)).await, start);
    });
    drop(agent.join());
}

/// Writes more than the socket holds before it reads anything, as agents do when they complain about every byte of what they
/// do not understand.
fn talk_first(mut theirs: UnixStream) {
    let noise = "x\n".repeat(512 << 10);
    if theirs.write_all(noise.as_bytes()).is_ok() {
        drop(Agent::new().serve(theirs));
    }
}

#[test]
fn an_agent_that_writes_before_it_reads_is_not_waited_for_in_vain() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let agent = thread::spawn(|| talk_first(theirs));
    let mut client = blocking::Client::new(ours);
    let error = client.request(&large_request(), Some(AMPLE)).expect_err("unknown to this agent");
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    drop(client);
    agent.join().expect("no panic");

    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let agent = thread::spawn(|| talk_first(theirs));
    runtime().block_on(async {
        let mut client = asynchronous(ours);
        let result = client.request(&large_request(), Some(AMPLE)).await;
        assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
    });
    agent.join().expect("no panic");
}

/// A stream that always has something to read.
struct Flood(&'static [u8]);

impl Read for Flood {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let length = buf.len().min(self.0.len());
        buf[..length].copy_from_slice(&self.0[..length]);
        Ok(length)
    }
}

impl Write for Flood {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Flood {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.read(buf.initialize_unfilled())?;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

qga_tests::writes_at_once!(Flood);

const FLOODS: [&[u8]; 5] = [
    b"{\"return\": {}}\n",
    b"{\"return\": \"AAAAAAAA",
    b"noise",
    b"\xff",
    b"{\"error\": {\"class\": \"CommandNotFound\"}}\n",
];

fn ends_in_time(call: impl FnOnce() -> Option<Error>) {
    let start = Instant::now();
    let error = call().expect("no handshake in there");
    assert!(matches!(error, Error::NotSent { .. }) && error.is_timeout(), "{error}");
    assert!(start.elapsed() < AMPLE);
}

#[test]
fn a_flood_without_end_ends_at_the_deadline() {
    for flood in FLOODS {
        let mut client = blocking::Client::new(blocking::Untimed(Flood(flood)));
        ends_in_time(|| client.request(&ping(), Some(LIMIT)).err());
    }
}

#[test]
fn a_flood_without_end_ends_at_the_deadline_asynchronously() {
    for flood in FLOODS {
        let mut client = tokio::Client::new(Flood(flood));
        ends_in_time(|| runtime().block_on(client.request(&ping(), Some(LIMIT))).err());
    }
}

#[test]
fn a_reply_that_trickles_in_too_slowly_ends_at_the_deadline() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let agent = thread::spawn(move || {
        let mut theirs = stall(theirs);
        theirs.read_exact(&mut [0]).expect("a third request");
        // Each byte comes in time; the reply does not.
        let reply = b"{\"return\": ".iter().chain(std::iter::repeat(&b' '));
        for byte in reply {
            if theirs.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(LIMIT / 20);
        }
    });
    let mut client = blocking::Client::new(ours);
    client.request(&ping(), Some(AMPLE)).expect("answered");
    let error = client.request(&ping(), Some(LIMIT)).expect_err("too slow");
    assert!(
        matches!(error, Error::OutcomeUnknown { cause: Cause::Deadline { .. }, .. }),
        "{error}"
    );
    drop(client);
    agent.join().expect("no panic");
}

/// A stream that is not ready every other time it is asked, and so makes a future wait wherever it can.
struct Stutter {
    stream: Connection,
    read: bool,
    write: bool,
}

fn toggle(ready: &mut bool, cx: &Context<'_>) -> Poll<()> {
    *ready = !*ready;
    if *ready {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

impl AsyncRead for Stutter {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(toggle(&mut self.read, cx));
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stutter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(toggle(&mut self.write, cx));
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(toggle(&mut self.write, cx));
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_future_dropped_wherever_it_waits_does_not_disturb_the_next() {
    let agent = Agent::new();
    agent.set_piece_size(3);
    agent.on("guest-get-time", |_| Answer::json("1"));
    let stream = Stutter { stream: agent.connect(), read: false, write: false };
    runtime().block_on(async {
        let mut client = tokio::Client::new(stream);
        // First from a channel in order, then through the handshake as well.
        for in_order in [true, false] {
            for polls in 1.. {
                if !in_order {
                    assert!(!poll_and_drop(&mut client, 1));
                }
                let done = poll_and_drop(&mut client, polls);
                client.guest_ping().await.expect("the next call works and gets its own reply");
                if done {
                    assert!(polls > 10, "only {polls} places to wait");
                    break;
                }
            }
        }
    });
}

/// Whether so many polls were enough for a call; if not, it is dropped.
fn poll_and_drop(client: &mut tokio::Client<Stutter>, polls: usize) -> bool {
    let command = commands::GuestGetTime::new();
    let mut call = pin!(client.execute(&command));
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).any(|_| call.as_mut().poll(&mut cx).is_ready())
}
