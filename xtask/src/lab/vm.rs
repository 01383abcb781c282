//! `cargo xtask lab vm`: one guest, until interrupted.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::Lab;
use super::machine::{Channel, Machine};
use super::running::Running;
use super::{guest, vsock};

/// How long a guest may take to start: emulated, on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long an answer is waited for before a ping is sent again. Few enough of them lie in the channel of a guest that boots.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// Starts a guest, says when its agent answers, and waits until it ends.
///
/// # Errors
/// When something is not to be had, or the guest does not start.
pub(super) fn run(lab: &Lab, suite: &str, channel: Channel) -> Result<()> {
    super::agents::known(suite)?;
    if channel == Channel::Vsock {
        vsock::fetch(lab)?;
    }
    let guest = guest::fetch(lab, suite)?;
    let folder = Running::new(lab, &format!("vm-{suite}"), "agent.sock")?;
    let machine = Machine { folder: folder.to_owned(), channel, ..Machine::default() };
    let start = Instant::now();
    if let Some(mut device) = machine.device(&guest)? {
        // It ends with the machine.
        device.spawn().context("starting the device")?;
        wait_for_device(&machine)?;
    }
    let mut child = machine.command(&guest)?.spawn().context("starting the emulator")?;
    wait_for_agent(&machine, &mut child)?;
    println!(
        "\nagent {} answers after {:.1} s; until interrupted:",
        guest.agent.release,
        start.elapsed().as_secs_f64()
    );
    println!("  agent    unix:{}", machine.agent().display());
    println!("  qga -c 'unix:{}' info", machine.agent().display());
    println!("  QMP      unix:{}", machine.qmp().display());
    println!("  a shell  unix:{} (lines in, output out)", machine.shell().display());
    println!("  console  {}", machine.console().display());
    let status = child.wait()?;
    println!("the machine ended: {status}");
    Ok(())
}

fn wait_for_device(machine: &Machine) -> Result<()> {
    let start = Instant::now();
    while !machine.device_socket().exists() {
        ensure!(start.elapsed() < PATIENCE, "the device does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    vsock::relay(&machine.agent(), &machine.proxy()).context("listening for the agent's clients")
}

/// Waits until a ping is answered.
pub(crate) fn wait_for_agent(machine: &Machine, child: &mut Child) -> Result<()> {
    let start = Instant::now();
    while !is_answered(machine)? {
        if let Some(status) = child.try_wait()? {
            let log = fs::read_to_string(machine.log())?;
            anyhow::bail!("the machine ended ({status}): {}", log.trim());
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "no agent within {PATIENCE:?}: see {}",
            machine.console().display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Whether a ping is answered, on a connection that stays open meanwhile where it can: what was sent on it waits for the agent.
/// It is sent again while nothing comes, since an agent throws away what it finds on a serial line.
fn is_answered(machine: &Machine) -> Result<bool> {
    let Ok(stream) = UnixStream::connect(machine.agent()) else { return Ok(false) };
    stream.set_read_timeout(Some(ASK_AGAIN))?;
    let mut answers = BufReader::new(&stream);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        // A device whose guest is not ready hangs up.
        if (&stream).write_all(b"{\"execute\":\"guest-ping\"}").is_err() {
            return Ok(false);
        }
        // A serial line returns what was sent, until the agent is there.
        loop {
            let mut line = Vec::new();
            match answers.read_until(b'\n', &mut line) {
                Ok(0) => return Ok(false),
                Ok(_) if String::from_utf8_lossy(&line).contains("\"return\"") => return Ok(true),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Ok(false),
            }
        }
    }
    Ok(false)
}
