//! Talks to an agent at the address that is its argument, through both clients: it is run inside a guest, where there are
//! virtual sockets to be had.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use qga_bindings::blocking::{self, Helpers as _};
use qga_bindings::tokio::{self, Helpers as _};
use qga_bindings::{Address, Commands as _, CommandsAsync as _};

/// Where it leaves a file in the guest.
const PATH: &str = "/tmp/over-vsock";

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).map(|text| text.parse::<Address>()) {
        Some(Ok(address)) => run(&address),
        Some(Err(error)) => Err(error.into()),
        None => Err("usage: vsock ADDRESS".into()),
    };
    match outcome {
        Ok(()) => {
            println!("both clients are served");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(address: &Address) -> Result<(), Box<dyn Error>> {
    // No period that is a divisor of a chunk, so that chunks in a wrong order would show.
    let bytes: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    let mut client = blocking::Client::open(address.clone());
    client.guest_ping()?;
    client.files().write(PATH, &bytes)?;
    if client.files().read(PATH, 2 << 20)? != bytes {
        return Err("what was read is not what was written".into());
    }
    // An agent serves one client at a time.
    client.release(Duration::from_secs(1));
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = tokio::Client::open(address.clone());
        client.guest_ping().await?;
        if client.files().read(PATH, 2 << 20).await? != bytes {
            return Err("what was read is not what was written".into());
        }
        Ok(())
    })
}
