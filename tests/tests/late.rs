//! Answers that are there in time and looked for too late, because the client was kept from it.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ::tokio::runtime::Builder;
use qga_bindings::commands::{GuestPing, GuestSuspendRam};
use qga_bindings::fake::{Agent, Answer, Connection};
use qga_bindings::{Commands as _, CommandsAsync as _, Error, NoReply, blocking, tokio};

/// Time enough for anything that does not wait for the agent.
const LIMIT: Duration = Duration::from_secs(20);

/// More than that.
const TOO_LONG: Duration = Duration::from_secs(60);

const REFUSAL: &str = r#"{"error": {"class": "GenericError", "desc": "no such sleep"}}"#;

/// A connection that takes only so many bytes, and keeps its client for so long when it was written to.
#[derive(Debug)]
struct Narrow {
    connection: Connection,
    way: Way,
}

#[derive(Clone, Debug, Default)]
struct Way(Arc<Mutex<(usize, Duration)>>);

impl Way {
    fn is(&self, room: usize, delay: Duration) {
        *self.0.lock().expect("no panic") = (room, delay);
    }
}

impl Read for Narrow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.connection.read(buffer)
    }
}

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut way = self.way.0.lock().expect("no panic");
        let written = self.connection.write(bytes.get(..way.0).unwrap_or(bytes))?;
        way.0 -= written;
        std::thread::sleep(way.1);
        if written == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl blocking::Stream for Narrow {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.connection.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.connection.set_write_limit(limit)
    }
}

impl AsyncRead for Narrow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Narrow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// How much of a suspend is written: the command, and what follows it.
const WRITTEN: [usize; 2] = [r#"{"execute":"guest-suspend-ram"}"#.len(), 1000];

fn refused(result: &Result<NoReply, Error>) {
    assert!(matches!(result, Err(Error::Failed { .. })), "{result:?}");
}

#[test]
fn an_answer_that_came_while_another_task_kept_the_runtime_is_taken() {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime can be made");
    runtime.block_on(async {
        for written in WRITTEN {
            let (agent, way) = (Agent::new(), Way::default());
            way.is(1000, Duration::ZERO);
            let stream = Narrow { connection: agent.connect(), way: way.clone() };
            let mut client = tokio::Client::new(stream);
            client.guest_ping().await.expect("it answers");
            for silent in ["guest-suspend-ram", "guest-sync-delimited"] {
                agent.on(silent, |_| Answer::silence());
            }
            way.is(written, Duration::ZERO);
            let keeping = async move {
                ::tokio::task::yield_now().await;
                agent.send(Answer::line(REFUSAL));
                ::tokio::time::advance(TOO_LONG).await;
            };
            let task = ::tokio::spawn(keeping);
            refused(&client.execute_within(&GuestSuspendRam::new(), LIMIT).await);
            task.await.expect("no panic");
        }
    });
}

#[test]
fn an_answer_that_came_while_a_client_was_kept_from_reading_is_taken() {
    let limit = Duration::from_millis(50);
    for written in WRITTEN {
        let (agent, way) = (Agent::new(), Way::default());
        way.is(1000, Duration::ZERO);
        let stream = Narrow { connection: agent.connect(), way: way.clone() };
        let mut client = blocking::Client::new(stream);
        client.guest_ping().expect("it answers");
        agent.on("guest-suspend-ram", |_| Answer::line(REFUSAL));
        agent.on("guest-sync-delimited", |_| Answer::silence());
        way.is(written, 2 * limit);
        refused(&client.execute_within(&GuestSuspendRam::new(), limit));
    }
}

#[test]
fn what_comes_without_end_ends_a_call_in_time() {
    let mut client = blocking::Client::new(Flood);
    let result = client.execute_within(&GuestPing::new(), Duration::from_millis(50));
    assert!(result.expect_err("no agent speaks so").is_timeout());
}

/// Noise that never lets wait for it.
#[derive(Debug)]
struct Flood;

impl Read for Flood {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(b'x');
        Ok(buffer.len())
    }
}

impl Write for Flood {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl blocking::Stream for Flood {
    fn set_read_limit(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }

    fn set_write_limit(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}
