//! `qga timezone`.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Tell the guest's time zone.
#[derive(Args, Debug)]
pub(crate) struct Timezone {}

impl Query for Timezone {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_get_timezone()?;
        let offset = human::offset(found.offset);
        let text = Text::line(match &found.zone {
            Some(zone) => format!("{zone} ({offset})"),
            None => offset,
        });
        Report::new(&found, text)
    }
}
