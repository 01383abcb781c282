//! `qga thaw`: lets the guest's file systems go again.

use clap::Args;
use qga_bindings::Commands as _;
use serde_json::json;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// Thaw the guest's file systems, whoever froze them.
#[derive(Args, Debug)]
pub(crate) struct Thaw {}

impl Query for Thaw {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let thawed = guest.agent.guest_fsfreeze_thaw()?;
        let text = match thawed {
            0 => "nothing was frozen".to_owned(),
            count => format!("{count} file systems thawed"),
        };
        Report::new(&json!({ "thawed": thawed }), Text::line(text))
    }
}
