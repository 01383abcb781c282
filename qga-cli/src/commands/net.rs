//! `qga net`: network interfaces.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, human};

/// List the guest's network interfaces, their addresses and traffic.
#[derive(Args, Debug)]
pub(crate) struct Net {}

impl Query for Net {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_network_get_interfaces()?;
        let columns = ["NAME", "MAC", "ADDRESS", "RECEIVED", "SENT", "ERRORS"];
        let mut table = Table::new(columns, "no network interfaces");
        for interface in &found {
            let statistics = interface.statistics.as_ref();
            let mut addresses = interface
                .ip_addresses
                .iter()
                .flatten()
                .map(|ip| format!("{}/{}", ip.ip_address, ip.prefix));
            table.row([
                interface.name.as_str().into(),
                interface.hardware_address.as_deref().into(),
                addresses.next().into(),
                statistics.map(|s| Cell::number(human::size(s.rx_bytes))).into(),
                statistics.map(|s| Cell::number(human::size(s.tx_bytes))).into(),
                statistics.map(|s| Cell::number(s.rx_errs.saturating_add(s.tx_errs))).into(),
            ]);
            for address in addresses {
                table.row(["".into(), "".into(), address.into(), "".into(), "".into(), "".into()]);
            }
        }
        Report::new(&found, table.into())
    }
}
