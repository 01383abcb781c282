//! `cargo xtask lab status`: what the lab has, and what it lacks.

use super::{Lab, agents};

/// Prints what was fetched.
pub(super) fn print(lab: &Lab) {
    println!("the lab is {}", lab.folder.display());
    let fetched = agents::fetched(lab);
    for suite in agents::SUITES {
        match fetched.iter().find(|agent| agent.suite == *suite) {
            Some(agent) => println!("  {suite:18} agent {}", agent.release),
            None => println!("  {suite:18} no agent: `cargo xtask lab agents --fetch` brings it"),
        }
    }
}
