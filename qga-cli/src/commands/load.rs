//! `qga load`.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// Tell the guest's load averages.
#[derive(Args, Debug)]
pub(crate) struct Load {}

impl Query for Load {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let load = guest.agent.guest_get_load()?;
        let text = Text::line(format!(
            "{:.2} over 1 minute, {:.2} over 5, {:.2} over 15",
            load.load1m, load.load5m, load.load15m
        ));
        Report::new(&load, text)
    }
}
