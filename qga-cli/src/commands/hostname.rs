//! `qga hostname`.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// Tell the guest's host name.
#[derive(Args, Debug)]
pub(crate) struct Hostname {}

impl Query for Hostname {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_get_host_name()?;
        let text = Text::line(found.host_name.as_str());
        Report::new(&found, text)
    }
}
