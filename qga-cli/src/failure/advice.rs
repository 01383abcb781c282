//! What to do about an error, as far as it can be known from here.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use qga_bindings::ready::Reason;
use qga_bindings::{Address, Cause, Error, Refusal};

use crate::target::{Place, Target, probe};

/// What to do next.
pub(super) fn advice(error: &Error, target: &Target) -> String {
    let command = error.command();
    match error {
        Error::NotSent { cause: Cause::Nul | Cause::Encode(_), .. } => {
            "give other arguments".to_owned()
        }
        Error::NotSent { .. } => way(error, target),
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
            _ => match probe::who_speaks(&target.place, false) {
                Some(speaker) => speaker.advice().to_owned(),
                None => "`qga commands --agent` says what the agent has and allows".to_owned(),
            },
        },
        Error::UnexpectedReply { .. } => {
            format!("see what passes with -v; `qga call {command}` shows any reply as it is")
        }
        Error::TooLong { .. } => "ask for less at a time".to_owned(),
        _ => "the agent's own log in the guest may say more".to_owned(),
    }
}

/// What to do about the way to the agent, as far as it can be known.
fn way(error: &Error, target: &Target) -> String {
    let path = match &target.place {
        Place::Address(Address::Unix(path)) => Some(path),
        _ => None,
    };
    let hung_up = Reason::of(error) == Some(Reason::HungUp);
    if let Some(speaker) = probe::who_speaks(&target.place, hung_up) {
        return speaker.advice().to_owned();
    }
    match (Reason::of(error), path) {
        (Some(Reason::NotFound), Some(path)) => format!(
            "start the guest; its QEMU needs the agent's channel: -chardev socket,path={},server=on,wait=off,id=qga0 -device \
             virtio-serial -device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0; `qga targets` lists what there is",
            path.display()
        ),
        (Some(Reason::Refused), Some(path)) if !is_socket(path) => {
            "this is no socket; `qga targets` lists what there is".to_owned()
        }
        (Some(reason), _) => format!("{reason}; `qga doctor` tries each layer"),
        (None, _) => "`qga doctor` tries each layer".to_owned(),
    }
}

fn is_socket(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_socket())
}
