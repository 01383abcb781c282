//! Runs a program in the guest and ends as it did: `cargo run --features fake --example exec -- [/path/to/agent.sock]
//! [program] [argument...]`.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::time::Duration;

use qga_bindings::blocking::Helpers;
use qga_bindings::exec::{Exec, ExecError, Truncation};

mod guest;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut client = guest::connect(arguments.next().as_deref());
    let program = arguments.next().unwrap_or_else(|| "cat".to_owned());
    let program =
        Exec::new(program).args(arguments).stdin("from the host\n").within(Duration::from_secs(60));

    let output = match client.exec(&program) {
        Err(ExecError::Deadline { killed, .. }) => {
            println!("it took longer than a minute; killed: {killed}");
            return Ok(ExitCode::FAILURE);
        }
        result => result?,
    };
    stdout().write_all(&output.stdout)?;
    stderr().write_all(&output.stderr)?;
    if output.stdout_truncated != Truncation::No {
        println!("(and more, which the agent did not keep)");
    }
    println!("{}", output.exit);
    Ok(output.exit.shell_code().map_or(ExitCode::FAILURE, ExitCode::from))
}
