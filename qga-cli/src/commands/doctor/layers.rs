//! The layers between here and the agent, from the nearest on.

use std::fmt;
use std::io::ErrorKind;
use std::net::ToSocketAddrs as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use qga_bindings::blocking::connect;
use qga_bindings::commands::GuestPing;
use qga_bindings::ready::Reason;
use qga_bindings::types::GuestFsfreezeStatus;
use qga_bindings::{Address, Commands as _, Error, Execute as _};
use serde::Serialize;

use super::holder;
use crate::agent::Agent;
use crate::output::human;
use crate::target::probe::{self, Speaker};
use crate::target::{Place, Target};

/// How long each layer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// One layer, and what was found of it.
#[derive(Debug, Serialize)]
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

/// How a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Ok,
    /// It works, and somebody should know something about it.
    Note,
    Failed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Failed => "FAILED",
        })
    }
}

impl Layer {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), remedy: None }
    }

    fn note(self, remedy: impl Into<String>) -> Self {
        Self { state: State::Note, remedy: Some(remedy.into()), ..self }
    }

    fn failed(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Failed, found: found.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at each layer, until one fails.
pub(super) fn examine(agent: &mut Agent, target: &Target) -> Vec<Layer> {
    let mut layers = vec![way(&target.place)];
    let has_failed = |layers: &[Layer]| layers.iter().any(|layer| layer.state == State::Failed);
    if !has_failed(&layers) {
        layers.extend(connection(&target.place));
    }
    if !has_failed(&layers) {
        layers.push(answer(agent, &target.place));
    }
    if !has_failed(&layers) {
        layers.extend(abilities(agent));
    }
    layers
}

/// What is at the address.
fn way(place: &Place) -> Layer {
    match place {
        Place::Address(Address::Unix(path)) => file(path, "socket"),
        Place::Address(Address::Serial(path) | Address::Pipe(path)) => file(path, "device"),
        Place::Address(Address::Tcp { host, port }) => match (host.as_str(), *port)
            .to_socket_addrs()
        {
            Ok(addresses) => {
                let addresses: Vec<String> = addresses.map(|address| address.to_string()).collect();
                Layer::ok("host", addresses.join(", "))
            }
            Err(error) => Layer::failed(
                "host",
                error.to_string(),
                "check the name of the host, and this host's name service",
            ),
        },
        place => Layer::ok("address", place.to_string()),
    }
}

/// A socket or a device.
fn file(path: &Path, name: &'static str) -> Layer {
    let shown = path.display();
    let found = match path.metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Layer::failed(
                name,
                format!("there is nothing at {shown}"),
                format!(
                    "start the guest; its QEMU needs -chardev socket,path={shown},server=on,wait=off,id=qga0 -device \
                     virtio-serial -device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0; `qga targets` lists the \
                     sockets that there are"
                ),
            );
        }
        Err(error) => {
            return Layer::failed(
                name,
                format!("{shown}: {error}"),
                "run as a user who may enter the folder that it is in",
            );
        }
    };
    let kind = found.file_type();
    if !kind.is_socket() && !kind.is_char_device() && !kind.is_fifo() {
        return Layer::failed(
            name,
            format!("{shown} is a file or folder"),
            "give the socket that QEMU makes for the agent's channel; `qga targets` lists them",
        );
    }
    Layer::ok(name, shown.to_string())
}

/// Whether there is a connection to be had, where one is made.
fn connection(place: &Place) -> Option<Layer> {
    let Place::Address(address) = place else { return None };
    let start = Instant::now();
    let Err(error) = connect(address, PATIENCE) else {
        return Some(Layer::ok(
            "connection",
            format!("made in {}", human::latency(start.elapsed())),
        ));
    };
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied => permission(address),
        ErrorKind::ConnectionRefused => {
            "nobody listens: start the guest again; a socket outlives the QEMU that made it"
                .to_owned()
        }
        _ => holder::advice(place).unwrap_or_else(|| {
            "see that the address is right and can be reached from here".to_owned()
        }),
    };
    Some(Layer::failed("connection", error.to_string(), remedy))
}

/// Who may use a socket or a device.
fn permission(address: &Address) -> String {
    let (Address::Unix(path) | Address::Serial(path)) = address else {
        return "run as a user who may use it".to_owned();
    };
    let owner = path.metadata().map_or_else(
        |_| String::new(),
        |found| {
            format!(
                " (user {}, group {}, mode {:o})",
                found.uid(),
                found.gid(),
                found.mode() & 0o777
            )
        },
    );
    format!("run as its owner{owner} or as root, or have it made accessible to a group of yours")
}

/// Whether an agent answers.
fn answer(agent: &mut Agent, place: &Place) -> Layer {
    let start = Instant::now();
    let Err(error) = agent.execute_within(&GuestPing::new(), PATIENCE) else {
        return Layer::ok("agent", format!("answers in {}", human::latency(start.elapsed())));
    };
    // Others, too, serve one client at a time.
    agent.release();
    let reason = Reason::of(&error);
    if let Some(speaker) = probe::who_speaks(place, reason == Some(Reason::HungUp)) {
        return Layer::failed("agent", "somebody else answers", Speaker::advice(speaker));
    }
    match reason {
        None => Layer::ok("agent", format!("answers, but not guest-ping: {error}"))
            .note("allow guest-ping in the guest: programs use it to see that the agent is there"),
        Some(reason) => {
            let remedy = holder::advice(place).unwrap_or_else(|| reason.to_string());
            Layer::failed("agent", error.to_string(), remedy)
        }
    }
}

/// What the agent can do.
fn abilities(agent: &mut Agent) -> Vec<Layer> {
    let info = match agent.guest_info() {
        Ok(info) => info,
        Err(error) => return vec![unexpected("commands", &error)],
    };
    let commands = info.supported_commands.unwrap_or_default();
    let disabled: Vec<&str> = commands
        .iter()
        .filter(|command| !command.enabled)
        .map(|command| command.name.as_str())
        .collect();
    let found = format!(
        "version {}, {} commands, {} of them disabled",
        info.version,
        commands.len(),
        disabled.len()
    );
    let frozen = matches!(agent.guest_fsfreeze_status(), Ok(GuestFsfreezeStatus::Frozen));
    let listed = Layer::ok("commands", found);
    if frozen {
        let freeze = Layer::ok("file systems", "frozen");
        return vec![listed, freeze.note("thaw them with `qga thaw` unless a backup is running: most commands are refused until then")];
    }
    if disabled.is_empty() {
        return vec![listed];
    }
    vec![listed.note(format!(
        "allow what you need in the guest, with `allow-rpcs` or `block-rpcs` in /etc/qemu/qemu-ga.conf or in the service's \
         options; disabled are {}",
        disabled.join(", ")
    ))]
}

fn unexpected(name: &'static str, error: &Error) -> Layer {
    Layer::ok(name, error.to_string()).note("`qga -v call guest-info` shows what passes")
}
