//! Virtual sockets between the host and a guest, without the host's kernel: the device is a process of its own.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::apt::Apt;
use super::bundle::Bundle;
use super::{Lab, process};

/// The suite whose device is taken: the first that had one.
const SUITE: &str = "sid";

/// The device's package.
const PACKAGE: &str = "vhost-device-vsock";

/// Where the package has it.
const PROGRAM: &str = "usr/bin/vhost-device-vsock";

/// The port that the guest's agent listens on.
pub const PORT: u32 = 1234;

/// The device, if it is there.
pub fn fetched(lab: &Lab) -> Option<Bundle> {
    let bundle = Bundle::at(std::path::absolute(lab.join("vsock")).ok()?);
    bundle.command(PROGRAM).is_ok().then_some(bundle)
}

/// Fetches the device, if it is not there yet.
///
/// # Errors
/// When it is not to be had.
pub fn fetch(lab: &Lab) -> Result<()> {
    if fetched(lab).is_none() {
        let _alone = lab.lock("the device for virtual sockets")?;
        Apt::of(lab, SUITE)?.unpack(&[PACKAGE], &std::path::absolute(lab.join("vsock"))?)?;
    }
    Ok(())
}

/// The command that runs the device: the emulator connects to the socket `device`, programs of the host to `proxy`.
pub(super) fn command(bundle: &Bundle, device: &Path, proxy: &Path, log: &Path) -> Result<Command> {
    let mut command = process::tied(&bundle.command(PROGRAM)?);
    command.args(["--guest-cid", "4", "--socket"]).arg(device).arg("--uds-path").arg(proxy);
    command.current_dir("/").process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(fs::File::create(log)?);
    Ok(command)
}

/// How long nobody is led to the guest after the device has hung up on somebody: it gets stuck for good if hundreds come in vain
/// while the guest boots.
const PAUSE: Duration = Duration::from_millis(200);

/// How long the guest may take to accept a connection.
const ACCEPT: Duration = Duration::from_secs(5);

/// Listens on `socket` and leads whoever connects to the agent, as long as this program runs. The device itself wants to be
/// told the port first, which nobody does who expects an agent.
///
/// # Errors
/// The operating system's.
pub fn relay(socket: &Path, proxy: &Path) -> io::Result<()> {
    let listener = UnixListener::bind(socket)?;
    let proxy = proxy.to_owned();
    thread::spawn(move || {
        let turn = Arc::new(Mutex::new(()));
        for client in listener.incoming().map_while(Result::ok) {
            let (proxy, turn) = (proxy.clone(), Arc::clone(&turn));
            // A client that is not let through sees the end of its connection.
            thread::spawn(move || drop(lead(&client, &proxy, &turn)));
        }
    });
    Ok(())
}

fn lead(client: &UnixStream, proxy: &Path, turn: &Mutex<()>) -> io::Result<()> {
    let alone = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let (guest, mut from_guest) = connect(proxy).inspect_err(|_| thread::sleep(PAUSE))?;
    drop(alone);
    thread::scope(|scope| {
        scope.spawn(|| {
            drop(io::copy(&mut &*client, &mut &guest));
            drop(guest.shutdown(Shutdown::Both));
        });
        let copied = io::copy(&mut from_guest, &mut &*client);
        drop(client.shutdown(Shutdown::Both));
        copied.map(drop)
    })
}

/// A connection to the agent, and a reader of what it says.
fn connect(proxy: &Path) -> io::Result<(UnixStream, BufReader<UnixStream>)> {
    let guest = UnixStream::connect(proxy)?;
    writeln!(&guest, "CONNECT {PORT}")?;
    guest.set_read_timeout(Some(ACCEPT))?;
    let mut from_guest = BufReader::new(guest.try_clone()?);
    let mut said = String::new();
    from_guest.read_line(&mut said)?;
    if !said.starts_with("OK ") {
        return Err(io::Error::other(said));
    }
    guest.set_read_timeout(None)?;
    Ok((guest, from_guest))
}
