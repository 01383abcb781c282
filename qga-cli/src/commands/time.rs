//! `qga time`: the guest's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use qga_bindings::Commands as _;
use serde::Serialize;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Tell what the guest's clock says, and how far it is from the host's.
#[derive(Args, Debug)]
pub(crate) struct Time {}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Clock {
    guest_ns: i64,
    /// How much the guest's clock is ahead of the host's.
    ahead_ns: i64,
}

impl Query for Time {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        // The connection is there, so that the clocks are read at nearly the same time.
        guest.agent.guest_ping()?;
        let before = now();
        let guest_ns = guest.agent.guest_get_time()?;
        let host = before + (now() - before) / 2;
        let ahead_ns = guest_ns.saturating_sub(host);
        let text = Text::default()
            .fact("guest", human::nanoseconds(guest_ns))
            .fact("ahead by", human::signed_latency(ahead_ns));
        Report::new(&Clock { guest_ns, ahead_ns }, text)
    }
}

/// The host's clock, in nanoseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
