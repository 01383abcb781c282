//! How the other end of a connection begins to speak: as an agent, as something else that is known, or as nothing known.

use std::fmt;

/// Something that is no agent, known by how it begins to speak.
///
/// Sockets of all of these lie beside an agent's, or are one digit away from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stranger {
    /// QEMU's monitor for programs.
    Qmp,
    /// QEMU's monitor for people.
    Hmp,
    /// A web server.
    Http,
    /// A server of secure shells.
    Ssh,
    /// A server that wants encryption first.
    Tls,
    /// A screen that is served to others.
    Vnc,
}

impl Stranger {
    /// Knows a stranger by the first bytes that came from it. An agent's replies are none.
    pub fn by_first_bytes(bytes: &[u8]) -> Option<Self> {
        const BEGINNINGS: [(&[u8], Stranger); 9] = [
            (b"{\"QMP\"", Stranger::Qmp),
            (b"{ \"QMP\"", Stranger::Qmp),
            (b"QEMU ", Stranger::Hmp),
            (b"HTTP/", Stranger::Http),
            (b"<!DOCTYPE", Stranger::Http),
            (b"<html", Stranger::Http),
            (b"SSH-", Stranger::Ssh),
            // An alert.
            (b"\x15\x03", Stranger::Tls),
            (b"RFB 00", Stranger::Vnc),
        ];
        let bytes = bytes.trim_ascii_start();
        let begins = |beginning: &[u8]| {
            bytes.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        };
        BEGINNINGS.into_iter().find(|(beginning, _)| begins(beginning)).map(|(_, found)| found)
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Qmp => "QEMU's monitor (QMP)",
            Self::Hmp => "QEMU's monitor for people (HMP)",
            Self::Http => "a web server",
            Self::Ssh => "an SSH server",
            Self::Tls => "a TLS server",
            Self::Vnc => "a VNC server",
        })
    }
}

/// How much of the beginning is kept.
const KEPT: usize = 64;

/// The first bytes of a connection, and what can be said of them.
#[derive(Debug, Default)]
pub(super) struct Opening {
    bytes: Vec<u8>,
    stranger: Option<Stranger>,
    is_agent: bool,
}

impl Opening {
    /// Takes what came. Whoever is known by it stays known, whatever follows: some answer as agents do.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let room = KEPT - self.bytes.len();
        if room == 0 || self.is_agent {
            return;
        }
        let bytes = if self.bytes.is_empty() { bytes.trim_ascii_start() } else { bytes };
        self.bytes.extend(bytes.iter().take(room));
        self.stranger = Stranger::by_first_bytes(&self.bytes);
    }

    /// A line could be read as an agent's.
    pub(super) fn is_agents(&mut self) {
        self.is_agent = true;
    }

    /// Who speaks, if it is known to be no agent.
    pub(super) fn stranger(&self) -> Option<Stranger> {
        self.stranger
    }

    /// The first bytes, if something came and nothing of it was an agent's.
    pub(super) fn noise(&self) -> Option<&[u8]> {
        (!self.is_agent && !self.bytes.is_empty()).then_some(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_known_by_their_first_bytes_and_agents_are_none() {
        for (bytes, stranger) in [
            (&b"{\"QMP\": {\"version\""[..], Some(Stranger::Qmp)),
            (b"QEMU 8.2.0 monitor - type 'help'", Some(Stranger::Hmp)),
            (b"HTTP/1.1 400 Bad Request\r\n", Some(Stranger::Http)),
            (b"\r\n<!doctype html>", Some(Stranger::Http)),
            (b"SSH-2.0-x\r\n", Some(Stranger::Ssh)),
            (b"\x15\x03\x01\x00\x02\x02\x46", Some(Stranger::Tls)),
            (b"RFB 003.008\n", Some(Stranger::Vnc)),
            (b"{\"return\": {\"QMP\": 1}}\n", None),
            (b"\xff{\"return\": 1}\n", None),
            (b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"QEMU \"}}\n", None),
            (b"", None),
        ] {
            assert_eq!(Stranger::by_first_bytes(bytes), stranger, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_stranger_that_answers_like_an_agent_stays_one_and_an_agent_does_not_become_one() {
        let mut opening = Opening::default();
        opening.take(b"{\"QMP\": {}}\r\n{\"error\": {}}\r\n");
        opening.is_agents();
        assert_eq!(opening.stranger(), Some(Stranger::Qmp));
        let mut opening = Opening::default();
        opening.is_agents();
        opening.take(b"HTTP/");
        assert_eq!((opening.stranger(), opening.noise()), (None, None));
    }

    #[test]
    fn a_beginning_that_comes_in_pieces_is_known_once_there_is_enough() {
        let mut opening = Opening::default();
        for byte in b"\r\n{\"QMP" {
            opening.take(&[*byte]);
            assert_eq!(opening.stranger(), None);
        }
        opening.take(b"\"");
        assert_eq!(opening.stranger(), Some(Stranger::Qmp));
        opening.take(&[b'x'; 1000]);
        assert_eq!(opening.noise().map(<[u8]>::len), Some(KEPT));
    }
}
