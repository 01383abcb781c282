//! Two guests of the same suite, one below libvirt and one without, so that the programs of both can be asked for the same.

use std::path::PathBuf;
use std::process::{Child, Command};

use anyhow::{Context as _, Result};

use crate::lab::Lab;
use crate::lab::libvirt::{self, Session};
use crate::lab::machine::Machine;
use crate::lab::running::Running;
use crate::lab::vm;

/// Both guests. They end when this is dropped.
pub(super) struct Twins {
    session: Session,
    machine: Machine,
    /// The daemon, with which its guest ends, and the other guest's emulator.
    programs: Vec<Child>,
    _folders: [Running; 2],
}

impl Twins {
    /// Starts both, and waits until their agents answer.
    ///
    /// # Errors
    /// Why libvirt cannot run here, or what does not start.
    pub(super) fn start(lab: &Lab) -> Result<Self> {
        libvirt::usable()?;
        let libvirt = libvirt::fetched(lab).pop();
        let libvirt = libvirt.context("`cargo xtask lab libvirt SUITE --fetch` brings libvirt")?;
        let below = Running::new(lab, "bench-libvirt", libvirt::run::LONGEST)?;
        let beside = Running::new(lab, "bench-vm", "agent.sock")?;
        let machine = Machine { folder: beside.to_owned(), ..Machine::default() };
        let session = Session::new(&libvirt, &below)?;
        let programs = Vec::new();
        let mut twins = Self { session, machine, programs, _folders: [below, beside] };
        let mut daemon = twins.session.daemon()?.spawn().context("starting libvirt's daemon")?;
        let started = twins.session.start_domain(&mut daemon);
        twins.programs.push(daemon);
        started?;
        let emulator = twins.machine.command(&libvirt.guest)?.spawn();
        let mut emulator = emulator.context("starting the emulator")?;
        let answers = vm::wait_for_agent(&twins.machine, &mut emulator);
        twins.programs.push(emulator);
        answers?;
        libvirt::run::wait_for_agent(&twins.session)?;
        Ok(twins)
    }

    /// The command that has libvirt ping its guest.
    pub(super) fn virsh(&self) -> Command {
        let mut command = self.session.virsh();
        command.args(["qemu-agent-command", Session::DOMAIN, r#"{"execute":"guest-ping"}"#]);
        command
    }

    /// The socket of the other one's agent.
    pub(super) fn socket(&self) -> PathBuf {
        self.machine.agent()
    }
}

impl Drop for Twins {
    fn drop(&mut self) {
        for program in &mut self.programs {
            // There is nothing to be done about an error.
            drop(program.kill());
            drop(program.wait());
        }
    }
}
