//! A guest of the lab below a libvirt of the lab's own, for tests.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::process::{Child, Output};

use xtask::lab::libvirt::Session;

use crate::folder::Folder;
use crate::process::{end_group, launch};
use crate::vm::{PATIENCE, Shell};

pub use xtask::lab::libvirt::Libvirt as Fetched;

/// A daemon of libvirt with one guest. Both end when this is dropped, also when a test panics.
#[derive(Debug)]
pub struct Libvirt {
    /// A shell in the guest, beside the agent.
    pub shell: Shell,
    session: Session,
    daemon: Daemon,
    folder: Folder,
}

#[derive(Debug)]
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        end_group(&mut self.0);
    }
}

impl Drop for Libvirt {
    fn drop(&mut self) {
        end_group(&mut self.daemon.0);
        // The guest ends with the daemon, but a little later; until then it may write to the folder.
        self.shell.wait_until_gone();
    }
}

impl Libvirt {
    /// Starts a daemon and its guest. The guest boots meanwhile, and its agent starts.
    ///
    /// # Panics
    /// Either does not start.
    #[expect(clippy::panic, reason = "a test whose guest does not start has failed")]
    pub fn start(libvirt: &Fetched) -> Self {
        match Self::try_start(libvirt) {
            Ok(started) => started,
            Err(error) => {
                panic!("no guest below the libvirt of {}: {error}", libvirt.guest.agent.suite)
            }
        }
    }

    fn try_start(libvirt: &Fetched) -> io::Result<Self> {
        let told = |error| io::Error::other(format!("{error:#}"));
        let folder = Folder::new()?;
        let session = Session::new(libvirt, &folder).map_err(told)?;
        let mut daemon = Daemon(launch(session.daemon().map_err(told)?)?);
        session.start_domain(&mut daemon.0).map_err(told)?;
        let shell = Shell::new(UnixStream::connect(session.machine().shell())?)?;
        Ok(Self { shell, session, daemon, folder })
    }

    /// The address of the guest.
    pub fn address(&self) -> String {
        self.address_of(Session::DOMAIN)
    }

    /// The address of a domain.
    pub fn address_of(&self, domain: &str) -> String {
        format!("libvirt:{}/{domain}", self.session.uri())
    }

    /// Where programs are looked for, if this libvirt's is to be found.
    pub fn path(&self) -> OsString {
        let mut path = self.session.programs().into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        path
    }

    /// Runs libvirt's program.
    ///
    /// # Errors
    /// It does not start.
    pub fn virsh(&self, arguments: &[&str]) -> io::Result<Output> {
        self.session.virsh().args(arguments).output()
    }

    /// Has libvirt know a domain that is not switched on, or one that is; it has neither disks nor channels.
    ///
    /// # Panics
    /// libvirt refuses.
    #[expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
    pub fn add_domain(&self, name: &str, on: bool) {
        let name = name.replace('&', "&amp;").replace('<', "&lt;");
        let description = format!(
            "<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory>\
             <os><type arch='x86_64' machine='pc'>hvm</type></os>\
             <devices><emulator>{}</emulator><memballoon model='none'/></devices></domain>",
            self.session.emulator().display()
        );
        let file = self.folder.join("other.xml");
        fs::write(&file, description).expect("the folder is ours");
        let file = file.to_str().expect("UTF-8");
        let output = self.virsh(&[if on { "create" } else { "define" }, file]).expect("it runs");
        assert!(output.status.success(), "{output:?}");
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
}
