//! What went wrong, what to do next, and the exit code.

mod advice;

use std::io;

use qga_bindings::Error;
use qga_bindings::ready::{NotReady, Reason};
use serde::Serialize;

use crate::target::Target;

/// Exit codes.
pub(crate) mod exit {
    /// Everything was done.
    pub(crate) const DONE: u8 = 0;
    /// The agent refused or failed.
    pub(crate) const FAILED: u8 = 1;
    /// The command line or the configuration is wrong.
    pub(crate) const USAGE: u8 = 2;
    /// No agent could be reached, so nothing happened.
    pub(crate) const UNREACHABLE: u8 = 3;
    /// The command was sent, and what came of it is unknown.
    pub(crate) const UNKNOWN: u8 = 4;
    /// A deadline passed; the code of `timeout`.
    pub(crate) const DEADLINE: u8 = 124;
    /// Whoever read our output has left; the code of shells for it.
    pub(crate) const PIPE: u8 = 141;

    /// The code for several guests: how many failed.
    pub(crate) fn several(failed: usize) -> u8 {
        u8::try_from(failed).unwrap_or(u8::MAX).min(100)
    }
}

/// Why a command of ours did not do what was asked.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// What failed and why.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) next: Option<String>,
    /// What kind of failure, for programs.
    pub(crate) kind: &'static str,
    /// The exit code.
    pub(crate) exit: u8,
    /// What the client said.
    #[serde(skip)]
    error: Option<Box<Error>>,
}

impl Failure {
    /// The agent, the guest or the host did not do what it should.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            next: None,
            kind: "failed",
            exit: exit::FAILED,
            error: None,
        }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { kind: "usage", exit: exit::USAGE, ..Self::new(message) }
    }

    /// What there is to say has been said; what is left is the exit code.
    pub(crate) fn silent(exit: u8) -> Self {
        Self { exit, ..Self::new("") }
    }

    /// Says what to do next.
    #[must_use]
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    fn with_error(mut self, error: Error) -> Self {
        self.error = Some(Box::new(error));
        self
    }

    /// Adds what can be known of the way to the guest.
    #[must_use]
    pub(crate) fn at(mut self, target: &Target) -> Self {
        if self.next.is_none() {
            self.next = self.error.as_deref().map(|error| advice::advice(error, target));
        }
        self
    }
}

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
            Reason::Silent | Reason::Busy => exit::DEADLINE,
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
