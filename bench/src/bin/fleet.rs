//! Clients of many guests in one program. Prints the seconds until all of them have answered once, the bytes of memory that one
//! client keeps while it waits, and the seconds that one more call of each takes: the mean of as many as make `CALLS` together.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use qga_bindings::CommandsAsync as _;
use qga_bindings::tokio::Client;
use tokio::net::UnixStream;
use tokio::sync::Mutex;

/// How many calls are timed, at least: so that few guests are looked at for as long as many.
const CALLS: usize = 20_000;

/// How many calls are under way at once.
const AT_ONCE: usize = 64;

type Clients = Vec<Arc<Mutex<Client<UnixStream>>>>;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [socket, count] = arguments.as_slice() else { bail!("usage: fleet SOCKET COUNT") };
    let count: usize = count.parse()?;
    // One for the runtime and everything else that there is once.
    Client::unix(socket).guest_ping().await?;
    let before = resident()?;
    let begun = Instant::now();
    let clients: Clients = (0..count).map(|_| Arc::new(Mutex::new(Client::unix(socket)))).collect();
    call_all(&clients).await?;
    let start = begun.elapsed();
    let each = resident()?.saturating_sub(before) * 1024 / count;
    let times = CALLS.div_ceil(count.max(1));
    let begun = Instant::now();
    for _ in 0..times {
        call_all(&clients).await?;
    }
    let once = begun.elapsed().as_secs_f64() / f64::from(u32::try_from(times)?);
    println!("{} {each} {once}", start.as_secs_f64());
    Ok(())
}

/// Calls each guest once.
async fn call_all(clients: &Clients) -> Result<()> {
    let mut tasks = Vec::new();
    for first in 0..AT_ONCE {
        let mine: Clients = clients.iter().skip(first).step_by(AT_ONCE).cloned().collect();
        tasks.push(tokio::spawn(async move {
            for client in mine {
                client.lock().await.guest_ping().await?;
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// How much memory is resident, in KiB.
fn resident() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let words = line.context("the kernel does not tell the memory")?.split_whitespace().next();
    Ok(words.context("the kernel does not tell the memory")?.parse()?)
}
