//! `qga shutdown`, `reboot`, `halt` and `suspend`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use qga_bindings::blocking::Helpers as _;
use qga_bindings::power::{Outcome, Power, Until};
use serde_json::json;

use crate::confirm::confirm;
use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Shut the guest down and switch it off.
#[derive(Args, Debug)]
pub(crate) struct Shutdown {
    #[command(flatten)]
    options: Options,
}

/// Restart the guest.
#[derive(Args, Debug)]
pub(crate) struct Reboot {
    #[command(flatten)]
    options: Options,
}

/// Shut the guest down without switching it off.
#[derive(Args, Debug)]
pub(crate) struct Halt {
    #[command(flatten)]
    options: Options,
}

/// Send the guest to sleep; it is woken up from outside.
#[derive(Args, Debug)]
pub(crate) struct Suspend {
    /// Where to keep what it was doing.
    #[arg(default_value = "ram")]
    to: Sleep,

    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sleep {
    /// In its memory.
    Ram,
    /// On its disk, after which it is switched off.
    Disk,
    /// In its memory and on its disk.
    Hybrid,
}

#[derive(Args, Debug)]
struct Options {
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,

    /// Wait until it is gone or, after a restart, back.
    #[arg(long)]
    wait: bool,

    /// How long to wait.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, requires = "wait")]
    within: Option<Duration>,
}

/// What the guest is to do.
struct Change(Power);

impl Shutdown {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        self.options.run(context, "Shut down", Power::off())
    }
}

impl Reboot {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        self.options.run(context, "Restart", Power::reboot())
    }
}

impl Halt {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        self.options.run(context, "Halt", Power::halt())
    }
}

impl Suspend {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let power = match self.to {
            Sleep::Ram => Power::suspend_to_ram(),
            Sleep::Disk => Power::suspend_to_disk(),
            Sleep::Hybrid => Power::suspend_hybrid(),
        };
        self.options.run(context, "Suspend", power)
    }
}

impl Options {
    fn run(&self, context: &Context, what: &str, power: Power) -> Result<u8, Failure> {
        let names: Vec<String> = context.targets()?.into_iter().map(|target| target.name).collect();
        confirm(&format!("{what} {}?", names.join(", ")), self.yes)?;
        let power = if self.wait { power } else { power.until(Until::Accepted) };
        let power = match self.within {
            Some(limit) => power.within(limit),
            None => power,
        };
        context.ask(&Change(power))
    }
}

impl Query for Change {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let outcome = guest.agent.power(&self.0)?;
        let (name, text) = match outcome {
            Outcome::Accepted => {
                ("accepted", "accepted; --wait sees whether it happens".to_owned())
            }
            Outcome::Ended => ("ended", "the connection has ended: it is off".to_owned()),
            Outcome::Silent => ("silent", "its agent does not answer any more".to_owned()),
            Outcome::Back { after } => ("back", format!("back after {}", human::latency(after))),
            other => ("other", format!("{other:?}")),
        };
        Report::new(&json!({ "outcome": name }), Text::line(text))
    }
}
