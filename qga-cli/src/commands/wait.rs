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
    /// The guest was started anew, and its agent answers. Of Linux guests that let files be read it is known by what their kernel
    /// says; others count when the agent was gone for five seconds at least.
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

/// What the kernel of a Linux guest makes up each time that it starts, and nobody can change.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

impl Query for Wait {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let start = Instant::now();
        match self.event {
            Event::Agent => self.until_ready(&mut guest.agent, start)?,
            Event::Shutdown => self.until_gone(&mut guest.agent, start, None)?,
            Event::Boot => self.until_booted(&mut guest.agent, start)?,
        }
        let waited = start.elapsed();
        let what = if self.event == Event::Shutdown { "gone" } else { "answers" };
        let text = Text::line(format!("{what} after {}", human::latency(waited)));
        Report::new(&Waited { event: self.event, waited_ms: waited.as_millis() }, text)
    }
}

impl Wait {
    fn until_ready(&self, agent: &mut Agent, start: Instant) -> Result<(), Failure> {
        let left = self.within.saturating_sub(start.elapsed());
        Ok(agent.ready(&Ready::within(left))?)
    }

    fn until_booted(&self, agent: &mut Agent, start: Instant) -> Result<(), Failure> {
        // One that is gone already would be asked which boot it is in when it is back, and be taken for the old one.
        let is_there = agent.execute_within(&GuestPing::new(), PATIENCE).is_ok();
        let before = if is_there { boot(agent) } else { None };
        loop {
            self.until_gone(agent, start, before.as_deref())?;
            self.until_ready(agent, start)?;
            // One that was only slow, or only its agent restarted, has not been started anew.
            if before.as_deref().is_none_or(|before| is_another(agent, before)) {
                return Ok(());
            }
        }
    }

    /// Asks until nobody answers, or until the guest is no longer in this boot, if it is known.
    fn until_gone(
        &self,
        agent: &mut Agent,
        start: Instant,
        boot: Option<&[u8]>,
    ) -> Result<(), Failure> {
        loop {
            let answer = agent.execute_within(&GuestPing::new(), PATIENCE);
            if answer.is_ok() && boot.is_some_and(|boot| is_another(agent, boot)) {
                return Ok(());
            }
            if let Err(error) = answer {
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

/// What tells this boot of the guest from any other, where the guest says so.
fn boot(agent: &mut Agent) -> Option<Vec<u8>> {
    agent.files().read(BOOT_ID, 64).ok().filter(|id| !id.is_empty())
}

/// Whether the guest is in another boot than this. If it does not say, it is not.
fn is_another(agent: &mut Agent, before: &[u8]) -> bool {
    boot(agent).is_some_and(|now| now != before)
}
