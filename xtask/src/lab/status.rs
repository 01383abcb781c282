//! `cargo xtask lab status`: what the lab has, and what it lacks.

use super::{Lab, agents, guest};

/// Prints what was fetched.
pub(super) fn print(lab: &Lab) {
    println!("the lab is {}", lab.folder.display());
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
}
