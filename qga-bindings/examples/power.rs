//! Restarts a guest and waits until it is up again:
//! `cargo run --example power --features fake,tokio -- /path/to/agent.sock`
//!
//! Without a socket it restarts a fake guest.

use std::error::Error;
use std::time::Duration;

use qga_bindings::fake::Agent;
use qga_bindings::power::{Outcome, Power, PowerError};
use qga_bindings::tokio::{Client, Helpers};

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        if let Some(path) = std::env::args().nth(1) {
            return restart(Client::unix(path)).await;
        }
        let agent = Agent::new();
        agent.add_files().insert("/dev/null", []);
        agent.add_power(Duration::from_millis(500));
        restart(Client::new(agent.connect())).await
    })
}

async fn restart(mut agent: impl Helpers) -> Result<(), Box<dyn Error>> {
    match agent.power(&Power::reboot().within(Duration::from_secs(120))).await {
        Ok(Outcome::Back { after }) => println!("up again after {after:?}"),
        Ok(outcome) => println!("{outcome:?}"),
        Err(error @ PowerError::Unconfirmed { .. }) => println!("{error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
