//! `qga disks`.

use clap::Args;
use qga_bindings::Commands as _;
use qga_bindings::types::{GuestDiskAddress, GuestDiskInfo};

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};

/// List the guest's disks and their partitions.
#[derive(Args, Debug)]
pub(crate) struct Disks {}

impl Query for Disks {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut found = guest.agent.guest_get_disks()?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let mut table = Table::new(["NAME", "KIND", "ON", "BUS", "SERIAL", "ALIAS"], "no disks");
        for disk in &found {
            let address = disk.address.as_ref();
            table.row([
                disk.name.as_str().into(),
                kind(disk).into(),
                disk.dependencies
                    .as_ref()
                    .filter(|on| !on.is_empty())
                    .map(|on| on.join(" "))
                    .into(),
                address.map(place).into(),
                address.and_then(|address| address.serial.as_deref()).into(),
                disk.alias.as_deref().into(),
            ]);
        }
        Report::new(&found, table.into())
    }
}

fn kind(disk: &GuestDiskInfo) -> &'static str {
    if disk.partition { "partition" } else { "disk" }
}

/// Where on its bus a disk is; -1 stands for what the agent does not know.
fn place(address: &GuestDiskAddress) -> Cell {
    let numbers = [address.bus, address.target, address.unit];
    let numbers = numbers.map(|n| if n < 0 { "?".to_owned() } else { n.to_string() });
    Cell::from(format!("{} {}", address.bus_type, numbers.join(":")))
}
