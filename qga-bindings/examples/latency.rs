//! How long an agent takes to answer: `cargo run --example latency --features fake -- /path/to/agent.sock [count]`
//!
//! Without a socket it asks a fake agent.

use std::error::Error;
use std::time::{Duration, Instant};

use qga_bindings::Commands;
use qga_bindings::blocking::{Client, Stream};
use qga_bindings::fake::Agent;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next();
    let count: u32 = arguments.next().map_or(Ok(1000), |count| count.parse())?;
    match path {
        Some(path) => measure(Client::unix(path), count),
        None => measure(Client::new(Agent::new().connect()), count),
    }
}

fn measure<S: Stream>(mut client: Client<S>, count: u32) -> Result<(), Box<dyn Error>> {
    client.guest_ping()?;

    let mut times = Vec::new();
    for _ in 0..count {
        let start = Instant::now();
        client.guest_ping()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |percent: usize| {
        times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
    };
    println!("{count} pings: median {:?}, 99 % within {:?}", at(50), at(99));
    client.close(Duration::from_secs(1));
    Ok(())
}
