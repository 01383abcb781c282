//! What else listens at addresses: programs that are no agents, and agents that somebody else talks to.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

/// Puts all of them into a folder. What is returned keeps them there.
pub(crate) fn settle(folder: &Path) -> io::Result<impl Send + use<>> {
    speak(&folder.join("monitor.sock"), b"{\"QMP\": {\"version\": {}}}\r\n", |_| {
        Some(b"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"Expecting capabilities negotiation\"}}\r\n")
    })?;
    speak(&folder.join("console.sock"), b"\r\nvm1 login: ", |_| Some(b"Password: "))?;
    speak(&folder.join("web.sock"), b"", |said| {
        let end = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
        said.contains(&b'\n').then_some(end.as_slice())
    })?;
    speak(&folder.join("closing.sock"), b"", |_| None)?;
    // Nobody ever accepts a connection here.
    let silent = UnixListener::bind(folder.join("silent.sock"))?;
    // Nor here, once one is served.
    let busy = UnixListener::bind(folder.join("busy.sock"))?;
    let served = (UnixStream::connect(folder.join("busy.sock"))?, busy.accept()?);
    drop(UnixListener::bind(folder.join("stale.sock"))?);
    std::fs::write(folder.join("file"), "")?;
    Ok((silent, busy, served))
}

/// Something that is no agent: it says something to everybody who comes, and answers something to what they say, or closes the
/// connection.
fn speak(
    path: &Path,
    greeting: &'static [u8],
    answer: fn(&[u8]) -> Option<&'static [u8]>,
) -> io::Result<()> {
    let listener = UnixListener::bind(path)?;
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let mut buffer = [0; 4096];
            // Clients leave when they have heard enough.
            let _ = client.write_all(greeting);
            while let Ok(read @ 1..) = client.read(&mut buffer) {
                let Some(said) = answer(&buffer[..read]) else { break };
                if client.write_all(said).is_err() || said.starts_with(b"HTTP") {
                    break;
                }
            }
        }
    });
    Ok(())
}
