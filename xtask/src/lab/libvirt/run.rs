//! `cargo xtask lab libvirt`: one guest below a libvirt of its own, until interrupted.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::super::running::Running;
use super::super::{Lab, agents};
use super::{Session, fetch, namespace};

/// How long a guest may take to start: emulated, on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(120);

/// The longest path of a socket that the daemon makes in its folder.
pub(crate) const LONGEST: &str = "libvirt/qemu/lib/domain-1-lab/monitor.sock";

/// Starts a daemon and its guest, says when the guest's agent answers and how, and waits until the daemon ends.
///
/// # Errors
/// When something is not to be had, cannot be done here, or does not start.
pub(in super::super) fn run(lab: &Lab, suite: &str) -> Result<()> {
    agents::known(suite)?;
    // Before anything is fetched.
    namespace::usable()?;
    let libvirt = fetch(lab, suite)?;
    let folder = Running::new(lab, &format!("libvirt-{suite}"), LONGEST)?;
    let session = Session::new(&libvirt, &folder)?;
    let start = Instant::now();
    let mut daemon = session.daemon()?.spawn().context("starting libvirt's daemon")?;
    session.start_domain(&mut daemon)?;
    wait_for_agent(&session)?;
    println!(
        "\nagent {} answers through libvirt {} after {:.1} s; until interrupted:",
        libvirt.guest.agent.release,
        version(session.virsh())?,
        start.elapsed().as_secs_f64()
    );
    println!("  export PATH={}:$PATH", session.programs().display());
    println!("  qga -c 'libvirt:{}/{}' info", session.uri(), Session::DOMAIN);
    println!("  virsh -c '{}' list", session.uri());
    println!("  a shell  unix:{} (lines in, output out)", session.machine().shell().display());
    println!("  console  {}", session.machine().console().display());
    let status = daemon.wait()?;
    println!("libvirt's daemon ended: {status}");
    Ok(())
}

fn version(mut virsh: Command) -> Result<String> {
    let output = virsh.arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits until the guest's agent answers.
pub(crate) fn wait_for_agent(session: &Session) -> Result<()> {
    let start = Instant::now();
    let ping = r#"{"execute":"guest-ping"}"#;
    let ask = || {
        let mut virsh = session.virsh();
        virsh.args(["qemu-agent-command", Session::DOMAIN, ping]).output()
    };
    loop {
        let output = ask()?;
        if output.status.success() {
            return Ok(());
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "no agent within {PATIENCE:?} ({}): see {}",
            String::from_utf8_lossy(&output.stderr).trim(),
            session.machine().console().display()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}
