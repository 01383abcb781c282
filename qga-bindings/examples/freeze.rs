//! Copies a guest's disk while its file systems are held still:
//! `cargo run --example freeze --features fake -- /path/to/agent.sock [mount point]...`
//!
//! Without a socket it tries that with a fake agent.

use std::error::Error;
use std::time::Duration;

use qga_bindings::blocking::{Client, Helpers};
use qga_bindings::fake::Agent;
use qga_bindings::freeze::{Freeze, FreezeError};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if let Some(path) = arguments.next() {
        return backup(Client::unix(path), arguments.collect());
    }
    let agent = Agent::new();
    agent.add_file_systems(["/", "/srv"]);
    backup(Client::new(agent.connect()), vec!["/srv".to_owned()])
}

fn backup<E: Helpers + Send + 'static>(
    agent: E,
    mountpoints: Vec<String>,
) -> Result<(), Box<dyn Error>> {
    let freeze =
        if mountpoints.is_empty() { Freeze::all() } else { Freeze::mountpoints(mountpoints) };
    // From here on the guest is thawed whatever happens: when this returns early, when it panics, and after 20 seconds.
    let frozen = agent.freeze(&freeze.at_most(Duration::from_secs(20)))?;
    println!("{} file systems are frozen", frozen.file_systems());
    copy_the_disk();
    let (_agent, thawed) = frozen.thaw();
    match thawed {
        Ok(thawed) => println!("thawed after {:?}: the copy is good", thawed.held),
        Err(FreezeError::NotHeld(_)) => println!("the copy took too long: try again"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Stands for whatever takes the copy, such as a snapshot of the storage.
fn copy_the_disk() {
    std::thread::sleep(Duration::from_millis(10));
}
