//! One libvirt session: its folder, the commands that run its daemon and its user's program, and its domain.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::super::machine::Machine;
use super::super::{confine, emulator};
use super::{DAEMON, Libvirt, VIRSH, domain, namespace};

/// How long the daemon may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A session of libvirt, whose daemon runs or does not.
#[derive(Clone, Debug)]
pub struct Session {
    libvirt: Libvirt,
    machine: Machine,
    as_root: bool,
}

impl Session {
    /// The domain that it has.
    pub const DOMAIN: &str = "lab";

    /// Prepares a session in a new folder. The path has to be short enough for sockets.
    ///
    /// Where the folder is root's, it becomes nobody's, and so do the daemon and its domains.
    ///
    /// # Errors
    /// When the folder cannot be written to, or something is not complete.
    pub fn new(libvirt: &Libvirt, folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder)?;
        let machine = Machine { folder, ..Machine::default() };
        let as_root = confine::is_roots(&machine.folder)?;
        let session = Self { libvirt: libvirt.clone(), machine, as_root };
        session.write().with_context(|| format!("preparing {}", session.folder().display()))?;
        Ok(session)
    }

    fn write(&self) -> Result<()> {
        let folder = self.folder();
        fs::create_dir_all(folder.join("bin"))?;
        fs::create_dir_all(folder.join("libvirt"))?;
        // Otherwise it would need another daemon for the console's file.
        fs::write(folder.join("libvirt/qemu.conf"), "stdio_handler = \"file\"\n")?;
        write_program(&self.virsh_path(), &self.libvirt.bundle.command(VIRSH)?)?;
        write_program(&self.emulator(), &emulator::command(&self.libvirt.guest.base)?)?;
        self.machine.make_disk(&self.libvirt.guest)?;
        let domain =
            domain::description(Self::DOMAIN, &self.machine, &self.libvirt.guest, &self.emulator());
        fs::write(self.domain_path(), domain)?;
        if self.as_root {
            for path in [folder, &folder.join("libvirt"), &self.machine.disk()] {
                confine::give_away(path)?;
            }
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        &self.machine.folder
    }

    /// The command that runs its daemon.
    ///
    /// # Errors
    /// When it is not complete.
    pub fn daemon(&self) -> Result<Command> {
        let bundle = &self.libvirt.bundle;
        let words = bundle.command(DAEMON)?;
        let mut command = namespace::command(&words, &bundle.path("usr/share"), self.as_root);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", self.folder());
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, self.folder());
        }
        command.env("XDG_CACHE_HOME", self.folder().join("cache"));
        let mut folders = bundle.library_folders().into_iter();
        if let Some(drivers) = folders.find_map(|folder| {
            Some(folder.join("libvirt/connection-driver")).filter(|folder| folder.is_dir())
        }) {
            command.env("LIBVIRT_DRIVER_DIR", drivers);
        }
        command.current_dir("/").process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(fs::File::create(self.machine.log())?);
        Ok(command)
    }

    /// Waits until the daemon listens, and has it run the domain.
    ///
    /// # Errors
    /// When the daemon ends, or the domain does not start.
    pub fn start_domain(&self, daemon: &mut Child) -> Result<()> {
        let start = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            let log = || fs::read_to_string(self.machine.log()).unwrap_or_default();
            ensure!(daemon.try_wait()?.is_none(), "libvirt's daemon ended: {}", log().trim());
            ensure!(
                start.elapsed() < PATIENCE,
                "libvirt's daemon does not listen: {}",
                log().trim()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = self.virsh().arg("create").arg(self.domain_path()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "virsh create: {}", said.trim());
        Ok(())
    }

    /// The address of the connection, as libvirt's users give it.
    pub fn uri(&self) -> String {
        format!("qemu+unix:///session?socket={}", self.socket().display())
    }

    /// Where the daemon listens.
    pub fn socket(&self) -> PathBuf {
        self.folder().join("libvirt/libvirt-sock")
    }

    /// The folder that the user's program is in.
    pub fn programs(&self) -> PathBuf {
        self.folder().join("bin")
    }

    /// The user's program.
    pub fn virsh(&self) -> Command {
        let mut command = Command::new(self.virsh_path());
        command.args(["--quiet", "--connect", &self.uri()]).stdin(Stdio::null());
        command
    }

    /// The description of its domain.
    pub fn domain_path(&self) -> PathBuf {
        self.folder().join("domain.xml")
    }

    /// The program that a domain names as its emulator.
    pub fn emulator(&self) -> PathBuf {
        self.folder().join("bin/emulator")
    }

    /// The domain's machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    fn virsh_path(&self) -> PathBuf {
        self.folder().join("bin/virsh")
    }
}

/// Writes a program that runs these words, with further arguments.
fn write_program(path: &Path, words: &[String]) -> Result<()> {
    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    let text = format!("#!/bin/sh\nexec {} \"$@\"\n", quoted.collect::<Vec<_>>().join(" "));
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
