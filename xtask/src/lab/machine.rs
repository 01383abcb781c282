//! The machine that a guest runs on: an emulator's command line, and the sockets it makes.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::guest::Guest;
use super::{emulator, process, vsock};

/// How the host reaches the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// A port of a virtio-serial device: what nearly every virtual machine has.
    #[default]
    VirtioSerial,
    /// A serial line, which echoes until the agent has set it up.
    IsaSerial,
    /// A virtual socket, whose device is another process.
    Vsock,
}

/// The guest's memory, in MiB.
pub(super) const MEMORY: &str = "256";

/// The size of the guest's disk, in bytes. It takes only what is written to it.
const DISK: u64 = 64 << 20;

/// A machine, and the folder with its disk and its sockets.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Where it keeps its files. The path is short enough for sockets.
    pub folder: PathBuf,
    /// How the host reaches the agent.
    pub channel: Channel,
    /// How many seconds the guest waits before it starts the agent.
    pub delay: u32,
    /// How many processors it has.
    pub processors: u32,
    /// A folder whose files are on the disk from the start.
    pub files: Option<PathBuf>,
}

/// A machine with two processors and virtio-serial, in the current folder.
impl Default for Machine {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            channel: Channel::default(),
            delay: 0,
            processors: 2,
            files: None,
        }
    }
}

impl Machine {
    /// The file that what the guest's kernel says goes to, in the machine's folder.
    pub const CONSOLE: &str = "console.log";

    /// The file that what the emulator says goes to, in the machine's folder.
    pub const LOG: &str = "emulator.log";

    /// The agent's socket.
    pub fn agent(&self) -> PathBuf {
        self.folder.join("agent.sock")
    }

    /// The socket of a shell in the guest: a line in, its output and a line `--- exit code N` out.
    pub fn shell(&self) -> PathBuf {
        self.folder.join("shell.sock")
    }

    /// The socket of the machine's own protocol, QMP.
    pub fn qmp(&self) -> PathBuf {
        self.folder.join("qmp.sock")
    }

    /// What the emulator says.
    pub fn log(&self) -> PathBuf {
        self.folder.join(Self::LOG)
    }

    /// What the guest's kernel says.
    pub fn console(&self) -> PathBuf {
        self.folder.join(Self::CONSOLE)
    }

    /// The command that runs `guest` on this machine, with a new disk.
    ///
    /// # Errors
    /// When the disk cannot be made, or the emulator is not complete.
    pub fn command(&self, guest: &Guest) -> Result<Command> {
        let disk = self.disk();
        self.make_disk(guest)?;
        let mut command = process::tied(&emulator::command(&guest.base)?);
        // Without hardware support for virtualization it is the same machine everywhere.
        command.args(["-nodefaults", "-no-user-config", "-display", "none"]);
        command.args(["-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max"]);
        command.args(["-smp", &self.processors.to_string(), "-m", MEMORY]);
        command.arg("-kernel").arg(&guest.kernel).arg("-initrd").arg(&guest.initramfs);
        command.args(["-append", &self.kernel_arguments()]);
        command.arg("-chardev").arg(option("file,id=console,path=", &self.console()));
        command.args(["-serial", "chardev:console", "-device", "virtio-serial-pci,id=ports"]);
        self.add_channel(&mut command);
        command.arg("-chardev").arg(socket("shell", &self.shell()));
        command.args(["-device", "virtserialport,bus=ports.0,chardev=shell,name=lab.shell"]);
        command
            .arg("-chardev")
            .arg(socket("qmp", &self.qmp()))
            .args(["-mon", "chardev=qmp,mode=control"]);
        let drive = option("if=none,id=disk,format=raw,cache=unsafe,discard=unmap,file=", &disk);
        command.arg("-drive").arg(drive).args(["-device", "virtio-blk-pci,drive=disk"]);
        command.current_dir("/").process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(fs::File::create(self.log())?);
        Ok(command)
    }

