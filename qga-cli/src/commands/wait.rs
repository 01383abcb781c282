//! `qga wait`: until something has happened.

use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use qga_bindings::Execute as _;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::commands::GuestPing;
use qga_bindings::ready::{Ready, Reason};
use serde::Serialize;

use crate::agent::Agent;
use crate::context::{Guest, Query};
use crate::failure::{Failure, exit};
use crate::output::{Report, Text, human};

/// Wait until the agent answers, until it is gone, or until the guest was started anew.
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
    /// The agent does not answer any more: the guest is off, halted or asleep.
    Shutdown,
    /// The agent was gone, for five seconds at least, and answers again.
    Boot,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Waited {
    event: Event,
    waited_ms: u128,
}

/// How long an agent may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is asked.
const PERIOD: Duration = Duration::from_millis(500);

impl Query for Wait {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let start = Instant::now();
        if self.event != Event::Agent {
            self.until_gone(&mut guest.agent, start)?;
        }
        if self.event != Event::Shutdown {
            let left = self.within.saturating_sub(start.elapsed());
            guest.agent.ready(&Ready::within(left))?;
        }
        let waited = start.elapsed();
        let what = if self.event == Event::Shutdown { "gone" } else { "answers" };
        let text = Text::line(format!("{what} after {}", human::latency(waited)));
        Report::new(&Waited { event: self.event, waited_ms: waited.as_millis() }, text)
    }
}

impl Wait {
    /// Asks until nobody answers.
    fn until_gone(&self, agent: &mut Agent, start: Instant) -> Result<(), Failure> {
        loop {
            if let Err(error) = agent.execute_within(&GuestPing::new(), PATIENCE) {
                match Reason::of(&error) {
                    // Whoever is served instead of us proves that somebody serves.
                    None | Some(Reason::Busy) => {}
                    // Nothing is known of the agent.
                    Some(Reason::PermissionDenied | Reason::Stranger(_)) => {
                        return Err(error.into());
                    }
                    Some(_) => return Ok(()),
                }
            }
            if start.elapsed() >= self.within {
                let message = format!("the agent still answers after {:.1?}", self.within);
                return Err(Failure::with_exit(message, exit::DEADLINE)
                    .next("`qga shutdown` or `qga reboot` tells the guest to go down"));
            }
            sleep(PERIOD.min(self.within.saturating_sub(start.elapsed())));
        }
    }
}
