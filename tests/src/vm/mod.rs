//! A guest of the lab, booted: its agent, a shell in it, and the machine it runs on.

mod qmp;
mod shell;
mod slot;
mod tap;

use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use qga_bindings::blocking::Client;
use xtask::lab::guest::Guest;
use xtask::lab::machine::Machine;
use xtask::lab::vsock;

use crate::folder::Folder;
use crate::process::{end_group, launch};
pub use qmp::Qmp;
pub use shell::Shell;
pub use slot::Slot;
pub use tap::{Heard, Tap};

/// How long a guest may take for what needs a boot: emulated, on a slow and busy host.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A machine that runs. It ends when this is dropped, also when a test panics.
#[derive(Debug)]
pub struct Vm {
    /// The machine's own protocol.
    pub qmp: Qmp,
    /// A shell in the guest.
    pub shell: Shell,
    machine: Machine,
    power: Power,
}

/// The processes, and the folder of their sockets.
#[derive(Debug)]
struct Power {
    emulator: Child,
    device: Option<Child>,
    folder: Folder,
}

/// How much of what a guest said is told when a test fails, in lines.
const TAIL: usize = 30;

impl Drop for Power {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell();
        }
        end_group(&mut self.emulator);
        if let Some(device) = &mut self.device {
            end_group(device);
        }
    }
}

impl Vm {
    /// Switches a machine on. The guest boots meanwhile, and its agent starts.
    ///
    /// # Panics
    /// The emulator does not start.
    pub fn boot(guest: &Guest) -> Self {
        Self::boot_on(guest, Machine::default())
    }

    /// The same, on a machine of another kind. The folder it keeps its files in is made for it.
    ///
    /// # Panics
    /// As [`boot`](Self::boot).
    #[expect(clippy::panic, reason = "a test whose machine does not start has failed")]
    pub fn boot_on(guest: &Guest, machine: Machine) -> Self {
        match Self::try_boot(guest, machine) {
            Ok(vm) => vm,
            Err(error) => panic!("no machine with agent {}: {error}", guest.agent.release),
        }
    }

    fn try_boot(guest: &Guest, mut machine: Machine) -> io::Result<Self> {
        let folder = Folder::new()?;
        folder.clone_into(&mut machine.folder);
        let told = |error| io::Error::other(format!("{error:#}"));
        let device = machine.device(guest).map_err(told)?.map(launch).transpose()?;
        if device.is_some() {
            until("the device listens", || machine.device_socket().exists());
            vsock::relay(&machine.agent(), &machine.proxy())?;
        }
        let emulator = launch(machine.command(guest).map_err(told)?)?;
        let mut power = Power { emulator, device, folder };
        let qmp = Qmp::new(power.connect(&machine, &machine.qmp())?)?;
        let shell = Shell::new(power.connect(&machine, &machine.shell())?)?;
        Ok(Self { qmp, shell, machine, power })
    }

    /// The agent's socket.
    pub fn socket(&self) -> PathBuf {
        self.machine.agent()
    }

    /// A client that connects when it is first used.
    pub fn client(&self) -> Client<UnixStream> {
        Client::unix(self.socket())
    }

    /// Runs a line in the guest's shell, and returns what it prints.
    ///
    /// # Panics
    /// It fails, or the guest does not answer.
    pub fn run(&mut self, line: &str) -> String {
        let output = self.shell.run(line, PATIENCE);
        assert_eq!(output.code, 0, "`{line}` in the guest: {}", output.text);
        output.text
    }

    /// Kills the agent, and waits until it is gone: what arrives earlier may be lost with it. The guest starts another one.
    ///
    /// # Panics
    /// There is none, or the guest does not answer.
    pub fn kill_agent(&mut self) {
        self.run("agent=$(pidof qemu-ga) && kill -9 $agent; while kill -0 $agent; do usleep 5000; done 2>/dev/null; test $agent");
    }