    fn add_channel(&self, command: &mut Command) {
        let chardev = match self.channel {
            Channel::Vsock => option("socket,id=agent,path=", &self.device_socket()),
            Channel::VirtioSerial | Channel::IsaSerial => socket("agent", &self.agent()),
        };
        command.arg("-chardev").arg(chardev).arg("-device").arg(match self.channel {
            Channel::VirtioSerial => {
                "virtserialport,bus=ports.0,id=agent-port,chardev=agent,name=org.qemu.guest_agent.0"
            }
            Channel::IsaSerial => "isa-serial,chardev=agent",
            Channel::Vsock => "vhost-user-vsock-pci,chardev=agent",
        });
        if self.channel == Channel::Vsock {
            // The device reads and writes the guest's memory.
            let memory = format!("memory-backend-memfd,id=memory,size={MEMORY}M,share=on");
            command.args(["-object", &memory, "-machine", "memory-backend=memory"]);
        }
    }

    /// The command of a device that has to listen at its [socket](Self::device_socket) before the machine is switched on, if
    /// the machine has one.
    ///
    /// # Errors
    /// When it has not been fetched.
    pub fn device(&self, guest: &Guest) -> Result<Option<Command>> {
        if self.channel != Channel::Vsock {
            return Ok(None);
        }
        let device = guest.vsock.as_ref();
        let device = device.context("the lab has no device for virtual sockets: `cargo xtask lab vm SUITE --vsock` brings it")?;
        let log = self.folder.join("device.log");
        vsock::command(device, &self.device_socket(), &self.proxy(), &log).map(Some)
    }

    /// Where the machine expects its device.
    pub fn device_socket(&self) -> PathBuf {
        self.folder.join("device.sock")
    }

    /// Where the device is told which port of the guest is meant.
    pub fn proxy(&self) -> PathBuf {
        self.folder.join("proxy.sock")
    }

    /// The file that the disk is in.
    pub(super) fn disk(&self) -> PathBuf {
        self.folder.join("disk")
    }

    /// Makes a new disk.
    pub(super) fn make_disk(&self, guest: &Guest) -> Result<()> {
        let disk = self.disk();
        let file = fs::File::create(&disk).with_context(|| format!("making {}", disk.display()))?;
        file.set_len(DISK)?;
        let program = ["sbin/mke2fs", "usr/sbin/mke2fs"]
            .into_iter()
            .find(|path| guest.base.path(path).is_file());
        let words = guest.base.command(program.context("no mke2fs in the package e2fsprogs")?)?;
        let (program, arguments) = words.split_first().context("no program")?;
        let output = Command::new(program)
            .args(arguments)
            .args(["-q", "-F", "-t", "ext4"])
            .args(self.files.iter().flat_map(|files| ["-d".as_ref(), files.as_os_str()]))
            .arg(&disk)
            .output()
            .context("starting mke2fs")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "mke2fs: {}", said.trim());
        Ok(())
    }

    /// What the kernel is told, and the guest's first process.
    pub(super) fn kernel_arguments(&self) -> String {
        let method = match self.channel {
            Channel::VirtioSerial => String::new(),
            Channel::IsaSerial => "lab.method=isa-serial lab.path=/dev/ttyS1".to_owned(),
            // From the host and from the guest itself.
            Channel::Vsock => {
                format!("lab.method=vsock-listen lab.path={}:{}", u32::MAX, vsock::PORT)
            }
        };
        format!(
            "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check lab.delay={} {method}",
            self.delay
        )
    }
}

fn option(start: &str, path: &Path) -> OsString {
    let mut option = OsString::from(start);
    option.push(path);
    option
}

/// A socket that the machine listens on, without waiting for anybody to connect.
fn socket(id: &str, path: &Path) -> OsString {
    option(&format!("socket,id={id},server=on,wait=off,path="), path)
}
