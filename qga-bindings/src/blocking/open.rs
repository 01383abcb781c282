//! Addresses to streams that block.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Stream, Untimed};
use crate::Address;

/// Connects to an address in limited time, for a stream that is put into another one before a client gets it, such as one
/// that shows what passes.
///
/// # Errors
/// There is no connection: the operating system's error, `TimedOut` when the limit has passed, or `Unsupported` for an
/// address of a kind that this build does not know.
#[inline]
pub fn connect(address: &Address, limit: Duration) -> io::Result<Box<dyn Stream + Send>> {
    match address {
        #[cfg(unix)]
        Address::Unix(path) => Ok(Box::new(unix(path, limit)?)),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(crate::address::unsupported("a unix socket", "only Unix has them")),
        Address::Tcp { host, port } => Ok(Box::new(tcp(host, *port, limit)?)),
        Address::Vsock { cid, port } => vsock(*cid, *port, limit),
        Address::Serial(path) => serial(path),
        Address::Pipe(path) => {
            Ok(Box::new(Untimed(std::fs::OpenOptions::new().read(true).write(true).open(path)?)))
        }
    }
}

/// Connects to a unix socket. The operating system knows no limit here, and waits while another client is served and more are
/// in line.
#[cfg(unix)]
#[inline]
pub(super) fn unix(path: &Path, limit: Duration) -> io::Result<std::os::unix::net::UnixStream> {
    let ours = path.to_owned();
    aside(move || std::os::unix::net::UnixStream::connect(ours), limit)
        .map_err(|error| crate::address::explain(path, error))
}

/// Connects to the first of a host's addresses that lets us. Looking them up knows no limit.
#[inline]
fn tcp(host: &str, port: u16, limit: Duration) -> io::Result<TcpStream> {
    let start = Instant::now();
    let host = host.to_owned();
    let look_up = move || {
        (host.as_str(), port).to_socket_addrs().map_err(|error| crate::address::unresolved(&error))
    };
    let addresses = aside(look_up, limit)?;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in addresses {
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                // Requests are small and waited for.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(all(target_os = "linux", feature = "vsock"))]
#[inline]
fn vsock(cid: u32, port: u32, limit: Duration) -> io::Result<Box<dyn Stream + Send>> {
    Ok(Box::new(aside(move || vsock::VsockStream::connect_with_cid_port(cid, port), limit)?))
}

#[cfg(not(all(target_os = "linux", feature = "vsock")))]
#[inline]
fn vsock(_: u32, _: u32, _: Duration) -> io::Result<Box<dyn Stream + Send>> {
    Err(crate::address::unsupported(
        "vsock",
        "it needs Linux and the feature `vsock` of this crate",
    ))
}

#[cfg(all(unix, feature = "serial"))]
#[inline]
fn serial(path: &Path) -> io::Result<Box<dyn Stream + Send>> {
    Ok(Box::new(super::serial::SerialLine::open(path)?))
}

#[cfg(not(all(unix, feature = "serial")))]
#[inline]
fn serial(_: &Path) -> io::Result<Box<dyn Stream + Send>> {
    Err(crate::address::unsupported(
        "a serial line",
        "it needs Unix and the feature `serial` of this crate",
    ))
}

/// Does something that may wait for ever in a thread of its own, and waits for it in limited time.
fn aside<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
    limit: Duration,
) -> io::Result<T> {
    let outcome = Arc::new(Mutex::new(None));
    let there = Arc::clone(&outcome);
    // If nobody waits any more, a connection is closed as soon as it is made, and nothing was ever written to it.
    run_aside(Box::new(move || *lock(&there) = Some(work())), limit)?;
    let done = lock(&outcome).take();
    done.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
}

/// Returns when the work is done, or the time is over.
#[inline]
fn run_aside(work: Box<dyn FnOnce() + Send>, limit: Duration) -> io::Result<()> {
    let done = Arc::new((Mutex::new(false), Condvar::new()));
    let there = Arc::clone(&done);
    std::thread::Builder::new().name("qga-connect".to_owned()).spawn(move || {
        work();
        *lock(&there.0) = true;
        there.1.notify_one();
    })?;
    drop(done.1.wait_timeout_while(lock(&done.0), limit, |done| !*done));
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
