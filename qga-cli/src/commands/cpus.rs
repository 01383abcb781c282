//! `qga cpus`: processors.

use clap::{Args, Subcommand};
use qga_bindings::blocking::Helpers as _;
use qga_bindings::types::GuestLogicalProcessor;

use crate::confirm::confirm;
use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, Text};

/// List the guest's processors, or switch them.
#[derive(Args, Debug)]
pub(crate) struct Cpus {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Switch processors on and off.
    Set(Switches),
}

/// What is to be on and what off.
#[derive(Args, Debug)]
pub(super) struct Switches {
    /// Numbers to switch on, with commas between them.
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        required_unless_present = "offline"
    )]
    online: Vec<u32>,

    /// Numbers to switch off.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    offline: Vec<u32>,

    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Switches {
    /// What is wanted, once somebody has said yes to what can hurt.
    pub(super) fn wanted<N: From<u32>>(&self, what: &str) -> Result<Vec<(N, bool)>, Failure> {
        if !self.offline.is_empty() {
            confirm(&format!("Take {what} offline?"), self.yes)?;
        }
        let on = self.online.iter().map(|&number| (N::from(number), true));
        Ok(on.chain(self.offline.iter().map(|&number| (N::from(number), false))).collect())
    }
}

/// Processors that are to be switched, none for a list.
struct Wanted(Vec<(i64, bool)>);

impl Cpus {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let wanted = match &self.action {
            None => Vec::new(),
            Some(Action::Set(switches)) => switches.wanted("processors")?,
        };
        context.ask(&Wanted(wanted))
    }
}

impl Query for Wanted {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut hardware = guest.agent.hardware();
        if !self.0.is_empty() {
            hardware.switch_processors(&self.0)?;
        }
        report(&hardware.processors()?)
    }
}

fn report(found: &[GuestLogicalProcessor]) -> Result<Report, Failure> {
    let mut table = Table::new(["CPU", "ONLINE", "CAN BE TAKEN OFFLINE"], "no processors");
    for cpu in found {
        table.row([Cell::number(cpu.logical_id), cpu.online.into(), cpu.can_offline.into()]);
    }
    let online = found.iter().filter(|cpu| cpu.online).count();
    let text = Text::line(format!("{online} of {} online", found.len())).table(table);
    Report::new(&found, text)
}
