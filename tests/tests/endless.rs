//! A line of ten gibibytes: thrown away as it comes and never held, and the next call works. Alone in its process, whose memory
//! is measured.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::io::{AsyncRead, ReadBuf};
use qga_bindings::fake::{Agent, Connection};
use qga_bindings::protocol::{DEFAULT_REPLY_LIMIT, Request};
use qga_bindings::{Error, blocking, tokio};
use qga_tests::face::{self, Face};

const LENGTH: u64 = 10 << 30;

/// Time enough on a busy machine.
const AMPLE: Duration = Duration::from_secs(600);

/// A connection whose reply to `guest-exec` is that long.
struct Endless {
    connection: Connection,
    left: u64,
    asked: bool,
}

impl Endless {
    fn new(agent: &Agent) -> Self {
        Self { connection: agent.connect(), left: LENGTH, asked: false }
    }

    /// What comes next of the long line, if it is due.
    fn next(&mut self, buf: &mut [u8]) -> Option<usize> {
        const BEGINNING: &[u8] = b"{\"return\": \"";
        if !self.asked || self.left == 0 {
            return None;
        }
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        let piece = &mut buf[..length];
        piece.fill(b'A');
        if self.left == LENGTH {
            piece[..BEGINNING.len()].copy_from_slice(BEGINNING);
        }
        self.left -= length as u64;
        if self.left == 0 {
            piece[length - 1] = b'\n';
        }
        Some(length)
    }
}

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.next(buf).map_or_else(|| self.connection.read(buf), Ok)
    }
}

impl Write for Endless {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if buf.windows(10).any(|window| window == b"guest-exec") {
            self.asked = true;
            return Ok(buf.len());
        }
        self.connection.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl blocking::Stream for Endless {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.connection.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.connection.set_write_limit(limit)
    }
}

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.next(buf.initialize_unfilled()) {
            Some(read) => {
                buf.advance(read);
                Poll::Ready(Ok(()))
            }
            None => Pin::new(&mut self.connection).poll_read(cx, buf),
        }
    }
}

qga_tests::writes_at_once!(Endless);

/// The most memory that this process ever had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells");
    let kibibytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<usize>().ok());
    kibibytes.expect("a number") * 1024
}

fn passes_over(client: &mut dyn Face) {
    let request = |name| Request::raw(name, &()).expect("no arguments");
    client.ask(&request("guest-ping"), AMPLE).expect("it answers");
    let error = client.ask(&request("guest-exec"), AMPLE).expect_err("too long");
    assert!(matches!(error, Error::TooLong { limit: DEFAULT_REPLY_LIMIT, .. }), "{error}");
    client.ask(&request("guest-ping"), AMPLE).expect("the next call works");
    assert!(peak() < 2 * DEFAULT_REPLY_LIMIT, "{} bytes of memory", peak());
}

#[test]
fn a_line_of_ten_gibibytes_is_passed_over_in_less_memory_than_two_replies_may_take() {
    let agent = Agent::new();
    let stream = Endless::new(&agent);
    passes_over(&mut face::Blocking::over(blocking::Client::new(stream)));
    let stream = Endless::new(&agent);
    passes_over(&mut face::Tokio::over(tokio::Client::new(stream)));
}
