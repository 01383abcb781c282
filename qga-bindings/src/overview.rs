//! What one screen shows of a guest: everything that its agent tells without being privileged to.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::{self, ClockError, Reading};
use crate::files::{Core, FileProblem};
use crate::guest::Guest;
use crate::network::Interface;
use crate::storage::FileSystem;
use crate::types::{
    GuestAgentCommandInfo, GuestFsfreezeStatus, GuestLoadAverage, GuestOSInfo, GuestTimezone,
};
use crate::users::Login;
use crate::{Command, Error, commands};

/// What an agent tells of itself and of its guest. What it does not have or refuses to tell is `None`; where it tried and
/// failed, the reason is among the [`failures`](Self::failures).
#[derive(Debug)]
#[non_exhaustive]
pub struct Overview {
    /// The agent's version, in its own words; no ground for conclusions about what it can do.
    pub agent_version: String,
    /// The commands that the agent has and does not execute.
    pub disabled: Vec<String>,
    /// The guest's name. Since QEMU 2.10.
    pub host_name: Option<String>,
    /// The guest's operating system. Since QEMU 2.10.
    pub os: Option<GuestOSInfo>,
    /// How long the guest's kernel has been running, which no command tells: it is read from the guest's `/proc/uptime`, so
    /// only Linux has it, and only where the agent may read files.
    pub uptime: Option<Duration>,
    /// The guest's time zone. Since QEMU 2.10.
    pub timezone: Option<GuestTimezone>,
    /// The guest's clock. Since QEMU 1.5.
    pub clock: Option<Reading>,
    /// Who is logged in. Since QEMU 2.10.
    pub logins: Option<Vec<Login>>,
    /// How busy the guest is. Since QEMU 10.0.
    pub load: Option<GuestLoadAverage>,
    /// The network interfaces. Since QEMU 1.1.
    pub interfaces: Option<Vec<Interface>>,
    /// The file systems. Since QEMU 2.2.
    pub file_systems: Option<Vec<FileSystem>>,
    /// Whether file systems are frozen.
    pub frozen: Option<bool>,
    /// Why the agent did not tell what it should be able to tell.
    pub failures: Vec<Error>,
}

pub(crate) async fn overview(guest: &mut impl Guest) -> Result<Overview, Error> {
    let info = guest.execute(&commands::GuestInfo::new(), None).await?;
    let mut survey = Survey::new(guest, info.supported_commands);
    let host_name = survey.ask(&commands::GuestGetHostName::new()).await?;
    let os = survey.ask(&commands::GuestGetOsinfo::new()).await?;
    let uptime = survey.read_uptime().await?;
    let timezone = survey.ask(&commands::GuestGetTimezone::new()).await?;
    let clock = survey.read_clock().await?;
    let logins = survey.ask(&commands::GuestGetUsers::new()).await?;
    let load = survey.ask(&commands::GuestGetLoad::new()).await?;
    let interfaces = survey.ask(&commands::GuestNetworkGetInterfaces::new()).await?;
    let file_systems = survey.ask(&commands::GuestGetFsinfo::new()).await?;
    let status = survey.ask(&commands::GuestFsfreezeStatus::new()).await?;
    Ok(Overview {
        agent_version: info.version,
        disabled: survey.disabled,
        host_name: host_name.map(|name| name.host_name),
        os,
        uptime,
        timezone,
        clock,
        logins: logins.map(each),
        load,
        interfaces: interfaces.map(each),
        file_systems: file_systems.map(each),
        frozen: status.map(|status| status != GuestFsfreezeStatus::Thawed),
        failures: survey.failures,
    })
}

fn each<T, U: From<T>>(list: Vec<T>) -> Vec<U> {
    list.into_iter().map(U::from).collect()
}

/// How many bytes `/proc/uptime` may have: two numbers.
const MOST_UPTIME: u64 = 128;

/// The first of the numbers in `/proc/uptime`: seconds.
#[inline]
fn uptime(text: &[u8]) -> Option<Duration> {
    let seconds = std::str::from_utf8(text).ok()?.split_ascii_whitespace().next()?;
    Duration::try_from_secs_f64(seconds.parse().ok()?).ok()
}

/// An agent that is asked for whatever it has.
struct Survey<'a, G> {
    guest: &'a mut G,
    /// The commands that it executes; `None` if it does not say.
    enabled: Option<BTreeSet<String>>,
    disabled: Vec<String>,
    failures: Vec<Error>,
}

impl<'a, G: Guest> Survey<'a, G> {
    fn new(guest: &'a mut G, commands: Option<Vec<GuestAgentCommandInfo>>) -> Self {
        let (mut enabled, mut disabled) = (BTreeSet::new(), Vec::new());
        let lists_commands = commands.is_some();
        for command in commands.unwrap_or_default() {
            if command.enabled {
                enabled.insert(command.name);
            } else {
                disabled.push(command.name);
            }
        }
        let enabled = lists_commands.then_some(enabled);
        Self { guest, enabled, disabled, failures: Vec::new() }
    }

    async fn ask<C: Command + Sync>(&mut self, command: &C) -> Result<Option<C::Output>, Error> {
        if !self.has::<C>() {
            return Ok(None);
        }
        let result = self.guest.execute(command, None).await;
        self.keep(result)
    }

    async fn read_clock(&mut self) -> Result<Option<Reading>, Error> {
        if !self.has::<commands::GuestGetTime>() {
            return Ok(None);
        }
        match clock::read(self.guest).await {
            Ok(reading) => Ok(Some(reading)),
            Err(ClockError::Agent(error)) => self.keep(Err(error)),
            Err(ClockError::OutOfRange) => Ok(None),
        }
    }

    async fn read_uptime(&mut self) -> Result<Option<Duration>, Error> {
        if !(self.has::<commands::GuestFileOpen>()
            && self.has::<commands::GuestFileRead>()
            && self.has::<commands::GuestFileClose>())
        {
            return Ok(None);
        }
        match Core::new(&mut *self.guest).read("/proc/uptime", MOST_UPTIME).await {
            Ok(text) => Ok(uptime(&text)),
            // Another system has no such file.
            Err(error) => match *error.problem {
                FileProblem::Agent(error) if !matches!(error, Error::Failed { .. }) => {
                    self.keep(Err(error))
                }
                _ => Ok(None),
            },
        }
    }

    fn has<C: Command>(&self) -> bool {
        self.enabled.as_ref().is_none_or(|enabled| enabled.contains(C::NAME))
    }

    /// Goes on after an error of the agent; where there is no answer at all, there is nothing to go on with.
    fn keep<T>(&mut self, result: Result<T, Error>) -> Result<Option<T>, Error> {
        match result {
            Ok(value) => return Ok(Some(value)),
            Err(error @ (Error::NotSent { .. } | Error::OutcomeUnknown { .. })) => {
                return Err(error);
            }
            Err(Error::Refused { .. }) => {}
            Err(error) => self.failures.push(error),
        }
        Ok(None)
    }
}
