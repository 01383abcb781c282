//! Waits for a guest to boot, and says what its agent can do, or why it does not answer:
//! `cargo run --example ready --features fake -- /path/to/agent.sock [seconds]`
//!
//! Without a socket it waits for a fake guest.

use std::error::Error;
use std::time::Duration;

use qga_bindings::blocking::{Client, Helpers};
use qga_bindings::commands::{GuestExec, GuestPing};
use qga_bindings::fake::Agent;
use qga_bindings::ready::{Ready, Reason};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next();
    let seconds = arguments.next().map_or(Ok(120), |seconds| seconds.parse())?;
    let ready = Ready::within(Duration::from_secs(seconds)).with::<GuestPing>();
    match path {
        Some(path) => wait(Client::unix(path), &ready),
        None => wait(Client::new(Agent::new().connect()), &ready),
    }
}

fn wait(
    mut agent: impl Helpers<Error = qga_bindings::Error>,
    ready: &Ready,
) -> Result<(), Box<dyn Error>> {
    match agent.ready(ready) {
        Ok(()) => {}
        Err(error) if error.reason == Reason::Busy => {
            println!("somebody else is at it: {error}");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    let capabilities = agent.capabilities()?;
    let (enabled, disabled): (Vec<_>, Vec<_>) = capabilities.commands().partition(|(_, on)| *on);
    println!("ready, with {} commands and {} disabled ones", enabled.len(), disabled.len());
    println!("programs: {:?}", capabilities.of::<GuestExec>());
    Ok(())
}
