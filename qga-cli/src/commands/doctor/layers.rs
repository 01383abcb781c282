//! The layers between here and the agent, from the nearest on.

use std::fmt;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use qga_bindings::commands::GuestPing;
use qga_bindings::ready::Reason;
use qga_bindings::types::GuestFsfreezeStatus;
use qga_bindings::{Address, Cause, Commands as _, Error, Execute as _, Stage};
use serde::Serialize;

use crate::agent::Agent;
use crate::output::human;
use crate::target::{Place, Target, remedy};

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
        layers.extend(answer(agent, &target.place));
    }
    if !has_failed(&layers) {
        layers.extend(abilities(agent));
    }
    layers
}

/// What is at the address.
fn way(place: &Place) -> Layer {
    match place {
        Place::Address(Address::Unix(path)) => file(path, "socket", place),
        Place::Address(Address::Serial(path) | Address::Pipe(path)) => file(path, "device", place),
        place => Layer::ok("address", place.to_string()),
    }
}

/// A socket or a device.
fn file(path: &Path, name: &'static str, place: &Place) -> Layer {
    let shown = path.display();
    let (found, reason) = match path.metadata() {
        Ok(found) => {
            let kind = found.file_type();
            if kind.is_socket() || kind.is_char_device() || kind.is_fifo() {
                return Layer::ok(name, shown.to_string());
            }
            (format!("{shown} is a file or folder"), Reason::Refused)
        }
        Err(error) => match error.kind() {
            ErrorKind::NotFound => (format!("there is nothing at {shown}"), Reason::NotFound),
            ErrorKind::PermissionDenied => (format!("{shown}: {error}"), Reason::PermissionDenied),
            _ => (format!("{shown}: {error}"), Reason::Unreachable),
        },
    };
    Layer::failed(name, found, remedy(place, &reason))
}

/// Whether there is a connection to be had, and whether an agent answers.
fn answer(agent: &mut Agent, place: &Place) -> Vec<Layer> {
    let connected = Layer::ok("connection", "made");
    let start = Instant::now();
    let Err(error) = agent.execute_within(&GuestPing::new(), PATIENCE) else {
        let took = human::latency(start.elapsed());
        return vec![connected, Layer::ok("agent", format!("answers in {took}"))];
    };
    // Others, too, serve one client at a time.
    agent.release();
    match (Reason::of(&error), error) {
        (Some(reason), Error::NotSent { cause, .. } | Error::OutcomeUnknown { cause, .. }) => {
            let (found, remedy) = (cause.to_string(), remedy(place, &reason));
            match cause {
                Cause::Io(_) | Cause::Deadline { waiting_for: Stage::Connection, .. } => {
                    vec![Layer::failed("connection", found, remedy)]
                }
                _ => vec![connected, Layer::failed("agent", found, remedy)],
            }
        }
        (_, error) => {
            let layer = Layer::ok("agent", format!("answers, but not guest-ping: {error}"));
            vec![
                connected,
                layer.note(
                    "allow guest-ping in the guest: programs use it to see that the agent is there",
                ),
            ]
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
