//! A real agent to measure clients with: this machine's, or one of the lab's; without privileges.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::install;
use crate::lab::{Lab, agents, confine};

/// How long an agent may take to start.
const START: Duration = Duration::from_secs(10);

/// A running agent. It ends when this is dropped.
pub(super) struct Agent {
    child: Child,
    folder: PathBuf,
}

impl Agent {
    /// Starts one.
    pub(super) fn start(root: &Path) -> Result<Self> {
        // In memory if possible: what is measured are not disks. And a socket's path has to be short.
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = place.join(format!("qga-bench-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        let child =
            confine::command(&words(root)?, &folder, &[])?.spawn().context("starting an agent")?;
        let mut agent = Self { child, folder };
        agent.wait_until_listening()?;
        Ok(agent)
    }

    /// Where it listens.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join(confine::SOCKET)
    }

    /// A file in a folder that it can write to, which anybody may read and write.
    pub(super) fn file(&self, name: &str, bytes: u64) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let mut random = fs::File::open("/dev/urandom").context("opening a source of bytes")?;
        let mut file =
            fs::File::create(&path).with_context(|| format!("making {}", path.display()))?;
        std::io::copy(&mut std::io::Read::take(&mut random, bytes), &mut file)?;
        file.set_permissions(fs::Permissions::from_mode(0o666))?;
        Ok(path)
    }

    /// The socket is there before anybody listens, so it has to be tried.
    fn wait_until_listening(&mut self) -> Result<()> {
        let start = Instant::now();
        loop {
            match UnixStream::connect(self.socket()) {
                Ok(_) => return Ok(()),
                Err(_) if self.child.try_wait()?.is_some() => {
                    bail!("{}", fs::read_to_string(self.folder.join(confine::LOG))?.trim());
                }
                Err(error) => {
                    ensure!(start.elapsed() < START, "the agent does not listen: {error}");
                }
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // There is nothing to be done about an error.
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// The words that run an agent.
fn words(root: &Path) -> Result<Vec<String>> {
    if let Some(path) = install::agent()? {
        return Ok(vec![path.to_string_lossy().into_owned()]);
    }
    let lab = Lab::of(root);
    let newest = agents::fetched(&lab).pop();
    newest
        .context("no agent: install qemu-guest-agent, or run `cargo xtask lab agents --fetch`")?
        .command()
}

/// What the agent says its version is.
pub(super) fn version() -> Option<String> {
    let output = Command::new(install::find_agent()?).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
