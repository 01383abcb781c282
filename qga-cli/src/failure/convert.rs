//! Errors of the library to failures: which kind, which exit code, and advice where it does not depend on the guest's address.

use std::io;

use qga_bindings::Error;
use qga_bindings::clock::ClockError;
use qga_bindings::exec::ExecError;
use qga_bindings::files::{FileError, FileProblem};
use qga_bindings::freeze::FreezeError;
use qga_bindings::hardware::HardwareError;
use qga_bindings::power::PowerError;
use qga_bindings::ready::{NotReady, Reason};
use qga_bindings::users::UserError;

use super::{Failure, exit};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (kind, exit) = match &error {
            Error::NotSent { .. } => ("not-sent", exit::UNREACHABLE),
            Error::OutcomeUnknown { .. } => ("outcome-unknown", exit::UNKNOWN),
            Error::Refused { .. } => ("refused", exit::FAILED),
            Error::UnexpectedReply { .. } => ("unexpected-reply", exit::FAILED),
            Error::TooLong { .. } => ("too-long", exit::FAILED),
            _ => ("failed", exit::FAILED),
        };
        let exit = if error.is_timeout() { exit::DEADLINE } else { exit };
        Self { kind, exit, ..Self::new(error.to_string()) }.with_error(error)
    }
}

impl From<NotReady> for Failure {
    fn from(error: NotReady) -> Self {
        let exit = match error.reason {
            Reason::Silent | Reason::Noise | Reason::Busy => exit::DEADLINE,
            Reason::Command { .. } => exit::FAILED,
            _ => exit::UNREACHABLE,
        };
        let message = format!("the agent is not ready after {:.1?}", error.waited);
        let failure = Self { kind: "not-ready", exit, ..Self::new(message) };
        match error.error {
            Some(cause) => failure.with_error(*cause),
            None => failure.next(error.reason.to_string()),
        }
    }
}

impl From<ExecError> for Failure {
    fn from(error: ExecError) -> Self {
        let message = error.to_string();
        match error {
            ExecError::Agent(error) => error.into(),
            ExecError::Deadline { .. } => {
                Self { kind: "deadline", exit: exit::DEADLINE, ..Self::new(message) }
            }
            ExecError::Interrupted { error, .. } => Self { message, ..Self::from(*error) },
            ExecError::CannotMerge
            | ExecError::StdinTooLong { .. }
            | ExecError::UnnamedVariable { .. } => Self::usage(message),
            // Whoever reads our output has left.
            ExecError::Local { error, .. } if error.kind() == io::ErrorKind::BrokenPipe => {
                error.into()
            }
            ExecError::NotStreamable | ExecError::NoRoom { .. } => {
                Self::new(message).next("leave out --stream: output then comes at the end")
            }
            _ => Self::new(message),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let message = error.to_string();
        match *error.problem {
            FileProblem::Agent(error) => Self { message, ..Self::from(error) },
            FileProblem::Exec(error) => Self { message, ..Self::from(error) },
            // Whoever reads our output has left.
            FileProblem::Local(error) if error.kind() == io::ErrorKind::BrokenPipe => error.into(),
            FileProblem::Local(_) => Self::host(message),
            FileProblem::Differs | FileProblem::DiffersIn { .. } => {
                Self::new(message).next("copy it again; something writes to the file")
            }
            _ => Self::new(message),
        }
    }
}

impl From<FreezeError> for Failure {
    fn from(error: FreezeError) -> Self {
        let message = error.to_string();
        match error {
            FreezeError::Agent(error) => error.into(),
            FreezeError::AlreadyFrozen { .. } => {
                Self::new(message).next("`qga thaw` thaws them, whoever froze them")
            }
            FreezeError::NothingFrozen => Self::new(message)
                .next("`qga fs` lists the file systems; tmpfs and the like cannot be"),
            FreezeError::Undone { error } => Self { message, ..Self::from(error) },
            FreezeError::Unresolved { error, .. } | FreezeError::NotThawed { error, .. } => {
                Self { message, kind: "not-thawed", ..Self::from(error) }
                    .next("the guest hangs until it is thawed: run `qga thaw` until it says that nothing is frozen")
            }
            FreezeError::NotHeld(_) => Self::new(message)
                .next("do not rely on the copy: repeat it, with a longer --at-most"),
            _ => Self::new(message),
        }
    }
}

impl From<PowerError> for Failure {
    fn from(error: PowerError) -> Self {
        let message = error.to_string();
        match error {
            PowerError::Agent(error) => error.into(),
            _ => Self { kind: "unconfirmed", exit: exit::DEADLINE, ..Self::new(message) }
                .next("look at the guest's console; `qga wait` waits for it to answer"),
        }
    }
}

impl From<ClockError> for Failure {
    fn from(error: ClockError) -> Self {
        let message = error.to_string();
        match error {
            ClockError::Agent(error) => error.into(),
            _ => Self::new(message),
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        let message = error.to_string();
        match error {
            UserError::Agent(error) => error.into(),
            _ => Self::usage(message)
                .next("give each key as one line, as it is in a file named id_ed25519.pub"),
        }
    }
}

impl From<HardwareError> for Failure {
    fn from(error: HardwareError) -> Self {
        let message = error.to_string();
        match error {
            HardwareError::Agent(error) => error.into(),
            HardwareError::Processor { error, .. } => Self { message, ..Self::from(*error) },
            _ => Self::new(message).next("`qga cpus` and `qga mem` say what can be switched"),
        }
    }
}

impl From<io::Error> for Failure {
    /// For our own output: where nobody reads it any more, there is nothing left to do or to say.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent(exit::PIPE);
        }
        Self::new(format!("the result cannot be written: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("the result cannot be written as JSON: {error}"))
    }
}
