//! `qga cpus`: processors.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, Text};

/// List the guest's processors.
#[derive(Args, Debug)]
pub(crate) struct Cpus {}

impl Query for Cpus {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_get_vcpus()?;
        let mut table = Table::new(["CPU", "ONLINE", "CAN BE TAKEN OFFLINE"], "no processors");
        for cpu in &found {
            table.row([Cell::number(cpu.logical_id), cpu.online.into(), cpu.can_offline.into()]);
        }
        let online = found.iter().filter(|cpu| cpu.online).count();
        let text = Text::line(format!("{online} of {} online", found.len())).table(table);
        Report::new(&found, text)
    }
}
