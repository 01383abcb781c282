//! `qga stats`: how busy the guest is, from the counters of its processors, disks and network.

mod counters;
mod rates;

use std::time::{Duration, Instant};

use clap::Args;

use crate::context::{Context, Guest, Query};
use crate::failure::{Failure, exit};
use crate::interrupt::Interrupt;
use crate::output::{Report, Text};
use counters::Counters;
use rates::{History, Rates};

/// Tell how busy the guest's processors, disks and network are.
///
/// Agents only count, so it takes two looks: over the second in between, or with --watch over each interval.
#[derive(Args, Debug)]
pub(crate) struct Stats {
    /// Go on until interrupted, and look as often as this.
    #[arg(short, long, value_name = "TIME", num_args = 0..=1, default_missing_value = "1s", require_equals = true)]
    #[arg(value_parser = humantime::parse_duration)]
    watch: Option<Duration>,
}

impl Stats {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let Some(interval) = self.watch else { return context.ask(self) };
        let interrupt = Interrupt::watch()?;
        let target = context.one()?;
        context.with(&target, |guest| {
            let mut history = History::default();
            let mut before = Counters::read(&mut guest.agent)?;
            let mut then = Instant::now();
            while interrupt.pause(interval) {
                let now = Counters::read(&mut guest.agent)?;
                let rates = Rates::between(&before, &now, then.elapsed());
                history.push(&rates);
                guest.emit(&Report::new(&rates, history.text(&rates))?)?;
                (before, then) = (now, Instant::now());
            }
            Ok(interrupt.exit().unwrap_or(exit::DONE))
        })
    }
}

impl Query for Stats {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let before = Counters::read(&mut guest.agent)?;
        let then = Instant::now();
        std::thread::sleep(Duration::from_secs(1));
        let now = Counters::read(&mut guest.agent)?;
        let rates = Rates::between(&before, &now, then.elapsed());
        let text: Text = rates.text();
        Report::new(&rates, text)
    }
}
