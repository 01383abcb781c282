//! Many guests that fail in every way, and one program that asks them all.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use qga_bindings::commands::GuestFileSeek;
use qga_bindings::{Cause, Error, tokio, types};

use super::Size;
use super::faults::Guest;
use crate::seed::seed;
use crate::values::Random;

/// How much later than its deadline a call may end: nobody waits longer on purpose, but thousands of tasks share a machine that
/// others use too, and a timer says only when a task may go on, not when it does.
const SLACK: Duration = Duration::from_secs(3);

/// A call that has not ended so long after its deadline hangs.
const HUNG: Duration = Duration::from_secs(30);

/// What came of calls.
#[derive(Debug, Default)]
struct Tally {
    outcomes: BTreeMap<&'static str, usize>,
    /// How much later than its deadline a call ended, at most.
    latest: Duration,
}

/// Asks as many guests for as many seconds as it says, and says what came of it.
///
/// # Errors
/// A call hung, ended much later than its deadline, or got the answer to another one; or too few went well or badly to tell.
pub fn fleet(size: &Size) -> io::Result<()> {
    let Size { guests, seconds, .. } = *size;
    let seed = seed("fleet");
    let runtime =
        ::tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let tally = runtime.block_on(async {
        let tasks: Vec<_> = (0..guests as u64)
            .map(|number| ::tokio::spawn(ask(Random::new(seed.wrapping_add(number)), end)))
            .collect();
        let mut all = Tally::default();
        for task in tasks {
            all.add(task.await.map_err(io::Error::other)?);
        }
        Ok::<_, io::Error>(all)
    })?;
    tally.print(guests, seconds);
    tally.check(size.every_outcome)
}

/// Asks one guest until the end.
async fn ask(mut random: Random, end: Instant) -> Tally {
    let guest = Guest::new();
    let agent = guest.agent.clone();
    let mut client = tokio::Client::connecting(move || std::future::ready(agent.try_connect()));
    let mut tally = Tally::default();
    while Instant::now() < end {
        guest.disturb(&mut random);
        let offset = i64::try_from(random.below(1 << 40)).unwrap_or_default();
        let seek = GuestFileSeek::new(1000, offset, types::QGASeek::Set);
        let limit = Duration::from_millis(10 + random.below(490) as u64);
        let begun = Instant::now();
        let call = ::tokio::time::timeout(limit + HUNG, client.execute_within(&seek, limit));
        let outcome = match call.await {
            Ok(Ok(reply)) if reply.position == offset => ANSWERED,
            Ok(Ok(_)) => WRONG,
            Ok(Err(error)) => name(&error),
            Err(_) => STUCK,
        };
        tally.count(outcome, begun.elapsed().saturating_sub(limit));
        ::tokio::time::sleep(Duration::from_millis(random.below(400) as u64)).await;
    }
    tally
}

const ANSWERED: &str = "answered";
const WRONG: &str = "answered with another's answer";
const STUCK: &str = "hung";

fn name(error: &Error) -> &'static str {
    match error {
        Error::NotSent { cause: Cause::Deadline { .. }, .. } => "not sent: deadline",
        Error::NotSent { cause: Cause::Closed, .. } => "not sent: closed",
        Error::NotSent { cause: Cause::Io(_), .. } => "not sent: no connection",
        // Where the deadline passes while garbage is still skipped, which is rare.
        Error::NotSent { cause: Cause::Noise { .. }, .. } => "not sent: noise",
        Error::OutcomeUnknown { cause: Cause::Deadline { .. }, .. } => "unknown: deadline",
        Error::OutcomeUnknown { cause: Cause::Closed, .. } => "unknown: closed",
        Error::Refused { .. } => "refused",
        Error::Failed { .. } => "failed",
        Error::UnexpectedReply { .. } => "no such reply",
        _ => OTHER,
    }
}

/// What these faults lead to, each sooner or later.
const EXPECTED: [&str; 9] = [
    ANSWERED,
    "not sent: deadline",
    "not sent: closed",
    "not sent: no connection",
    "unknown: deadline",
    "unknown: closed",
    "refused",
    "failed",
    "no such reply",
];

/// What none of them leads to.
const OTHER: &str = "something else";

impl Tally {
    fn count(&mut self, outcome: &'static str, late: Duration) {
        *self.outcomes.entry(outcome).or_default() += 1;
        self.latest = self.latest.max(late);
    }

    fn add(&mut self, other: Self) {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.latest = self.latest.max(other.latest);
    }

    fn calls(&self) -> usize {
        self.outcomes.values().sum()
    }

    fn count_of(&self, outcome: &str) -> usize {
        self.outcomes.get(outcome).copied().unwrap_or_default()
    }

    fn print(&self, guests: usize, seconds: u64) {
        println!(
            "{:>9} calls of {guests} failing guests in {seconds} s, at most {:?} late:",
            self.calls(),
            self.latest
        );
        for (outcome, count) in &self.outcomes {
            println!("{count:>9}   {outcome}");
        }
    }

    fn check(&self, every_outcome: bool) -> io::Result<()> {
        if let Some(wrong) =
            [WRONG, STUCK, OTHER].iter().find(|name| self.outcomes.contains_key(*name))
        {
            return Err(io::Error::other(format!("calls were {wrong}")));
        }
        if self.latest > SLACK {
            return Err(io::Error::other(format!(
                "a call ended {:?} after its deadline, and a busy machine explains no more than {SLACK:?}",
                self.latest
            )));
        }
        let (calls, answered) = (self.calls(), self.count_of(ANSWERED));
        if answered <= calls / 4 {
            // Most faults are rare, so these guests answer about every second time.
            return Err(io::Error::other(format!(
                "only {answered} of {calls} calls were answered"
            )));
        }
        if let Some(name) = EXPECTED.iter().find(|name| every_outcome && self.count_of(name) == 0) {
            return Err(io::Error::other(format!("no call of {calls} ended as {name:?}")));
        }
        Ok(())
    }
}
