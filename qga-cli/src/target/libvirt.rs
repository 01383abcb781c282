//! Agents that libvirt holds the channel of: every command goes through `virsh qemu-agent-command`.

use std::fmt;
use std::io::{self, Read, Write};
use std::process::{Command, Output, Stdio};
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

    fn virsh(&self) -> Command {
        let mut command = Command::new("virsh");
        command.arg("--quiet").env("LC_ALL", "C");
        if let Some(uri) = &self.uri {
            command.args(["--connect", uri]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn agent_command(&self, limit: Duration, request: &str) -> Command {
        // Whole seconds are all it knows.
        let seconds = limit.as_secs().clamp(1, 3600).to_string();
        let mut command = self.virsh();
        command.args([
            "qemu-agent-command",
            "--timeout",
            &seconds,
            "--domain",
            &self.name,
            "--cmd",
            request,
        ]);
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
    /// Sees that there is such a domain, which takes a `virsh`, and that its agent answers libvirt.
    pub(super) fn open(domain: &Domain, limit: Duration) -> io::Result<Self> {
        let passthrough =
            Self { domain: domain.clone(), request: Vec::new(), reply: Vec::new(), limit };
        passthrough.ask(r#"{"execute":"guest-sync","arguments":{"id":1}}"#)?;
        Ok(passthrough)
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
        let mut command = self.domain.agent_command(self.limit, request);
        let output =
            output_within(&mut command, self.limit).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    io::Error::other("virsh is not installed, and libvirt is reached through it")
                }
                _ => error,
            })?;
        if output.status.success() {
            return Ok([output.stdout.trim_ascii(), b"\n"].concat());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        match refusal(&said) {
            Some(error) => Ok(format!("{error}\n").into_bytes()),
            None => Err(io::Error::other(format!("virsh: {}", problem(&said)))),
        }
    }
}

/// The longest request: Linux gives a program no argument that is longer than 128 KiB with its end.
const LONGEST_REQUEST: usize = (128 << 10) - 1;

/// How often it is looked whether a process has ended.
const GLANCE: Duration = Duration::from_millis(2);

/// Runs a process to its end, or ends it when its time is over: libvirt may wait for something else than the agent.
fn output_within(command: &mut Command, limit: Duration) -> io::Result<Output> {
    let start = Instant::now();
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let stdout = scope.spawn(|| read_all(stdout));
        let stderr = scope.spawn(|| read_all(stderr));
        let status = loop {
            match child.try_wait() {
                Ok(None) if start.elapsed() < limit => std::thread::sleep(GLANCE),
                Ok(Some(status)) => break Ok(status),
                ended => {
                    // What has ended by itself cannot be killed, and need not be.
                    drop(child.kill());
                    drop(child.wait());
                    break Err(ended.err().unwrap_or_else(|| io::ErrorKind::TimedOut.into()));
                }
            }
        };
        let gone = |_| io::Error::other("what virsh wrote was lost");
        let (stdout, stderr) = (stdout.join().map_err(gone)?, stderr.join().map_err(gone)?);
        Ok(Output { status: status?, stdout: stdout?, stderr: stderr? })
    })
}

fn read_all(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// What virsh says on several lines, in one, and what it does not say.
fn problem(said: &str) -> String {
    let lines = said.lines().map(|line| line.trim().trim_start_matches("error: "));
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(": ");
    let gave_up = ["not available due to an error", "No complete agent response"];
    let more = if gave_up.iter().any(|words| text.contains(words)) {
        ": libvirt gives a channel up after a reply that is longer than 10 MiB, or is no JSON; kill the agent in the guest, \
         which may hang in that reply, and start it again"
    } else if text.contains("agent is not configured") {
        ": the domain lacks a channel named org.qemu.guest_agent.0"
    } else {
        ""
    };
    text + more
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
        if self.request.len() + buf.len() > LONGEST_REQUEST {
            return Err(io::Error::other(format!(
                "virsh takes requests of up to {LONGEST_REQUEST} bytes, and this one is longer"
            )));
        }
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
