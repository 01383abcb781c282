//! The commands, one file each.

mod call;
mod cpus;
mod devices;
mod disks;
mod doctor;
mod fs;
mod hostname;
mod list;
mod load;
mod mem;
mod net;
mod ping;
mod routes;
mod targets;
mod time;
mod timezone;
mod users;
mod wait;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What `qga` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Targets(targets::Targets),
    Ping(ping::Ping),
    Wait(wait::Wait),
    Doctor(doctor::Doctor),
    Hostname(hostname::Hostname),
    Fs(fs::Fs),
    Disks(disks::Disks),
    Net(net::Net),
    Routes(routes::Routes),
    Users(users::Users),
    Cpus(cpus::Cpus),
    Mem(mem::Mem),
    Load(load::Load),
    Time(time::Time),
    Timezone(timezone::Timezone),
    Devices(devices::Devices),
    Call(call::Call),
    Commands(list::Commands),
}

impl Command {
    /// Runs it, and returns the exit code.
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        match self {
            Self::Targets(command) => command.run(context),
            Self::Ping(command) => context.ask(command),
            Self::Wait(command) => context.ask(command),
            Self::Doctor(command) => context.ask(command),
            Self::Hostname(command) => context.ask(command),
            Self::Fs(command) => context.ask(command),
            Self::Disks(command) => context.ask(command),
            Self::Net(command) => context.ask(command),
            Self::Routes(command) => context.ask(command),
            Self::Users(command) => context.ask(command),
            Self::Cpus(command) => context.ask(command),
            Self::Mem(command) => context.ask(command),
            Self::Load(command) => context.ask(command),
            Self::Time(command) => context.ask(command),
            Self::Timezone(command) => context.ask(command),
            Self::Devices(command) => context.ask(command),
            Self::Call(command) => command.run(context),
            Self::Commands(command) => command.run(context),
        }
    }
}
