//! What to do about an error, as far as it can be known from here.

use qga_bindings::ready::Reason;
use qga_bindings::{Cause, Error, Refusal};

use crate::target::{Target, remedy};

/// What to do next.
pub(super) fn advice(error: &Error, target: &Target) -> String {
    let command = error.command();
    match error {
        Error::NotSent { cause: Cause::Nul | Cause::Encode(_), .. } => {
            "give other arguments".to_owned()
        }
        Error::NotSent { .. } => {
            let reason = Reason::of(error).unwrap_or(Reason::Unreachable);
            format!("{}; `qga doctor` tries each layer", remedy(&target.place, &reason))
        }
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
            _ => "`qga commands --agent` says what the agent has and allows".to_owned(),
        },
        Error::UnexpectedReply { .. } => {
            format!("see what passes with -v; `qga call {command}` shows any reply as it is")
        }
        Error::TooLong { .. } => "ask for less at a time".to_owned(),
        _ => "the agent's own log in the guest may say more".to_owned(),
    }
}
