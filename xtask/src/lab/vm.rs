//! `cargo xtask lab vm`: one guest, until interrupted.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::Lab;
use super::guest;
use super::machine::{Channel, Machine};
use super::running::Running;

/// How long a guest may take to start: emulated, on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts a guest, says when its agent answers, and waits until it ends.
///
/// # Errors
/// When something is not to be had, or the guest does not start.
pub(super) fn run(lab: &Lab, suite: &str, channel: Channel) -> Result<()> {
    let guest = guest::fetch(lab, suite)?;
    let folder = Running::new(lab, &format!("vm-{suite}"), "agent.sock")?;
    let machine = Machine { folder: folder.to_owned(), channel, ..Machine::default() };
    let start = Instant::now();
    let mut child = machine.command(&guest)?.spawn().context("starting the emulator")?;
    wait_for_agent(&machine, &mut child)?;
    println!(
        "\nagent {} answers after {:.1} s; until interrupted:",
        guest.agent.release,
        start.elapsed().as_secs_f64()
    );
    println!("  agent    unix:{}", machine.agent().display());
    println!("  QMP      unix:{}", machine.qmp().display());
    println!("  a shell  unix:{} (lines in, output out)", machine.shell().display());
    println!("  console  {}", machine.console().display());
    let status = child.wait()?;
    println!("the machine ended: {status}");
    Ok(())
}

/// Waits until a ping is answered. The connection stays open meanwhile: what was sent on it waits for the agent.
fn wait_for_agent(machine: &Machine, child: &mut Child) -> Result<()> {
    let start = Instant::now();
    let stream = loop {
        match UnixStream::connect(machine.agent()) {
            Ok(stream) => break stream,
            Err(_) if child.try_wait()?.is_some() => {
                let log = fs::read_to_string(machine.log())?;
                anyhow::bail!("the emulator ended: {}", log.trim());
            }
            Err(error) => {
                ensure!(start.elapsed() < PATIENCE, "the emulator does not listen: {error}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    (&stream).write_all(b"{\"execute\":\"guest-ping\"}")?;
    // A serial line returns what was sent, until the agent is there.
    for line in BufReader::new(&stream).lines() {
        let line = line.with_context(|| {
            format!("no agent within {PATIENCE:?}: see {}", machine.console().display())
        })?;
        if line.contains("\"return\"") {
            return Ok(());
        }
    }
    anyhow::bail!("the machine ended: see {}", machine.console().display())
}
