//! What is at the other end, where it is no agent.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use qga_bindings::Address;
use qga_bindings::blocking::{Stream, connect};

use super::Place;

/// How long to listen.
const PATIENCE: Duration = Duration::from_millis(300);

/// Something else than an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// QEMU's monitor, which speaks QMP.
    Monitor,
    /// A web server.
    Web,
    /// A server of secure shells.
    Shell,
}

impl Speaker {
    /// What it is, and what to do about it.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Monitor => {
                "this is QEMU's monitor (QMP), not the agent's channel: use the socket of the chardev that a virtserialport \
                 named org.qemu.guest_agent.0 is connected to; `qga targets` finds it"
            }
            Self::Web => "a web server listens here, not an agent: check the address",
            Self::Shell => "an SSH server listens here, not an agent: check the address",
        }
    }

    fn of(said: &[u8]) -> Option<Self> {
        let said = String::from_utf8_lossy(said);
        let said = said.trim_start();
        if said.starts_with("{\"QMP\"") {
            Some(Self::Monitor)
        } else if said.starts_with("HTTP/")
            || said.to_ascii_lowercase().starts_with("<!doctype html")
        {
            Some(Self::Web)
        } else {
            said.starts_with("SSH-").then_some(Self::Shell)
        }
    }
}

/// Listens to what is said at an address without being asked. `hung_up` says that it ends connections of its own accord, which
/// agents do not: then it can be spoken to in another language.
pub(crate) fn who_speaks(place: &Place, hung_up: bool) -> Option<Speaker> {
    let Place::Address(address @ (Address::Unix(_) | Address::Tcp { .. })) = place else {
        return None;
    };
    let heard = Speaker::of(&listen(address, b"")?);
    if heard.is_some() || !hung_up {
        return heard;
    }
    Speaker::of(&listen(address, b"GET / HTTP/1.0\r\n\r\n")?)
}

fn listen(address: &Address, say: &[u8]) -> Option<Vec<u8>> {
    let end = Instant::now() + PATIENCE;
    let mut stream = connect(address, PATIENCE).ok()?;
    stream.set_write_limit(PATIENCE).ok()?;
    stream.write_all(say).ok()?;
    let mut said = Vec::new();
    let mut buffer = [0; 256];
    while said.len() < buffer.len() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_limit(left).ok()?;
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => said.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            _ => break,
        }
        if Speaker::of(&said).is_some() {
            break;
        }
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_known_by_how_they_begin() {
        assert_eq!(Speaker::of(b"{\"QMP\": {\"version\""), Some(Speaker::Monitor));
        assert_eq!(Speaker::of(b"HTTP/1.1 400 Bad Request\r\n"), Some(Speaker::Web));
        assert_eq!(Speaker::of(b"SSH-2.0-x\r\n"), Some(Speaker::Shell));
        assert_eq!(Speaker::of(b"{\"return\": {}}\n"), None);
        assert_eq!(Speaker::of(b""), None);
    }
}
