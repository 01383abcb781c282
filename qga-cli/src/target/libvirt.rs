//! Agents that libvirt holds the channel of: every command goes through `virsh qemu-agent-command`.

use std::fmt;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use qga_bindings::blocking::Stream;
use serde_json::{Value, json};

/// A guest as libvirt knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Domain {
    pub(crate) uri: Option<String>,
    pub(crate) name: String,
}

impl Domain {
    /// Reads `[URI/]DOMAIN`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (uri, name) = match text.rsplit_once('/') {
            Some((uri, name)) => (Some(uri.to_owned()), name),
            None => (None, text),
        };
        (!name.is_empty()).then(|| Self { uri, name: name.to_owned() })
    }

    fn virsh(&self, limit: Duration, request: &str) -> Command {
        let mut command = Command::new("virsh");
        command.arg("--quiet");
        if let Some(uri) = &self.uri {
            command.args(["--connect", uri]);
        }
        // Whole seconds are all it knows.
        let seconds = limit.as_secs().clamp(1, 3600).to_string();
        command.args([
            "qemu-agent-command",
            "--timeout",
            &seconds,
            "--domain",
            &self.name,
            "--cmd",
            request,
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.uri {
            Some(uri) => write!(f, "libvirt:{uri}/{}", self.name),
            None => write!(f, "libvirt:{}", self.name),
        }
    }
}

/// What looks like a connection to an agent, and is a process for each request. libvirt keeps the channel in order itself, and
/// breaks at the byte that a handshake begins with, so handshakes are answered here.
#[derive(Debug)]
pub(super) struct Passthrough {
    domain: Domain,
    request: Vec<u8>,
    reply: Vec<u8>,
    limit: Duration,
}

impl Passthrough {
    /// Sees that there is a `virsh` to be had.
    pub(super) fn open(domain: &Domain) -> io::Result<Self> {
        match Command::new("virsh")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
        {
            Ok(_) => Ok(Self {
                domain: domain.clone(),
                request: Vec::new(),
                reply: Vec::new(),
                limit: Duration::from_secs(5),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "virsh is not installed, and libvirt is reached through it",
            )),
            Err(error) => Err(error),
        }
    }

    /// Answers the request that was written, within the time that reads are given.
    fn answer(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.request);
        let text = text.strip_prefix(b"\n").unwrap_or(&text);
        let request =
            String::from_utf8_lossy(text.strip_prefix(b"\xff").unwrap_or(text)).into_owned();
        let value: Value = serde_json::from_str(&request).unwrap_or_default();
        let execute = value["execute"].as_str();
        let id = &value["arguments"]["id"];
        self.reply = match execute {
            Some("guest-sync-delimited") => {
                [b"\xff", format!("{{\"return\": {id}}}\n").as_bytes()].concat()
            }
            Some("guest-sync") => format!("{{\"return\": {id}}}\n").into_bytes(),
            _ => self.ask(&request)?,
        };
        Ok(())
    }

    fn ask(&self, request: &str) -> io::Result<Vec<u8>> {
        let start = Instant::now();
        let output = self.domain.virsh(self.limit, request).output()?;
        if output.status.success() {
            return Ok([output.stdout.trim_ascii(), b"\n"].concat());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        match refusal(&said) {
            Some(error) => Ok(format!("{error}\n").into_bytes()),
            None if start.elapsed() >= self.limit => Err(io::ErrorKind::TimedOut.into()),
            None => Err(io::Error::other(format!("virsh: {}", said.trim()))),
        }
    }
}

/// What the agent said, as far as libvirt passes it on: a description without its class.
fn refusal(said: &str) -> Option<Value> {
    let (_, rest) = said.split_once("unable to execute QEMU agent command '")?;
    let (_, desc) = rest.split_once("': ")?;
    let is_refusal =
        ["has not been found", "has been disabled"].iter().any(|words| desc.contains(words));
    let class = if is_refusal { "CommandNotFound" } else { "GenericError" };
    Some(json!({ "error": { "class": class, "desc": desc.trim() } }))
}

impl Read for Passthrough {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.reply.is_empty() && !self.request.is_empty() {
            self.answer()?;
        }
        if self.reply.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let size = buf.len().min(self.reply.len());
        for (slot, byte) in buf.iter_mut().zip(self.reply.drain(..size)) {
            *slot = byte;
        }
        Ok(size)
    }
}

impl Write for Passthrough {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.request.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Passthrough {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.limit = limit;
        Ok(())
    }

    fn set_write_limit(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_may_have_a_connection_in_front() {
        let domain = |uri: Option<&str>, name: &str| {
            Some(Domain { uri: uri.map(str::to_owned), name: name.to_owned() })
        };
        assert_eq!(Domain::read("vm1"), domain(None, "vm1"));
        assert_eq!(Domain::read("qemu:///system/vm1"), domain(Some("qemu:///system"), "vm1"));
        assert_eq!(
            Domain::read("qemu+ssh://host/system/vm1"),
            domain(Some("qemu+ssh://host/system"), "vm1")
        );
        assert_eq!(Domain::read("qemu:///system/"), None);
    }

    #[test]
    fn what_the_agent_said_is_told_apart_from_what_libvirt_says() {
        let said = "error: internal error: unable to execute QEMU agent command 'guest-x': The command guest-x has not been \
                    found\n";
        let error = refusal(said).unwrap();
        assert_eq!(error["error"]["class"], "CommandNotFound");
        assert_eq!(error["error"]["desc"], "The command guest-x has not been found");
        assert_eq!(refusal("error: failed to get domain 'x'"), None);
    }
}
