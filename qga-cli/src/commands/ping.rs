//! `qga ping`: whether the agent answers, and how fast.

use std::collections::VecDeque;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use qga_bindings::Commands as _;
use serde::Serialize;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Report, Text, human};

/// Ask whether the agent answers, and how fast.
#[derive(Args, Debug)]
pub(crate) struct Ping {
    /// How many times to ask.
    #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,

    /// How long to wait in between.
    #[arg(short, long, default_value = "200ms", value_name = "TIME")]
    #[arg(value_parser = humantime::parse_duration)]
    interval: Duration,

    /// Go on until interrupted, and tell each answer, and then how long they took.
    #[arg(short, long, conflicts_with = "count")]
    watch: bool,
}

/// How long answers took, in microseconds.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Times {
    count: usize,
    min_us: u128,
    median_us: u128,
    p99_us: u128,
}

/// How many times are kept while there is no end; of older ones nothing is told.
const KEPT: usize = 1 << 16;

impl Query for Ping {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        // The first one also connects and puts the channel in order.
        guest.agent.guest_ping()?;
        let interrupt = if self.watch { Some(Interrupt::watch()?) } else { None };
        let mut times = VecDeque::new();
        while self.watch || times.len() < self.count as usize {
            match &interrupt {
                _ if times.is_empty() => {}
                Some(interrupt) if !interrupt.pause(self.interval) => break,
                Some(_) => {}
                None => sleep(self.interval),
            }
            let start = Instant::now();
            guest.agent.guest_ping()?;
            let time = start.elapsed();
            if times.len() == KEPT {
                times.pop_front();
            }
            times.push_back(time);
            if self.watch {
                guest.emit(&Report::new(
                    &serde_json::json!({ "time-us": time.as_micros() }),
                    Text::line(format!("answered in {}", human::latency(time))),
                )?)?;
            }
        }
        summary(times.into())
    }
}

fn summary(mut times: Vec<Duration>) -> Result<Report, Failure> {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).copied().unwrap_or_default()
    };
    let (min, median, p99) = (at(0), at(50), at(99));
    let text = match times.len() {
        1 => format!("answers in {}", human::latency(min)),
        count => format!(
            "answers in {} at best, {} median, {} p99, of {count}",
            human::latency(min),
            human::latency(median),
            human::latency(p99)
        ),
    };
    let json = Times {
        count: times.len(),
        min_us: min.as_micros(),
        median_us: median.as_micros(),
        p99_us: p99.as_micros(),
    };
    Report::new(&json, Text::line(text))
}
