//! What a call costs: one write and one read.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::io::{AsyncRead, ReadBuf};
use qga_bindings::fake::{Agent, Answer, Connection};
use qga_bindings::protocol::Request;
use qga_bindings::{blocking, tokio};
use qga_tests::face::{self, Face};

/// How often a stream was asked for something; each would be a system call.
#[derive(Default)]
struct Counts {
    reads: AtomicUsize,
    writes: AtomicUsize,
    limits: AtomicUsize,
}

struct Counting {
    connection: Connection,
    counts: Arc<Counts>,
}

fn count(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Read for Counting {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        count(&self.counts.reads);
        self.connection.read(buf)
    }
}

impl Write for Counting {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        count(&self.counts.writes);
        self.connection.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl blocking::Stream for Counting {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        count(&self.counts.limits);
        self.connection.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        count(&self.counts.limits);
        self.connection.set_write_limit(limit)
    }
}

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        count(&self.counts.reads);
        Pin::new(&mut self.connection).poll_read(cx, buf)
    }
}

qga_tests::writes_at_once!(Counting);

const CALLS: usize = 100;

/// Calls by turns a command that may take ten seconds and one that may take thirty, and looks at what the calls after the
/// first two have cost.
fn costs_one_write_and_one_read(connect: impl Fn(Counting) -> Box<dyn Face>) {
    let (agent, counts) = (Agent::new(), Arc::new(Counts::default()));
    agent.on("guest-exec", |_| Answer::json("{\"pid\": 1}"));
    let stream = Counting { connection: agent.connect(), counts: counts.clone() };
    let mut client = connect(stream);
    let requests =
        ["guest-ping", "guest-exec"].map(|name| Request::raw(name, &()).expect("no arguments"));
    let mut call = |at: usize| {
        let limit = Duration::from_secs([10, 30][at % 2]);
        client.ask(&requests[at % 2], limit).expect("it answers");
    };
    (0..2).for_each(&mut call);
    let before =
        [&counts.reads, &counts.writes, &counts.limits].map(|n| n.swap(0, Ordering::Relaxed));
    (0..CALLS).for_each(&mut call);
    let after = [&counts.reads, &counts.writes, &counts.limits].map(|n| n.load(Ordering::Relaxed));
    assert_eq!(after, [CALLS, CALLS, 0], "after {before:?} reads, writes and limits");
}

#[test]
fn a_call_costs_one_write_and_one_read() {
    costs_one_write_and_one_read(|stream| {
        Box::new(face::Blocking::over(blocking::Client::new(stream)))
    });
}

#[test]
fn a_call_costs_one_write_and_one_read_asynchronously() {
    costs_one_write_and_one_read(|stream| Box::new(face::Tokio::over(tokio::Client::new(stream))));
}
