//! `qga commands`: what agents can do, and what this one does.

use std::collections::BTreeMap;

use clap::Args;
use qga_bindings::fit::{Absence, Fit, fit};
use qga_bindings::{Commands as _, Release, info};
use serde::Serialize;

use crate::context::{Context, Guest, Query};
use crate::failure::{Failure, exit};
use crate::output::{Cell, Report, Table};

/// List the commands of agents, or with --agent what this one has and allows.
#[derive(Args, Debug)]
pub(crate) struct Commands {
    /// Ask the agent.
    #[arg(long)]
    agent: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Listed {
    name: String,
    /// In this agent; absent if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    since: Option<String>,
    summary: Option<&'static str>,
    condition: Option<&'static str>,
    /// Why it is not to be had in this agent, as far as that can be known from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Enabled,
    Disabled,
    Missing,
}

impl Commands {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        if self.agent {
            return context.ask(self);
        }
        let listed: Vec<Listed> = known().map(|(name, _)| listed(name)).collect();
        let mut table = Table::new(["COMMAND", "SINCE", "WHAT IT DOES"], "");
        for command in &listed {
            table.row([
                command.name.as_str().into(),
                command.since.as_deref().into(),
                command.summary.into(),
            ]);
        }
        context.output.report(&Report::new(&listed, table.into())?)?;
        Ok(exit::DONE)
    }
}

impl Query for Commands {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let info = guest.agent.guest_info()?;
        let fit = fit(&info);
        let Some(supported) = info.supported_commands else {
            return Err(Failure::new(
                "this agent does not tell its commands: it is older than QEMU 1.1",
            )
            .next(
                "`qga commands` lists all that there are, with the release that introduced each",
            ));
        };
        let mut states: BTreeMap<String, State> =
            known().map(|(name, _)| (name.to_owned(), State::Missing)).collect();
        for command in supported {
            states.insert(
                command.name,
                if command.enabled { State::Enabled } else { State::Disabled },
            );
        }
        let listed: Vec<Listed> = states
            .into_iter()
            .map(|(name, state)| Listed {
                why: why(&name, state, &fit),
                state: Some(state),
                ..listed(&name)
            })
            .collect();
        let mut table = Table::new(["COMMAND", "HERE", "SINCE", "WHY, OR WHAT IT DOES"], "");
        for command in &listed {
            table.row([
                command.name.as_str().into(),
                command.state.map(shown).into(),
                command.since.as_deref().into(),
                told(command).into(),
            ]);
        }
        Report::new(&listed, table.into())
    }
}

/// The commands that the schema knows and that still exist, by name.
fn known() -> impl Iterator<Item = (&'static str, Option<Release>)> {
    let commands = info::COMMANDS.iter().filter(|command| command.until.is_none());
    let mut names: Vec<_> = commands.map(|command| (command.name, command.since)).collect();
    names.sort_unstable();
    names.into_iter()
}

fn listed(name: &str) -> Listed {
    let known = info::COMMANDS.iter().find(|command| command.name == name);
    Listed {
        name: name.to_owned(),
        state: None,
        why: None,
        since: known.and_then(|command| command.since).map(|since| since.to_string()),
        summary: known.map(|command| command.summary),
        condition: known.and_then(|command| command.condition),
    }
}

fn shown(state: State) -> Cell {
    match state {
        State::Enabled => "yes".into(),
        State::Disabled => Cell::from("disabled").bad(),
        State::Missing => Cell::from("no").dim(),
    }
}

/// Why a command is not to be had, as far as it can be known from outside.
fn why(name: &str, state: State, fit: &Fit) -> Option<String> {
    let command = info::COMMANDS.iter().find(|command| command.name == name);
    match (state, command) {
        (State::Enabled, _) | (State::Missing, None) => None,
        (State::Disabled, _) => Some(
            "by the guest's configuration, because the platform lacks it, or while file systems are frozen".to_owned(),
        ),
        (State::Missing, Some(command)) => Some(match fit.absence(command) {
            Absence::Older { since, fits } => {
                format!("needs QEMU {since}, and this agent is as of {fits}")
            }
            Absence::Newer { until } => format!("gone since QEMU {until}"),
            Absence::OtherSystem { systems } => {
                format!("only in agents for {}", systems.join(" and "))
            }
            Absence::NotBuilt => {
                format!("left out of this build: {}", command.condition.unwrap_or("it depends"))
            }
            _ => "most agents as old as this one have it, so it was left out on purpose".to_owned(),
        }),
    }
}

/// Why it is not to be had; otherwise what it does.
fn told(command: &Listed) -> String {
    let summary = command.summary.unwrap_or("not known to this program");
    command.why.clone().unwrap_or_else(|| summary.to_owned())
}
