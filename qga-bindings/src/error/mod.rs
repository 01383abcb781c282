//! Why a command has no result, told so that a program can decide what to do next.

mod agent;
mod excerpt;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::protocol::Stranger;

pub use agent::{AgentError, ErrorClass};
pub(crate) use excerpt::Excerpt;

/// Why a command has no result.
///
/// Each variant answers the question that matters first: did the command take effect in the guest?
///
/// | variant | in the guest | what to do |
/// | --- | --- | --- |
/// | [`NotSent`](Self::NotSent) | nothing happened | try again when the cause is gone |
/// | [`OutcomeUnknown`](Self::OutcomeUnknown) | it may have run | look before trying again |
/// | [`Refused`](Self::Refused) | nothing happened | see [`Refusal`] |
/// | [`Failed`](Self::Failed) | it was tried and failed | see the agent's description |
/// | [`UnexpectedReply`](Self::UnexpectedReply) | it ran | the reply is kept, read it yourself |
/// | [`TooLong`](Self::TooLong) | it ran | ask for less at a time, or raise the limit |
///
/// After any of them the client stays usable: the next call puts the channel in order first.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The command never reached the agent in whole, so nothing happened.
    NotSent {
        /// The command's name.
        command: Cow<'static, str>,
        /// What was in the way.
        cause: Cause,
    },
    /// The command was sent, and no answer came: it may have run, may still run, or may run later.
    OutcomeUnknown {
        /// The command's name.
        command: Cow<'static, str>,
        /// Why there is no answer.
        cause: Cause,
    },
    /// The agent does not execute this command, at least not now.
    Refused {
        /// The command's name.
        command: Cow<'static, str>,
        /// What kind of refusal it is.
        why: Refusal,
        /// What the agent said.
        error: AgentError,
    },
    /// The agent tried to execute the command and failed, or did not like its arguments.
    Failed {
        /// The command's name.
        command: Cow<'static, str>,
        /// What the agent said.
        error: AgentError,
    },
    /// The agent answered with something that is not a reply to this command.
    UnexpectedReply {
        /// The command's name.
        command: Cow<'static, str>,
        /// What is wrong with the reply.
        problem: ReplyProblem,
        /// The reply as it came.
        reply: Vec<u8>,
    },
    /// The reply was longer than the client accepts and was thrown away as it came.
    TooLong {
        /// The command's name.
        command: Cow<'static, str>,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl Error {
    /// The name of the command that has no result.
    #[inline]
    pub fn command(&self) -> &str {
        match self {
            Self::NotSent { command, .. }
            | Self::OutcomeUnknown { command, .. }
            | Self::Refused { command, .. }
            | Self::Failed { command, .. }
            | Self::UnexpectedReply { command, .. }
            | Self::TooLong { command, .. } => command,
        }
    }

    /// What the agent said, where the error came from the agent.
    #[inline]
    pub fn agent_error(&self) -> Option<&AgentError> {
        match self {
            Self::Refused { error, .. } | Self::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether the agent does not have this command at all.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Refused { why: Refusal::Unsupported, .. })
    }

    /// Whether the deadline passed.
    #[inline]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::NotSent { cause, .. } | Self::OutcomeUnknown { cause, .. } => {
                matches!(cause, Cause::Deadline { .. } | Cause::Busy { .. } | Cause::Noise { .. })
            }
            _ => false,
        }
    }

    /// Whether the deadline passed because other clients were served, as far as that can be known: see [`Cause::Busy`].
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::NotSent { cause: Cause::Busy { .. }, .. })
    }

    /// Whether the command can have had an effect in the guest. Where this is `false`, repeating it is safe.
    pub fn may_have_run(&self) -> bool {
        !matches!(self, Self::NotSent { .. } | Self::Refused { .. })
    }
}

impl fmt::Display for Error {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent { command, cause } => write!(f, "{command} was not sent: {cause}"),
            Self::OutcomeUnknown { command, cause } => {
                write!(f, "{command} was sent, but whether it took effect is unknown: {cause}")
            }
            Self::Refused { command, why, error } => {
                write!(f, "{command} was refused: {why} ({error})")
            }
            Self::Failed { command, error } => write!(f, "{command} failed: {error}"),
            Self::UnexpectedReply { command, problem, reply } => {
                write!(
                    f,
                    "{command} returned something unexpected: {problem}; the reply begins {}",
                    Excerpt(reply)
                )
            }
            Self::TooLong { command, limit } => {
                write!(f, "the reply to {command} is longer than the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for Error {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotSent { cause, .. } | Self::OutcomeUnknown { cause, .. } => {
                std::error::Error::source(cause)
            }
            Self::Refused { error, .. } | Self::Failed { error, .. } => Some(error),
            Self::UnexpectedReply { problem, .. } => std::error::Error::source(problem),
            Self::TooLong { .. } => None,
        }
    }
}

