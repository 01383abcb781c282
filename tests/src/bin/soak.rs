//! Uses clients for a long time: `cargo run --release --package qga-tests --bin soak [-- --short]`. It says what it did, and
//! fails if memory or descriptors grow, if a call hangs, is late, or is answered with another's answer, or if few are answered.

use std::process::ExitCode;

use qga_tests::agent::Agent;
use qga_tests::soak::{self, Size};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Size::FULL,
        ["--short"] => Size::SHORT,
        _ => {
            eprintln!("usage: soak [--short]");
            return ExitCode::from(2);
        }
    };
    let outcome = soak::fleet(&size).and_then(|()| {
        // Without a real agent that much is left out, which is told loudly.
        let Some(agent) = Agent::start() else { return Ok(()) };
        soak::calls(&agent.socket(), size.calls)?;
        soak::cycles(&agent.socket(), size.cycles)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
