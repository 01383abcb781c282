//! `qga time`: the guest's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use qga_bindings::blocking::Helpers as _;
use qga_bindings::clock::Reading;
use serde::Serialize;

use super::info::ahead;
use crate::confirm::confirm;
use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Tell what the guest's clock says and how far it is from the host's, or set it.
#[derive(Args, Debug)]
pub(crate) struct Time {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Tell what it says, as without a word.
    Get,
    /// Set it to a time.
    Set {
        /// Such as 2026-01-31T12:00:00Z.
        #[arg(value_parser = humantime::parse_rfc3339_weak)]
        time: SystemTime,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Set it to the host's time.
    Sync {
        /// To the guest's own hardware clock instead.
        #[arg(long)]
        hardware: bool,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
}

/// What is done with a clock.
enum Work {
    Read,
    Set(SystemTime),
    FromHost,
    FromHardware,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "units are part of the names")]
struct Clock {
    guest_ns: i128,
    /// How far the guest's clock is ahead of the host's.
    ahead_ns: i128,
    uncertainty_ns: u128,
}

impl Time {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let (work, question, yes) = match &self.action {
            None | Some(Action::Get) => return context.ask(&Work::Read),
            Some(Action::Set { time, yes }) => (Work::Set(*time), "Set the guest's clock?", *yes),
            Some(Action::Sync { hardware: false, yes }) => {
                (Work::FromHost, "Set the guest's clock to the host's time?", *yes)
            }
            Some(Action::Sync { yes, .. }) => {
                (Work::FromHardware, "Set the guest's clock from its hardware clock?", *yes)
            }
        };
        confirm(question, yes)?;
        context.ask(&work)
    }
}

impl Query for Work {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut clock = guest.agent.clock();
        let reading = match self {
            Self::Read => clock.read()?,
            Self::Set(time) => {
                clock.set(*time)?;
                clock.read()?
            }
            Self::FromHost => clock.set_from_host()?,
            Self::FromHardware => clock.set_from_hardware()?,
        };
        report(&reading)
    }
}

fn report(reading: &Reading) -> Result<Report, Failure> {
    let ahead_ns = ahead(reading.offset());
    let since = reading.guest.duration_since(UNIX_EPOCH);
    let guest_ns = match since {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    };
    let text = Text::default().fact("guest", human::moment(reading.guest)).fact(
        "ahead by",
        format!(
            "{} (give or take {})",
            human::signed_latency(ahead_ns),
            human::latency(reading.uncertainty)
        ),
    );
    let uncertainty_ns = reading.uncertainty.as_nanos();
    Report::new(&Clock { guest_ns, ahead_ns, uncertainty_ns }, text)
}

fn signed(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}
