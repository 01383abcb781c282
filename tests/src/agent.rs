//! A real agent on a private socket, for tests: without privileges, and with every command disabled that changes the machine.

use std::fs;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use qga_bindings::blocking::Client;
use xtask::lab::agents::fetched;
use xtask::lab::confine;

use crate::folder::Folder;
use crate::lab::lab;
use crate::process::{end_group, launch};

/// How long an agent may take to start, on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running agent. It ends when this is dropped, also when a test panics.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    dir: Folder,
}

impl Agent {
    /// Starts an agent, or says loudly why there is none: then the test has nothing to run against.
    ///
    /// # Panics
    /// There is no agent, and `QGA_REQUIRE_AGENT` says that there must be one; or it does not start.
    pub fn start() -> Option<Self> {
        Self::start_without(&[])
    }

    /// The same, with more commands disabled.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub fn start_without(commands: &[&str]) -> Option<Self> {
        let Some(command) = find() else {
            let how = "no qemu-ga found: `cargo xtask lab agents --fetch` brings one, or install qemu-guest-agent, or set \
                       QGA_AGENT to its path";
            skip("QGA_REQUIRE_AGENT", how);
            return None;
        };
        Some(Self::run(&command, commands))
    }

    /// Starts the agent that these words run, with more commands disabled.
    ///
    /// # Panics
    /// It does not start.
    #[expect(clippy::panic, reason = "a test whose agent does not start has failed")]
    pub fn run(command: &[String], disabled: &[&str]) -> Self {
        match Self::try_run(command, disabled) {
            Ok(agent) => agent,
            Err(error) => panic!("{} does not start: {error}", command.join(" ")),
        }
    }

    fn try_run(command: &[String], disabled: &[&str]) -> io::Result<Self> {
        let dir = Folder::new()?;
        let child = launch(confine::command(command, &dir, disabled)?)?;
        let mut agent = Self { child, dir };
        agent.wait_until_listening()?;
        Ok(agent)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.dir.join(confine::SOCKET)
    }

    /// A directory that it can write to.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A client that connects when it is first used.
    pub fn client(&self) -> Client<UnixStream> {
        Client::unix(self.socket())
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// The operating system does not say.
    pub fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// The socket is there before anybody listens, so it has to be tried.
    fn wait_until_listening(&mut self) -> io::Result<()> {
        let start = Instant::now();
        loop {
            match UnixStream::connect(self.socket()) {
                Ok(_) => return Ok(()),
                Err(_) if self.has_ended()? => {
                    return Err(io::Error::other(fs::read_to_string(self.dir.join(confine::LOG))?));
                }
                Err(error) if start.elapsed() > START => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        end_group(&mut self.child);
    }
}

/// The command that runs an agent: from `QGA_AGENT`, which may have arguments, from the usual places, or the lab's newest.
fn find() -> Option<Vec<String>> {
    if let Some(command) = std::env::var_os("QGA_AGENT") {
        let words: Vec<String> = command.to_str()?.split_whitespace().map(str::to_owned).collect();
        return (!words.is_empty()).then_some(words);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual =
        ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(usual)
        .map(|dir| dir.join("qemu-ga"))
        .find(|file| file.is_file())
        .and_then(|file| file.to_str().map(|file| vec![file.to_owned()]))
        .or_else(|| fetched(&lab()).pop()?.command().ok())
}

/// Says loudly why a test has nothing to run against.
///
/// # Panics
/// The environment variable says that it must have.
pub fn skip(unless: &str, why: &str) {
    let required = std::env::var_os(unless).is_some_and(|value| !value.is_empty() && value != "0");
    assert!(!required, "{why}");
    // Not by a macro, whose output a passing test keeps to itself.
    drop(writeln!(io::stderr(), "SKIPPED: {why}"));
}
