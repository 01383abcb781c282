//! `qga routes`.

use clap::Args;
use qga_bindings::Commands as _;
use qga_bindings::types::GuestNetworkRoute;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};

/// List the guest's routes.
#[derive(Args, Debug)]
pub(crate) struct Routes {}

impl Query for Routes {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_network_get_route()?;
        let mut table = Table::new(["DESTINATION", "VIA", "INTERFACE", "METRIC"], "no routes");
        for route in &found {
            table.row([
                destination(route).into(),
                route.gateway.as_deref().or(route.nexthop.as_deref()).into(),
                route.iface.as_str().into(),
                Cell::number(route.metric),
            ]);
        }
        Report::new(&found, table.into())
    }
}

/// What a route leads to, with its mask or prefix.
fn destination(route: &GuestNetworkRoute) -> String {
    match (&route.mask, &route.desprefixlen) {
        (Some(mask), _) => format!("{}/{mask}", route.destination),
        (None, Some(prefix)) => format!("{}/{prefix}", route.destination),
        (None, None) => route.destination.clone(),
    }
}
