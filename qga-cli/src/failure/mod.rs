//! What went wrong, what to do next, and the exit code.

mod advice;
mod convert;

use qga_bindings::Error;
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
    /// Something of ours failed before a program of the guest could say anything; the code of `env` and `timeout`.
    pub(crate) const OURS: u8 = 125;
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

    /// Something of the host is in the way.
    pub(crate) fn host(message: impl Into<String>) -> Self {
        Self { kind: "host", ..Self::new(message) }
    }

    /// A failure with an exit code of its own.
    pub(crate) fn with_exit(message: impl Into<String>, exit: u8) -> Self {
        Self::new(message).exiting(exit)
    }

    /// Sets the exit code.
    #[must_use]
    pub(crate) fn exiting(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    /// A failure where the exit code is otherwise that of a program: it is not to be taken for the program's.
    #[must_use]
    pub(crate) fn ours(mut self) -> Self {
        if matches!(self.exit, exit::FAILED | exit::USAGE | exit::UNREACHABLE | exit::UNKNOWN)
            && !self.message.is_empty()
        {
            self.exit = exit::OURS;
        }
        self
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

    /// Says what to do next, unless there is something better to say.
    #[must_use]
    pub(crate) fn or_next(mut self, next: impl Into<String>) -> Self {
        self.next.get_or_insert_with(|| next.into());
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