/// What kept a command from being sent, or its answer from coming.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The deadline passed.
    Deadline {
        /// How long the call was allowed to take.
        limit: Duration,
        /// What it was waiting for.
        waiting_for: Stage,
    },
    /// The deadline passed while other clients were connected to the same socket, of which an agent serves one at a time.
    ///
    /// It is told only where it can be known: for unix sockets on Linux. Elsewhere it looks like an agent that is silent, and
    /// is [`Deadline`](Self::Deadline).
    Busy {
        /// How long the call was allowed to take.
        limit: Duration,
    },
    /// The deadline passed while something came that no agent says: something else than an agent is there, or the line is also
    /// the guest's console, and no agent runs.
    Noise {
        /// How long the call was allowed to take.
        limit: Duration,
        /// The first bytes that came.
        begins: Vec<u8>,
    },
    /// Something else than an agent is at the other end, known by how it began to speak.
    Stranger(Stranger),
    /// The other end closed the connection.
    Closed,
    /// The connection failed.
    Io(io::Error),
    /// The command's arguments cannot be written as JSON.
    Encode(serde_json::Error),
    /// An argument contains the character NUL, which agents pass on as two other bytes.
    Nul,
}

impl std::error::Error for Cause {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Encode(error) => Some(error),
            Self::Deadline { .. }
            | Self::Busy { .. }
            | Self::Noise { .. }
            | Self::Stranger(_)
            | Self::Closed
            | Self::Nul => None,
        }
    }
}

impl fmt::Display for Cause {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline { limit, waiting_for } => write!(f, "{waiting_for} within {limit:?}"),
            Self::Busy { limit } => write!(
                f,
                "other clients are connected to the agent, which serves one at a time, and no turn came within {limit:?}; \
                 wait longer, or have the others let go of it"
            ),
            Self::Noise { limit, begins } => write!(
                f,
                "what came is not what agents say, and no answer came within {limit:?}; it begins {}",
                Excerpt(begins)
            ),
            Self::Stranger(stranger) => write!(f, "this is {stranger}, not an agent"),
            Self::Closed => f.write_str("the connection was closed by the other end"),
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Encode(error) => write!(f, "its arguments cannot be written as JSON: {error}"),
            Self::Nul => {
                f.write_str("an argument contains a NUL character, which the agent would garble")
            }
        }
    }
}

/// What a call was waiting for when its deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// For the connection to be made.
    Connection,
    /// For an answer to the handshake that puts the channel in order.
    Handshake,
    /// For the agent to take the request.
    Write,
    /// For the reply.
    Reply,
}

impl fmt::Display for Stage {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "no connection could be made",
            Self::Handshake => {
                "the agent did not answer the handshake (the guest may be booting or suspended, its agent may not be \
                 running, or another client may hold the channel)"
            }
            Self::Write => "the agent did not take the whole request",
            Self::Reply => "no reply came",
        })
    }
}

/// Why an agent does not execute a command.
///
/// Agents answer all of these with one error class, so the client finds out which it is by asking for the list of
/// commands (`guest-info`) and for the state of the file systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The agent does not have the command: it is older, or was built without it.
    Unsupported,
    /// The agent has the command, and its administrator switched it off.
    Disabled,
    /// The agent has the command, and refuses it while file systems are frozen.
    Frozen,
    /// The agent could not be asked which it is.
    Undetermined,
}

impl fmt::Display for Refusal {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => "the agent does not have it",
            Self::Disabled => "it is disabled in the agent",
            Self::Frozen => "the agent does not execute it while file systems are frozen",
            Self::Undetermined => "it is unsupported, disabled, or file systems are frozen",
        })
    }
}

/// What is wrong with a reply.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplyProblem {
    /// It is not valid JSON, or not the JSON of a reply.
    Malformed(serde_json::Error),
    /// Its value is not of the type the command returns.
    WrongType(serde_json::Error),
    /// It is nested too deeply to be read.
    TooDeep {
        /// How deep replies may be nested.
        limit: usize,
    },
    /// The agent, or something between, broke it off and began anew.
    BrokenOff,
}

impl std::error::Error for ReplyProblem {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed(error) | Self::WrongType(error) => Some(error),
            Self::TooDeep { .. } | Self::BrokenOff => None,
        }
    }
}

impl fmt::Display for ReplyProblem {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Both quote what the guest said.
            Self::Malformed(error) => {
                write!(f, "it is not a reply: {}", Excerpt(error.to_string().as_bytes()))
            }
            Self::WrongType(error) => Excerpt(error.to_string().as_bytes()).fmt(f),
            Self::TooDeep { limit } => write!(f, "it is nested deeper than {limit} levels"),
            Self::BrokenOff => f.write_str("it breaks off in the middle"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_is_quoted_in_part_and_without_what_a_terminal_acts_on() {
        let value = format!("\"\u{202e}{}\"", "x".repeat(10_000));
        for kind in [ReplyProblem::WrongType, ReplyProblem::Malformed] {
            let problem = serde_json::from_str::<i64>(&value).expect_err("it is no number");
            let shown = kind(problem).to_string();
            assert!(shown.contains("\\u{202e}xxx"), "{shown}");
            assert!(shown.len() < 500, "{} bytes shown", shown.len());
        }
    }

    #[test]
    fn a_message_begins_with_the_command_and_says_what_the_agent_said() {
        let error = Error::Failed {
            command: "guest-file-open".into(),
            error: AgentError::new("GenericError", "no such file"),
        };
        assert_eq!(error.to_string(), "guest-file-open failed: no such file (GenericError)");
    }
}
