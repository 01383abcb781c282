//! The driver on a clock that jumps, as those of computers do that sleep or are moved.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::{Answer, Driver, Link, READ_SIZES, Transfer};
use crate::guest::block_on;
use crate::protocol::Request;

/// An agent that answers at once, and a clock that leaps ahead when it is looked at for the so-manieth time.
struct Leaping {
    start: Instant,
    looks: Cell<usize>,
    leap_at: usize,
    request: Vec<u8>,
    is_open: bool,
}

const LEAP: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Leaping {
    fn new(leap_at: usize) -> Self {
        let start = Instant::now();
        Self { start, looks: Cell::new(0), leap_at, request: Vec::new(), is_open: false }
    }

    /// The answer to what was written last.
    fn answer(&self) -> String {
        let text = String::from_utf8_lossy(&self.request);
        match text.split_once("\"id\":") {
            Some((_, id)) => format!("\n{{\"return\": {}}}\n", id.trim_end_matches('}')),
            None => "{\"return\": {}}\n".to_owned(),
        }
    }
}

impl Link for Leaping {
    fn now(&self) -> Instant {
        self.looks.set(self.looks.get() + 1);
        self.start + if self.looks.get() > self.leap_at { LEAP } else { Duration::ZERO }
    }

    fn is_open(&self) -> bool {
        self.is_open
    }

    fn can_reopen(&self) -> bool {
        true
    }

    fn socket(&self) -> Option<&Path> {
        None
    }

    fn poll_open(&mut self, _: &mut Context<'_>, _: Instant) -> Poll<io::Result<()>> {
        self.is_open = true;
        Poll::Ready(Ok(()))
    }

    fn poll_transfer(
        &mut self,
        _: &mut Context<'_>,
        outgoing: &[u8],
        incoming: &mut [u8],
        deadline: Instant,
        left: Option<Duration>,
    ) -> Poll<io::Result<Transfer>> {
        if left.is_none() && self.now() >= deadline {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if !outgoing.is_empty() {
            self.request = outgoing.to_vec();
            return Poll::Ready(Ok(Transfer::Written(outgoing.len())));
        }
        let answer = self.answer();
        incoming[..answer.len()].copy_from_slice(answer.as_bytes());
        self.request.clear();
        Poll::Ready(Ok(Transfer::Read(answer.len())))
    }

    fn close(&mut self) {
        self.is_open = false;
    }
}

#[test]
fn a_clock_may_leap_whenever_it_is_looked_at() {
    let ping = Request::raw("guest-ping", &()).unwrap();
    let (mut late, mut in_time) = (0, 0);
    for leap_at in 0..40 {
        let mut driver = Driver::new(Leaping::new(leap_at));
        match block_on(driver.request(&ping, None)) {
            Ok(_) => in_time += 1,
            Err(error) => {
                assert!(error.is_timeout(), "{error}");
                late += 1;
            }
        }
        // The clock does not leap twice.
        driver.link.leap_at = 0;
        let answer = block_on(driver.request(&ping, None)).expect("the next call works");
        assert!(matches!(answer, Answer::Reply(_)));
    }
    assert!(late > 2 && in_time > 5, "{late} late, {in_time} in time");
}

#[test]
fn a_connection_that_is_given_up_takes_its_room_with_it() {
    let mut driver = Driver::new(Leaping::new(usize::MAX));
    let ping = Request::raw("guest-ping", &()).unwrap();
    block_on(driver.request(&ping, None)).expect("it answers");
    driver.session.abandon();
    driver.read_at_once(READ_SIZES[1]);
    block_on(driver.close(Duration::from_secs(1)));
    assert_eq!(driver.incoming.len(), READ_SIZES[0]);
}
