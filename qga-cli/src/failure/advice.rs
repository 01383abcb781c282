//! What to do about an error, as far as it can be known from here.

use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use qga_bindings::{Address, Cause, Error, Refusal, Stage};

use crate::target::{Place, Target};

/// What to do next.
pub(super) fn advice(error: &Error, target: &Target) -> String {
    let command = error.command();
    match error {
        Error::NotSent { cause, .. } => way(cause, target),
        Error::OutcomeUnknown { .. } => {
            "see in the guest whether it took effect before you repeat it; more time: --timeout"
                .to_owned()
        }
        Error::Refused { why, .. } => match why {
            Refusal::Unsupported => {
                format!("`qga call {command} --help` says since which release agents have it")
            }
            Refusal::Disabled => format!(
                "allow {command} in the guest: see `allow-rpcs` and `block-rpcs` in /etc/qemu/qemu-ga.conf and the options of \
                 the service"
            ),
            Refusal::Frozen => {
                "thaw the file systems with `qga thaw`, or wait for whoever froze them".to_owned()
            }
            _ => "`qga commands` says what the agent has and allows".to_owned(),
        },
        Error::UnexpectedReply { .. } => {
            format!("see what passes with -v; `qga call {command}` shows any reply as it is")
        }
        Error::TooLong { .. } => "ask for less at a time".to_owned(),
        _ => "the agent's own log in the guest may say more".to_owned(),
    }
}

/// What to do about the way to the agent.
fn way(cause: &Cause, target: &Target) -> String {
    match cause {
        Cause::Io(error) => match (error.kind(), &target.place) {
            (ErrorKind::NotFound, Place::Address(Address::Unix(path))) => format!(
                "nothing is at {}: start the guest, or give its QEMU the agent's channel (-chardev socket,path={},server=on,\
                 wait=off,id=qga0 -device virtio-serial -device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0); `qga \
                 targets` lists what there is",
                path.display(),
                path.display()
            ),
            (ErrorKind::PermissionDenied, _) => {
                "run as the user that runs QEMU, or as root; `qga doctor` says who owns the socket"
                    .to_owned()
            }
            (ErrorKind::ConnectionRefused, Place::Address(Address::Unix(path)))
                if !is_socket(path) =>
            {
                format!("{} is no socket; `qga targets` lists what there is", path.display())
            }
            (ErrorKind::ConnectionRefused, Place::Address(Address::Unix(path))) => format!(
                "{} is left over, nobody listens on it: start the guest again",
                path.display()
            ),
            (ErrorKind::ConnectionRefused, _) => {
                "nobody listens there: see that the guest runs, and the port".to_owned()
            }
            _ => "`qga doctor` tries each layer".to_owned(),
        },
        Cause::Deadline { waiting_for: Stage::Handshake | Stage::Connection, .. }
        | Cause::Closed => {
            "`qga doctor` finds out which it is; `qga wait` waits for a guest that boots".to_owned()
        }
        Cause::Nul | Cause::Encode(_) => "give other arguments".to_owned(),
        _ => "`qga doctor` tries each layer; more time: --timeout".to_owned(),
    }
}

fn is_socket(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_socket())
}
