//! `qga wait`: until something has happened.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use qga_bindings::blocking::Helpers as _;
use qga_bindings::ready::Ready;
use serde::Serialize;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Wait until the agent answers, or until the guest has gone down.
#[derive(Args, Debug)]
pub(crate) struct Wait {
    /// What to wait for.
    #[arg(long = "for", value_name = "WHAT", default_value = "agent")]
    event: Event,

    /// How long to wait.
    #[arg(short, long, default_value = "5min", value_name = "TIME")]
    #[arg(value_parser = humantime::parse_duration)]
    within: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Event {
    /// The agent answers.
    Agent,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Waited {
    event: Event,
    waited_ms: u128,
}

impl Query for Wait {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let start = Instant::now();
        guest.agent.ready(&Ready::within(self.within))?;
        let waited = start.elapsed();
        let text = Text::line(format!("answers after {}", human::latency(waited)));
        Report::new(&Waited { event: self.event, waited_ms: waited.as_millis() }, text)
    }
}
