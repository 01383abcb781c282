//! `qga fs`: file systems, in the manner of `df`.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, human};

/// List the guest's file systems and how full they are.
#[derive(Args, Debug)]
pub(crate) struct Fs {}

impl Query for Fs {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut found = guest.agent.guest_get_fsinfo()?;
        found.sort_by(|a, b| a.mountpoint.cmp(&b.mountpoint));
        let columns = ["MOUNTED ON", "DEVICE", "TYPE", "SIZE", "USED", "USE%", "DISKS"];
        let mut table = Table::new(columns, "no file systems on disks");
        for fs in &found {
            let disks = fs.disk.iter().map(|disk| {
                disk.dev
                    .clone()
                    .or_else(|| disk.serial.clone())
                    .unwrap_or_else(|| disk.bus_type.to_string())
            });
            table.row([
                fs.mountpoint.as_str().into(),
                fs.name.as_str().into(),
                fs.r#type.as_str().into(),
                fs.total_bytes.map(|bytes| Cell::number(human::size(bytes))).into(),
                fs.used_bytes.map(|bytes| Cell::number(human::size(bytes))).into(),
                share(fs.used_bytes, fs.total_bytes).into(),
                disks.collect::<Vec<_>>().join(" ").into(),
            ]);
        }
        Report::new(&found, table.into())
    }
}

/// How full something is, in red where it is nearly full.
fn share(used: Option<u64>, total: Option<u64>) -> Option<Cell> {
    let percent = human::percent(used?, total?)?;
    let cell = Cell::number(format!("{percent}%"));
    Some(if percent >= 90 { cell.bad() } else { cell })
}
