//! Two guests of the same suite, one below libvirt and one without, so that the programs of both can be asked for the same.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

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
        hold(&twins.machine.agent(), &twins.socket()).context("keeping a channel open")?;
        Ok(twins)
    }

    /// The command that has libvirt ping its guest.
    pub(super) fn virsh(&self) -> Command {
        let mut command = self.session.virsh();
        command.args(["qemu-agent-command", Session::DOMAIN, r#"{"execute":"guest-ping"}"#]);
        command
    }

    /// The socket of the other one's agent. Somebody keeps the channel behind it open, as libvirt does.
    pub(super) fn socket(&self) -> PathBuf {
        self.machine.folder.join("held.sock")
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

/// Keeps the channel of an agent open, and lets one client after the other use it at a socket. Otherwise the agent, which sleeps
/// for a tenth of a second at a time while nobody is connected, would be waited for.
fn hold(channel: &Path, socket: &Path) -> io::Result<()> {
    let agent = UnixStream::connect(channel)?;
    let mut replies = agent.try_clone()?;
    let listener = UnixListener::bind(socket)?;
    let served: Arc<Mutex<Option<UnixStream>>> = Arc::default();
    let client = Arc::clone(&served);
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = replies.read(&mut bytes) {
            if let Some(client) = locked(&client).as_mut() {
                // One that is gone needs no reply.
                drop(client.write_all(bytes.get(..read).unwrap_or_default()));
            }
        }
    });
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            *locked(&served) = client.try_clone().ok();
            drop(io::copy(&mut &client, &mut &agent));
            *locked(&served) = None;
        }
    });
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
