//! A real agent, called very often.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use qga_bindings::{Commands as _, CommandsAsync as _, blocking, tokio};

use super::meter::Meter;
use crate::both::block_on;

/// How long a client that is closed waits for what is still due.
const PATIENCE: Duration = Duration::from_secs(1);

/// Calls on one connection, in both faces.
///
/// # Errors
/// A call fails, or this process holds more in the end.
pub fn calls(socket: &Path, count: usize) -> io::Result<()> {
    let mut client = blocking::Client::unix(socket);
    repeat("calls, blocking", count, || client.guest_ping().map(drop).map_err(io::Error::other))?;
    client.close(PATIENCE);
    let mut client = tokio::Client::unix(socket);
    repeat("calls, tokio", count, || {
        block_on(client.guest_ping()).map(drop).map_err(io::Error::other)
    })?;
    block_on(client.close(PATIENCE));
    Ok(())
}

/// Connections that are made, used once and closed, in both faces.
///
/// # Errors
/// As of [`calls`].
pub fn cycles(socket: &Path, count: usize) -> io::Result<()> {
    repeat("connections, blocking", count, || {
        let mut client = blocking::Client::unix(socket);
        client.guest_ping().map_err(io::Error::other)?;
        client.close(PATIENCE);
        Ok(())
    })?;
    repeat("connections, tokio", count, || {
        block_on(async {
            let mut client = tokio::Client::unix(socket);
            client.guest_ping().await.map_err(io::Error::other)?;
            client.close(PATIENCE).await;
            Ok(())
        })
    })
}

/// Does something so often, and sees that this process holds no more at the end than after the first tenth.
fn repeat(what: &str, count: usize, mut once: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let begun = Instant::now();
    for _ in 0..count / 10 {
        once()?;
    }
    let then = Meter::read()?;
    for _ in count / 10..count {
        once()?;
    }
    let now = Meter::read()?;
    println!("{count:>9} {what}: {:.1} s; {then}, then {now}", begun.elapsed().as_secs_f64());
    now.check(then)
}