    /// Waits until the agent listens on its virtual socket.
    ///
    /// # Panics
    /// It does not, or the guest does not answer.
    pub fn wait_until_agent_listens(&mut self) {
        self.run("until ls -l /proc/$(pidof qemu-ga)/fd 2>/dev/null | grep -q socket:; do usleep 50000; done");
    }

    /// A client that connects now, and what it hears.
    ///
    /// # Panics
    /// The machine does not listen.
    #[expect(clippy::expect_used, reason = "a test whose machine does not listen has failed")]
    pub fn overheard_client(&self) -> (Client<Tap>, Heard) {
        let tap = Tap::new(UnixStream::connect(self.socket()).expect("the machine listens"));
        let heard = tap.heard();
        (Client::new(tap), heard)
    }

    /// Starts to write to the file system that can be frozen.
    ///
    /// # Panics
    /// The guest does not answer.
    pub fn start_writing(&mut self) {
        self.run("rm -f /tmp/written; (echo text > /mnt/file; sync; touch /tmp/written) & echo $! > /tmp/writer");
    }

    /// Waits until the writer that was [started](Self::start_writing) last is stopped: it sleeps, and no signal wakes it up.
    ///
    /// # Panics
    /// It goes on, or has written.
    pub fn wait_until_writer_stands_still(&mut self) {
        let stands_still = "grep -q '^State:.*D' /proc/$(cat /tmp/writer)/status";
        until("the writer stands still", || self.shell.run(stands_still, PATIENCE).code == 0);
        assert!(!self.has_written(), "a frozen file system was written to");
    }

    /// Whether what was [started](Self::start_writing) last is written.
    ///
    /// # Panics
    /// The guest does not answer.
    pub fn has_written(&mut self) -> bool {
        self.shell.run("test -e /tmp/written", PATIENCE).code == 0
    }

    /// Whether this is a user's password: whether it becomes what is kept of it, with the salt that is kept along.
    ///
    /// # Panics
    /// The guest does not answer.
    pub fn is_password(&mut self, user: &str, password: &str) -> bool {
        let kept = self.run(&format!("grep ^{user}: /etc/shadow | cut -d: -f2"));
        let salt = kept.strip_prefix("$6$").and_then(|rest| rest.split('$').next());
        let Some(salt) = salt else { return false };
        self.run(&format!("mkpasswd -m sha512 '{password}' '{salt}'")) == kept
    }

    /// Whether the machine is off.
    pub fn is_off(&mut self) -> bool {
        !matches!(self.power.emulator.try_wait(), Ok(None))
    }

    /// Waits until the machine is off.
    ///
    /// # Panics
    /// It stays on.
    pub fn wait_until_off(&mut self) {
        until("the machine is off", || self.is_off());
    }

    /// What the guest's kernel said.
    pub fn console(&self) -> String {
        fs::read_to_string(self.machine.console()).unwrap_or_default()
    }
}

impl Power {
    /// Tells what the guest's kernel and the emulator said last, since that may be why a test failed.
    fn tell(&self) {
        for name in [Machine::CONSOLE, Machine::LOG] {
            let said = fs::read(self.folder.join(name)).unwrap_or_default();
            let said = String::from_utf8_lossy(&said).into_owned();
            let lines: Vec<_> = said.lines().collect();
            let last = lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default();
            eprintln!("{name} ends with:");
            for line in last {
                eprintln!("  {}", line.escape_debug());
            }
        }
    }

    /// The sockets are there soon after the start.
    fn connect(&mut self, machine: &Machine, socket: &Path) -> io::Result<UnixStream> {
        let start = Instant::now();
        loop {
            match UnixStream::connect(socket) {
                Ok(stream) => return Ok(stream),
                Err(_) if self.emulator.try_wait()?.is_some() => {
                    return Err(io::Error::other(fs::read_to_string(machine.log())?));
                }
                Err(error) if start.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

/// Waits until something is so.
///
/// # Panics
/// It never is.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it was not so within {PATIENCE:?} that {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
