//! Shows what an agent tells of its guest: `cargo run --example overview --features fake -- /path/to/agent.sock`
//!
//! Without a socket it asks a fake agent.

use std::error::Error;

use qga_bindings::Release;
use qga_bindings::blocking::{Client, Helpers};
use qga_bindings::fake::Agent;

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        Some(path) => show(Client::unix(path)),
        None => show(Client::new(Agent::of_release(Release::new(11, 1)).connect())),
    }
}

fn show(mut agent: impl Helpers) -> Result<(), Box<dyn Error>> {
    let overview = agent.overview()?;
    println!("agent     {}", overview.agent_version);
    println!("name      {}", overview.host_name.as_deref().unwrap_or("-"));
    let system = overview.os.and_then(|os| os.pretty_name);
    println!("system    {}", system.as_deref().unwrap_or("-"));
    if let Some(clock) = overview.clock {
        println!("clock     {} (+-{:?})", clock.offset(), clock.uncertainty);
    }
    if let Some(load) = overview.load {
        println!("load      {} {} {}", load.load1m, load.load5m, load.load15m);
    }
    for interface in overview.interfaces.into_iter().flatten() {
        let addresses: Vec<_> = interface.addresses.iter().map(ToString::to_string).collect();
        println!("network   {} {}", interface.name, addresses.join(" "));
    }
    for file_system in overview.file_systems.into_iter().flatten() {
        let free = file_system.space.map_or(0, |space| space.free() >> 20);
        println!("mounted   {} {} {free} MiB free", file_system.mountpoint, file_system.kind);
    }
    for error in overview.failures {
        println!("not told  {error}");
    }
    Ok(())
}
