//! `qga targets`: the guests that can be named, and which of them answer.

use std::time::{Duration, Instant};

use clap::Args;
use qga_bindings::Execute as _;
use qga_bindings::commands::GuestPing;
use qga_bindings::ready::Reason;
use serde::Serialize;

use crate::agent::Agent;
use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::output::{Cell, Report, Table, human};
use crate::side_by_side;
use crate::target::{self, Source, Target};

/// List the guests of the configuration and of this host, and which of them answer.
#[derive(Args, Debug)]
pub(crate) struct Targets {
    /// Do not ask them.
    #[arg(long)]
    no_ask: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Listed<'a> {
    name: &'a str,
    address: String,
    source: Source,
    /// Absent if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_us: Option<u128>,
}

/// How long a guest may take to answer here.
const PATIENCE: Duration = Duration::from_secs(2);

impl Targets {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let targets = target::all()?;
        let asked = side_by_side::map(&targets, |target| (!self.no_ask).then(|| ask(target)));
        let mut table = Table::new(
            ["NAME", "ADDRESS", "FROM", "STATE"],
            "no guests: name some in the configuration, or start some on this host",
        );
        let mut listed = Vec::new();
        for (target, answer) in targets.iter().zip(asked) {
            let address = target.place.to_string();
            let (state, took) = answer.unzip();
            let took = took.flatten();
            let shown = state.map(|state| match took {
                Some(took) => Cell::from(format!("{state} in {}", human::latency(took))),
                None => Cell::from(state).bad(),
            });
            table.row([
                target.name.as_str().into(),
                address.as_str().into(),
                from(target.source).into(),
                shown.into(),
            ]);
            let answered_us = took.map(|took| took.as_micros());
            listed.push(Listed {
                name: &target.name,
                address,
                source: target.source,
                state,
                answered_us,
            });
        }
        context.output.report(&Report::new(&listed, table.into())?)?;
        Ok(exit::DONE)
    }
}

/// What becomes of a question, and how long an answer took.
fn ask(target: &Target) -> (&'static str, Option<Duration>) {
    let mut agent = Agent::new(target.client(0), None);
    let start = Instant::now();
    let reason = agent
        .execute_within(&GuestPing::new(), PATIENCE)
        .err()
        .and_then(|error| Reason::of(&error));
    let state = match reason {
        None => return ("answers", Some(start.elapsed())),
        Some(Reason::NotFound) => "gone",
        Some(Reason::Refused) => "nobody listens",
        Some(Reason::PermissionDenied) => "not permitted",
        Some(Reason::Busy) => "busy",
        Some(Reason::Silent) => "silent",
        Some(Reason::Noise | Reason::Stranger(_)) => "no agent",
        Some(Reason::HungUp) => "hangs up",
        Some(_) => "unreachable",
    };
    (state, None)
}

fn from(source: Source) -> &'static str {
    match source {
        Source::Address => "command line",
        Source::Config => "configuration",
        Source::Qemu => "QEMU process",
        Source::Libvirt => "libvirt",
        Source::Proxmox => "Proxmox",
    }
}
