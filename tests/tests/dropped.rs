//! Calls whose futures are dropped at every place where they wait: the next call works, and gets its own answer.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use qga_bindings::fake::{Agent, Answer, Connection};
use qga_bindings::protocol::Request;
use qga_bindings::tokio::Client;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Builder;

/// Time enough for anything.
const AMPLE: Duration = Duration::from_secs(60);

/// A connection that lets wait before each piece.
#[derive(Debug)]
struct Halting {
    connection: Connection,
    has_halted: bool,
}

impl Halting {
    fn halts(&mut self, cx: &Context<'_>) -> bool {
        self.has_halted = !self.has_halted;
        if self.has_halted {
            cx.waker().wake_by_ref();
        }
        self.has_halted
    }
}

impl AsyncRead for Halting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.halts(cx) {
            return Poll::Pending;
        }
        Pin::new(&mut self.connection).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Halting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Drops a call after each number of polls in turn, until it is done before that, and makes another call. Says how often it was
/// dropped.
fn dropped_everywhere(first: &Request, second: &Request, expected: &str) -> usize {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    for polls in 0.. {
        let agent = Agent::new();
        agent.set_piece_size(3);
        agent.on("guest-get-time", |_| Answer::json("12"));
        agent.on("guest-get-host-name", |_| Answer::json("34"));
        agent.on("guest-exec-status", |_| Answer::json("56"));
        agent.on("guest-suspend-ram", |_| Answer::error("GenericError", "no such sleep"));
        let mut client = Client::new(Halting { connection: agent.connect(), has_halted: false });
        let is_done = {
            let mut call = pin!(client.request(first, Some(AMPLE)));
            let mut cx = Context::from_waker(Waker::noop());
            (0..polls).any(|_| call.as_mut().poll(&mut cx).is_ready())
        };
        let answer = runtime.block_on(client.request(second, Some(AMPLE)));
        let reply = answer.expect("the next call works").expect("it has a reply");
        assert_eq!(reply.value().expect("JSON").get(), expected, "after {polls} polls");
        if is_done {
            return polls;
        }
    }
    0
}

#[test]
fn a_call_that_was_dropped_anywhere_leaves_the_next_one_its_answer() {
    let request = |name| Request::raw(name, &()).expect("no arguments");
    let other = request("guest-get-host-name");
    let status = request("guest-exec-status");
    for (first, second, expected) in [
        (request("guest-get-time"), &other, "34"),
        (request("guest-suspend-ram").without_reply(), &other, "34"),
        (request("no-such-command"), &other, "34"),
        (status.clone(), &other, "34"),
        (status.clone(), &status, "56"),
    ] {
        let places = dropped_everywhere(&first, second, expected);
        assert!(places > 20, "{places} places");
    }
}
