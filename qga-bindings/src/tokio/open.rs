//! Addresses to asynchronous streams.

use std::io;
use std::time::Duration;

use ::tokio::net::TcpStream;

use super::Stream;
use crate::Address;

/// Connects to an address. Whoever waits for it has a deadline.
pub(super) async fn open(address: Address) -> io::Result<Box<dyn Stream>> {
    match address {
        #[cfg(unix)]
        Address::Unix(path) => Ok(Box::new(unix(path).await?)),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(crate::address::unsupported("a unix socket", "only Unix has them")),
        Address::Tcp { host, port } => {
            let addresses = ::tokio::net::lookup_host((host, port)).await;
            let addresses = addresses.map_err(|error| crate::address::unresolved(&error))?;
            let stream = TcpStream::connect(&addresses.collect::<Vec<_>>()[..]).await?;
            // Requests are small and waited for.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
        Address::Vsock { cid, port } => vsock(cid, port).await,
        Address::Serial(path) => serial(&path),
        #[cfg(windows)]
        Address::Pipe(path) => {
            Ok(Box::new(::tokio::net::windows::named_pipe::ClientOptions::new().open(path)?))
        }
        #[cfg(not(windows))]
        Address::Pipe(_) => {
            Err(crate::address::unsupported("a named pipe", "only Windows has them"))
        }
    }
}

/// Connects to a unix socket. While another client is served and more are in line, the operating system refuses to queue one
/// more; that is no reason to give up before the deadline.
#[cfg(unix)]
pub(super) async fn unix(path: std::path::PathBuf) -> io::Result<::tokio::net::UnixStream> {
    const PAUSE: Duration = Duration::from_millis(20);
    loop {
        match ::tokio::net::UnixStream::connect(&path).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                ::tokio::time::sleep(PAUSE).await;
            }
            result => return result.map_err(|error| crate::address::explain(&path, error)),
        }
    }
}

#[cfg(all(target_os = "linux", feature = "vsock"))]
async fn vsock(cid: u32, port: u32) -> io::Result<Box<dyn Stream>> {
    let connect = move || vsock::VsockStream::connect_with_cid_port(cid, port);
    let socket = ::tokio::task::spawn_blocking(connect).await??;
    // A stream socket is read and written in one way, whatever it is bound to.
    let socket = std::os::unix::net::UnixStream::from(std::os::fd::OwnedFd::from(socket));
    socket.set_nonblocking(true)?;
    Ok(Box::new(::tokio::net::UnixStream::from_std(socket)?))
}

#[cfg(not(all(target_os = "linux", feature = "vsock")))]
fn vsock(_: u32, _: u32) -> std::future::Ready<io::Result<Box<dyn Stream>>> {
    std::future::ready(Err(crate::address::unsupported(
        "vsock",
        "it needs Linux and the feature `vsock` of this crate",
    )))
}

#[cfg(all(unix, feature = "serial"))]
fn serial(path: &std::path::Path) -> io::Result<Box<dyn Stream>> {
    use ::tokio::net::unix::pipe::{Receiver, Sender};
    // A line is waited for like the two ends of a pipe.
    let line = std::os::fd::OwnedFd::from(crate::serial::open_raw(path)?);
    let reader = Receiver::from_owned_fd_unchecked(line.try_clone()?)?;
    let writer = Sender::from_owned_fd_unchecked(line)?;
    Ok(Box::new(::tokio::io::join(reader, writer)))
}

#[cfg(not(all(unix, feature = "serial")))]
fn serial(_: &std::path::Path) -> io::Result<Box<dyn Stream>> {
    Err(crate::address::unsupported(
        "a serial line",
        "it needs Unix and the feature `serial` of this crate",
    ))
}
