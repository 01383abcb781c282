//! `cargo xtask lab status`: what the lab has, and what it lacks.

use std::fs;
use std::io::ErrorKind;

use super::{Lab, agents, guest, libvirt, rust, vsock};

/// Prints what was fetched.
pub(super) fn print(lab: &Lab) {
    println!("the lab is {}", lab.folder.display());
    if let Err(error) = fs::read_dir(&lab.folder)
        && error.kind() != ErrorKind::NotFound
    {
        println!("  it cannot be read ({error}): QGA_LAB names another");
    }
    let fetched = agents::fetched(lab);
    let guests = guest::fetched(lab);
    for suite in agents::SUITES {
        match fetched.iter().find(|agent| agent.suite == *suite) {
            Some(agent) if guests.iter().any(|guest| guest.agent.suite == *suite) => {
                println!("  {suite:18} agent {}, and a guest with it", agent.release);
            }
            Some(agent) => println!(
                "  {suite:18} agent {}; `cargo xtask lab vm {suite}` boots a guest with it",
                agent.release
            ),
            None => println!("  {suite:18} no agent: `cargo xtask lab agents --fetch` brings it"),
        }
    }
    let libvirts = libvirt::fetched(lab);
    let libvirts: Vec<_> =
        libvirts.iter().map(|libvirt| libvirt.guest.agent.suite.as_str()).collect();
    match &libvirts[..] {
        [] => println!("  no libvirt: `cargo xtask lab libvirt SUITE` brings it"),
        suites => println!("  libvirt of {}", suites.join(", ")),
    }
    match vsock::fetched(lab) {
        Some(_) => println!("  virtual sockets"),
        None => println!("  no virtual sockets: `cargo xtask lab vm SUITE --vsock` brings them"),
    }
    match rust::fetched(lab) {
        Some(_) => println!("  the oldest compiler of the bindings"),
        None => {
            println!("  not the oldest compiler of the bindings: `cargo xtask lab rust` brings it");
        }
    }
}
