//! Why a program did not run, or its end is not known.

use std::fmt;
use std::io;
use std::time::Duration;

use super::{MAX_STDIN, Output, Process};
use crate::error::Excerpt;
use crate::files::Leak;
use crate::{AgentError, Error};

/// Why a program did not run, or its end is not known.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecError {
    /// A command failed: the program cannot be started, or whether it was is unknown.
    Agent(Error),
    /// The program was started, and then a command failed. It may still run.
    Interrupted {
        /// The program, to wait for or to kill when the agent can be reached again.
        process: Box<Process>,
        /// What happened.
        error: Box<Error>,
        /// What of its output may still be open in the guest.
        leaked: Vec<Leak>,
    },
    /// The program did not end in time.
    Deadline {
        /// The time that was given.
        limit: Duration,
        /// The program. If it was killed, what it wrote until then is mostly known.
        process: Box<Process>,
        /// Whether it was killed.
        killed: bool,
    },
    /// The agent does not know the process: it or the guest was started anew, or how the process ended was told before, in an
    /// answer that was lost or to somebody else.
    Lost {
        /// The process.
        pid: i64,
        /// What the agent said.
        error: AgentError,
    },
    /// The agent cannot mix standard output and standard error: it is older than QEMU 8.1, or on Windows.
    CannotMerge,
    /// There is more to read for the program than [`MAX_STDIN`].
    StdinTooLong {
        /// How many bytes there are.
        length: usize,
    },
    /// A variable of the environment has no name.
    UnnamedVariable {
        /// The variable, as it would have been sent.
        variable: String,
    },
    /// Output cannot be followed in this guest: Windows' own shell cannot be given arguments safely.
    NotStreamable,
    /// There is nowhere in the guest to put output that is to be followed.
    NoRoom {
        /// How the attempt ended.
        attempt: Box<Output>,
    },
    /// What was to be done with output on this side failed.
    Local {
        /// What happened.
        error: io::Error,
        /// Whether the program was killed.
        killed: bool,
    },
    /// The process could not be killed, and it runs still as far as is known.
    NotKilled {
        /// The process.
        pid: i64,
        /// How the attempt ended.
        attempt: Box<Output>,
    },
}

impl ExecError {
    /// What the client said, where a command failed.
    #[inline]
    pub fn client_error(&self) -> Option<&Error> {
        match self {
            Self::Agent(error) => Some(error),
            Self::Interrupted { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The program that was started and may still run.
    #[inline]
    pub fn into_process(self) -> Option<Process> {
        match self {
            Self::Interrupted { process, .. } | Self::Deadline { process, .. } => Some(*process),
            _ => None,
        }
    }

    /// The same error, about a program that was started.
    #[inline]
    pub(super) fn of_started(self, process: Process, leaked: Vec<Leak>) -> Self {
        match self {
            Self::Agent(error) => {
                let (process, error) = (Box::new(process), Box::new(error));
                Self::Interrupted { process, error, leaked }
            }
            other => other,
        }
    }
}

impl From<Error> for ExecError {
    #[inline]
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for ExecError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
            Self::Interrupted { process, error, leaked } => {
                write!(f, "process {} was started and may still run: {error}", process.pid())?;
                leaked.iter().try_for_each(|leak| write!(f, "; {leak}"))
            }
            Self::Deadline { limit, process, killed } => {
                let end = if *killed { "it was killed" } else { "it may still run" };
                write!(f, "process {} did not end within {limit:?}; {end}", process.pid())
            }
            Self::Lost { pid, error } => write!(
                f,
                "the agent does not know process {pid}: it or the guest was started anew, or how the process ended was \
                 told before ({error})"
            ),
            Self::CannotMerge => f.write_str(
                "the agent cannot mix standard output and standard error; capture them apart, or let a shell in the \
                 guest redirect one",
            ),
            Self::StdinTooLong { length } => write!(
                f,
                "{length} bytes of standard input are more than the {MAX_STDIN} that agents take; copy them to a file \
                 in the guest"
            ),
            Self::UnnamedVariable { variable } => {
                write!(f, "the variable {variable:?} of the environment has no name")
            }
            Self::NotStreamable => f.write_str(
                "output cannot be followed in a Windows guest; run the program with `exec`, which gives its output at its end",
            ),
            Self::NoRoom { attempt } => write!(
                f,
                "no temporary files could be made in the guest for output ({}): {}",
                attempt.exit,
                Excerpt(&attempt.stderr)
            ),
            Self::Local { error, killed } => {
                let end = if *killed { "the program was killed" } else { "the program may still run" };
                write!(f, "output could not be handed on: {error}; {end}")
            }
            Self::NotKilled { pid, attempt } => write!(
                f,
                "process {pid} could not be killed ({}): {}",
                attempt.exit,
                Excerpt(&attempt.stderr)
            ),
        }
    }
}

impl std::error::Error for ExecError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
            Self::Interrupted { error, .. } => Some(error),
            Self::Lost { error, .. } => Some(error),
            Self::Local { error, .. } => Some(error),
            _ => None,
        }
    }
}
