//! `qga freeze`: holds the guest's file systems still.

mod held;

use std::time::Duration;

use clap::Args;
use qga_bindings::freeze::{Freeze as Settings, FreezeError};
use qga_bindings::types::GuestFsfreezeStatus;
use qga_bindings::{Commands as _, commands};
use serde_json::json;

use crate::confirm::confirm;
use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// Freeze the guest's file systems; with --while only as long as a command of this host runs, and thaw them whatever happens.
///
/// The exit code is the command's, or 125 if something of ours failed; the guest is thawed also if the command fails or is killed,
/// or this program is interrupted. What cannot be thawed is told.
///
/// Without --while they stay frozen until `qga thaw`, and meanwhile the agent does hardly anything else.
#[derive(Args, Debug)]
pub(crate) struct Freeze {
    /// Freeze while a command runs on this host, such as one that takes a snapshot; its exit code is ours.
    #[arg(long = "while", requires = "command")]
    hold: bool,

    /// The command, after `--`.
    #[arg(last = true, requires = "hold")]
    command: Vec<String>,

    /// Only the file systems mounted here; repeat it for several.
    #[arg(short, long, value_name = "PATH")]
    mountpoint: Vec<String>,

    /// How long the guest is frozen at most, whatever the command does.
    #[arg(long, value_name = "TIME", default_value = "2min", requires = "hold")]
    #[arg(value_parser = humantime::parse_duration)]
    at_most: Duration,

    /// For how long it is tried to thaw the guest, if the agent does not answer.
    #[arg(long, value_name = "TIME", default_value = "3min", requires = "hold")]
    #[arg(value_parser = humantime::parse_duration)]
    thaw_within: Duration,

    /// Only tell whether file systems are frozen.
    #[arg(long, conflicts_with_all = ["hold", "mountpoint"])]
    status: bool,

    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Freeze {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        if self.hold {
            return held::run(context, &self.settings(), &self.command).map_err(Failure::ours);
        }
        if !self.status {
            confirm("Freeze the guest's file systems, until somebody runs `qga thaw`?", self.yes)?;
        }
        context.ask(self)
    }

    fn settings(&self) -> Settings {
        let settings = if self.mountpoint.is_empty() {
            Settings::all()
        } else {
            Settings::mountpoints(&self.mountpoint)
        };
        settings.at_most(self.at_most).thaw_within(self.thaw_within)
    }
}

impl Query for Freeze {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let status = guest.agent.guest_fsfreeze_status()?;
        if self.status {
            let text = Text::line(status.to_string());
            return Report::new(&json!({ "status": status }), text);
        }
        if status != GuestFsfreezeStatus::Thawed {
            return Err(FreezeError::AlreadyFrozen { status }.into());
        }
        let frozen = if self.mountpoint.is_empty() {
            guest.agent.guest_fsfreeze_freeze()
        } else {
            let mut command = commands::GuestFsfreezeFreezeList::new();
            command.mountpoints = Some(self.mountpoint.clone());
            guest.agent.guest_fsfreeze_freeze_list(command)
        };
        let frozen = frozen.map_err(|error| {
            let unknown = error.may_have_run();
            let failure = Failure::from(error);
            if unknown { failure.next("`qga thaw` in case it took effect") } else { failure }
        })?;
        if frozen == 0 {
            return Err(FreezeError::NothingFrozen.into());
        }
        let text = Text::line(format!("{frozen} file systems frozen; `qga thaw` lets them go"));
        Report::new(&json!({ "frozen": frozen }), text)
    }
}
