//! The commands, one file each.

mod call;
mod cat;
mod complete;
mod completions;
mod cp;
mod cpus;
mod demo;
mod devices;
mod disks;
mod doctor;
mod edit;
mod exec;
mod freeze;
mod fs;
mod hostname;
mod info;
mod keys;
mod list;
mod load;
mod mem;
mod net;
mod password;
mod ping;
mod power;
mod repl;
mod routes;
mod sh;
mod stats;
mod tail;
mod targets;
mod thaw;
mod time;
mod timezone;
mod trim;
mod users;
mod wait;
mod write;

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
    Info(info::Info),
    Hostname(hostname::Hostname),
    Fs(fs::Fs),
    Disks(disks::Disks),
    Net(net::Net),
    Routes(routes::Routes),
    Users(users::Users),
    Cpus(cpus::Cpus),
    Mem(mem::Mem),
    Load(load::Load),
    Stats(stats::Stats),
    Time(time::Time),
    Timezone(timezone::Timezone),
    Devices(devices::Devices),
    Exec(exec::Exec),
    Sh(sh::Sh),
    Repl(repl::Repl),
    Cp(cp::Cp),
    Cat(cat::Cat),
    Write(write::Write),
    Tail(tail::Tail),
    Edit(edit::Edit),
    Freeze(freeze::Freeze),
    Thaw(thaw::Thaw),
    Trim(trim::Trim),
    Shutdown(power::Shutdown),
    Reboot(power::Reboot),
    Halt(power::Halt),
    Suspend(power::Suspend),
    Password(password::Password),
    Keys(keys::Keys),
    Call(call::Call),
    Commands(list::Commands),
    Demo(demo::Demo),
    Complete(complete::Complete),
    Completions(completions::Completions),
    Man(completions::Man),
}

impl Command {
    /// Runs it, and returns the exit code.
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        match self {
            Self::Targets(command) => command.run(context),
            Self::Ping(command) => context.ask(command),
            Self::Wait(command) => context.ask(command),
            Self::Doctor(command) => context.ask(command),
            Self::Info(command) => context.ask(command),
            Self::Hostname(command) => context.ask(command),
            Self::Fs(command) => context.ask(command),
            Self::Disks(command) => context.ask(command),
            Self::Net(command) => context.ask(command),
            Self::Routes(command) => context.ask(command),
            Self::Users(command) => context.ask(command),
            Self::Cpus(command) => command.run(context),
            Self::Mem(command) => command.run(context),
            Self::Load(command) => context.ask(command),
            Self::Stats(command) => command.run(context),
            Self::Time(command) => command.run(context),
            Self::Timezone(command) => context.ask(command),
            Self::Devices(command) => context.ask(command),
            Self::Exec(command) => command.run(context),
            Self::Sh(command) => command.run(context),
            Self::Repl(_) => repl::run(context),
            Self::Cp(command) => command.run(context),
            Self::Cat(command) => command.run(context),
            Self::Write(command) => command.run(context),
            Self::Tail(command) => command.run(context),
            Self::Edit(command) => command.run(context),
            Self::Freeze(command) => command.run(context),
            Self::Thaw(command) => context.ask(command),
            Self::Trim(command) => context.ask(command),
            Self::Shutdown(command) => command.run(context),
            Self::Reboot(command) => command.run(context),
            Self::Halt(command) => command.run(context),
            Self::Suspend(command) => command.run(context),
            Self::Password(command) => command.run(context),
            Self::Keys(command) => command.run(context),
            Self::Call(command) => command.run(context),
            Self::Commands(command) => command.run(context),
            Self::Demo(_) => demo::run(context),
            Self::Complete(command) => command.run(context),
            Self::Completions(command) => command.run(context),
            Self::Man(command) => command.run(context),
        }
    }
}
