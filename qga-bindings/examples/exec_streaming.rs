//! Shows what a program writes while it runs: `cargo run --features fake --example exec_streaming -- [/path/to/agent.sock]
//! [program] [argument...]`.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::time::Duration;

use qga_bindings::blocking::Helpers;
use qga_bindings::exec::{Chunk, Exec};

mod guest;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = if arguments.is_empty() { None } else { Some(arguments.remove(0)) };
    let mut client = guest::connect(address.as_deref());
    if arguments.is_empty() {
        arguments = ["echo", "one", "after", "the", "other"].map(str::to_owned).to_vec();
    }
    let program = Exec::new(arguments.remove(0)).args(arguments).within(Duration::from_secs(600));

    let exit = client.exec_streaming(&program, |chunk| match chunk {
        Chunk::Stderr(bytes) => stderr().write_all(bytes),
        Chunk::Stdout(bytes) => stdout().write_all(bytes).and_then(|()| stdout().flush()),
        _ => Ok(()),
    })?;
    println!("{exit}");
    Ok(())
}
