//! A real agent on a private socket, for tests: without privileges, and with every command disabled that changes the machine.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use qga_bindings::blocking::Client;

/// What an agent in a test must not do, even where it could.
pub const DISABLED: &[&str] = &[
    "guest-shutdown",
    "guest-suspend-disk",
    "guest-suspend-ram",
    "guest-suspend-hybrid",
    "guest-set-time",
    "guest-set-vcpus",
    "guest-set-memory-blocks",
    "guest-set-user-password",
    "guest-fsfreeze-freeze",
    "guest-fsfreeze-freeze-list",
    "guest-fsfreeze-thaw",
    "guest-fstrim",
    "guest-ssh-add-authorized-keys",
    "guest-ssh-remove-authorized-keys",
];

/// Nobody, in every distribution that has an agent.
const NOBODY: u32 = 65_534;

/// How long an agent may take to start.
const START: Duration = Duration::from_secs(10);

/// A running agent. It ends when this is dropped, also when a test panics.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    dir: PathBuf,
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
    #[expect(clippy::panic, reason = "a test that must have an agent and has none has failed")]
    pub fn start_without(commands: &[&str]) -> Option<Self> {
        let Some(command) = find() else {
            let how = "no qemu-ga found: install qemu-guest-agent, or set QGA_AGENT to its path";
            assert!(!is_set("QGA_REQUIRE_AGENT"), "{how}");
            // Not by a macro, whose output a passing test keeps to itself.
            drop(writeln!(io::stderr(), "SKIPPED: {how}"));
            return None;
        };
        match Self::run(&command, &[DISABLED, commands].concat().join(",")) {
            Ok(agent) => Some(agent),
            Err(error) => panic!("{} does not start: {error}", command.join(" ")),
        }
    }

    fn run(command: &[String], disabled: &str) -> io::Result<Self> {
        let dir = private_dir()?;
        let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args(["-m", "unix-listen", "-p"])
            .arg(dir.join("agent.sock"))
            .arg("-t")
            .arg(&dir)
            .args(["-b", disabled])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.join("log"))?);
        if fs::metadata(&dir)?.uid() == 0 {
            chown(&dir, Some(NOBODY), Some(NOBODY))?;
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut agent = Self { child: command.spawn()?, dir };
        agent.wait_until_listening()?;
        Ok(agent)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.dir.join("agent.sock")
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
                    return Err(io::Error::other(fs::read_to_string(self.dir.join("log"))?));
                }
                Err(error) if start.elapsed() > START => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself; either way there is nothing to be done about an error.
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.dir));
    }
}

/// The command that runs an agent: from `QGA_AGENT`, which may have arguments, or from the usual places.
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
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// A directory of this process's own, with a path short enough for a socket.
fn private_dir() -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("qga-test-{}-{number}", std::process::id()));
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|()| dir),
        }
    }
}
