//! The asynchronous client, as a program to be measured: prints what it was asked for, in microseconds.

use anyhow::{Result, bail};
use qga_bench::{Times, rounds};
use qga_bindings::CommandsAsync as _;
use qga_bindings::tokio::Client;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [socket, task, count] = arguments.as_slice() else {
        bail!("usage: client-tokio SOCKET ping|info COUNT: the median round trip")
    };
    let mut client = Client::unix(socket);
    let mut times = Times::default();
    for _ in 0..rounds(count)? {
        if task == "ping" {
            times.around(client.guest_ping()).await?;
        } else {
            times.around(client.guest_info()).await?;
        }
    }
    println!("{:.3}", times.median().as_secs_f64() * 1e6);
    Ok(())
}
