//! What a command has at hand: the guests it is for, and where its results go.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::agent::Agent;
use crate::args::Global;
use crate::commands::Command;
use crate::failure::{Failure, exit};
use crate::output::{Label, Output, Report};
use crate::side_by_side;
use crate::target::{self, Target};

/// What goes for every command, made ready.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) output: Output,
}

/// One guest that a command is for.
#[derive(Debug)]
pub(crate) struct Guest<'a> {
    pub(crate) agent: Agent,
    pub(crate) target: &'a Target,
    output: &'a Output,
    label: Option<Label<'a>>,
}

/// A command that asks a guest and reports, so that it can be used on several guests side by side.
pub(crate) trait Query: Sync {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure>;
}

impl Guest<'_> {
    /// Shows something before the end.
    pub(crate) fn emit(&self, report: &Report) -> Result<(), Failure> {
        self.output.record(self.label, report)
    }
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let output = Output::new(&global);
        Self { global, output }
    }

    /// Runs a command, tells why it failed, and returns the exit code.
    pub(crate) fn run(&self, command: &Command) -> u8 {
        command.run(self).unwrap_or_else(|failure| {
            self.output.fail(None, &failure);
            failure.exit
        })
    }

    /// The guests that the command is for, at least one.
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        target::choose(&self.global)
    }

    /// The one guest that a command is for which cannot be used on several.
    pub(crate) fn one(&self) -> Result<Target, Failure> {
        let mut targets = self.targets()?;
        match (targets.pop(), targets.is_empty()) {
            (Some(target), true) => Ok(target),
            _ => {
                Err(Failure::usage("this is for one guest at a time")
                    .next("say which with -c ADDRESS"))
            }
        }
    }

    /// The agent that a target leads to. It is connected to when first used.
    pub(crate) fn agent(&self, target: &Target) -> Agent {
        Agent::new(target.client(self.global.verbose), self.global.timeout)
    }

    /// Asks one guest or several, and reports.
    pub(crate) fn ask(&self, query: &impl Query) -> Result<u8, Failure> {
        match self.targets()?.as_slice() {
            [target] => self.with(target, |guest| {
                let report = query.ask(guest)?;
                self.output.report(&report)?;
                Ok(exit::DONE)
            }),
            targets => self.ask_all(query, targets),
        }
    }

    /// Does something with one guest.
    pub(crate) fn with<T>(
        &self,
        target: &Target,
        work: impl FnOnce(&mut Guest<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.labelled(target, None, work)
    }

    fn labelled<T>(
        &self,
        target: &Target,
        label: Option<Label<'_>>,
        work: impl FnOnce(&mut Guest<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let agent = self.agent(target);
        let mut guest = Guest { agent, target, output: &self.output, label };
        let result = work(&mut guest);
        // The connection is let go of before anybody looks why it failed.
        drop(guest);
        result.map_err(|failure| failure.at(target))
    }

    /// Asks all of them side by side: each is told as soon as it is known, and a dead one delays nobody.
    fn ask_all(&self, query: &impl Query, targets: &[Target]) -> Result<u8, Failure> {
        let failed = AtomicUsize::new(0);
        let broken = Mutex::new(None);
        side_by_side::for_each(targets, |order, target| {
            let label = Some(Label { target: &target.name, order });
            let shown = match self.labelled(target, label, |guest| query.ask(guest)) {
                Ok(report) => self.output.record(label, &report),
                Err(failure) => {
                    failed.fetch_add(1, Ordering::Relaxed);
                    self.output.fail(label, &failure);
                    Ok(())
                }
            };
            if let Err(failure) = shown {
                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            }
        });
        self.output.end_of_records()?;
        match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(failure) => Err(failure),
            None => Ok(exit::several(failed.into_inner())),
        }
    }
}
