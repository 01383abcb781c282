//! What a session says, and that it cannot take a command.

use super::message::Reply;
#[cfg(doc)]
use super::session::Session;
use crate::{AgentError, ReplyProblem};

/// What a [`Session`] has to say.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The channel is in order: what comes next belongs to what is sent next.
    Synced,
    /// The command succeeded.
    Returned(Reply),
    /// The agent reported an error.
    Failed(AgentError),
    /// A command without a reply was taken: the agent has gone on to what was sent behind it, and reported no error.
    Accepted,
    /// What came in place of a reply is none.
    Garbled {
        /// What is wrong with it.
        problem: ReplyProblem,
        /// What came.
        reply: Vec<u8>,
    },
    /// The reply was longer than the limit; all of it has been read and thrown away.
    TooLong,
}

/// The session cannot take a command: a reply is due, or the channel has to be put in order first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReady;

impl std::fmt::Display for NotReady {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "the session cannot take a command before it is in order and without a reply due",
        )
    }
}

impl std::error::Error for NotReady {}
