//! Why something could not be done with a file.

use std::fmt;
use std::io;

use super::Leak;
use crate::Error;
use crate::error::Excerpt;
use crate::exec::{ExecError, Output};

/// Why something could not be done with a file in the guest, and how far it got.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileError {
    /// The file.
    pub path: String,
    /// How many bytes of the guest's file are done: from here a copy can be [resumed](super::CopyOptions::offset).
    pub done: u64,
    /// What is wrong.
    pub problem: Box<FileProblem>,
    /// What could not be closed. Calls on the same `Files` try again where that is safe.
    pub leaked: Vec<Leak>,
}

/// What can be wrong with a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileProblem {
    /// A command failed.
    Agent(Error),
    /// A program of the guest that was needed did not run.
    Exec(ExecError),
    /// A program of the guest that was needed failed.
    Program {
        /// What it was for.
        purpose: &'static str,
        /// How it ended.
        output: Box<Output>,
    },
    /// A program of the guest that was needed wrote something else than it should.
    NotUnderstood {
        /// What it was for.
        purpose: &'static str,
        /// What it wrote.
        text: String,
    },
    /// The file or stream on this side failed.
    Local(io::Error),
    /// There is more than the limit.
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The agent takes no more bytes, and does not say why.
    NothingWritten,
    /// The agent says that it read or wrote more than it was asked for, or another number of bytes than it sent.
    WrongCount {
        /// How many bytes there are at most.
        bytes: usize,
        /// How many the agent says there are.
        count: i64,
    },
    /// The copy was to begin behind the end of the guest's file.
    BehindTheEnd {
        /// How long the file is.
        length: u64,
    },
    /// The guest's file was longer before, and what is behind the copy cannot be cut off.
    TailLeft {
        /// How long the file is.
        length: u64,
    },
    /// What is in the guest differs from what was copied.
    Differs,
    /// A file of the directory differs from what was copied.
    DiffersIn {
        /// Its name below the directory.
        name: String,
    },
    /// A replacement cannot be resumed: there is nothing of it in place.
    CannotResume,
}

impl From<Error> for FileProblem {
    #[inline]
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl From<ExecError> for FileProblem {
    #[inline]
    fn from(error: ExecError) -> Self {
        Self::Exec(error)
    }
}

impl fmt::Display for FileError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in the guest: {}", self.path, self.problem)?;
        if self.done > 0 {
            write!(f, " ({} bytes were done)", self.done)?;
        }
        self.leaked.iter().try_for_each(|leak| write!(f, "; {leak}"))
    }
}

impl fmt::Display for FileProblem {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
            Self::Exec(error) => error.fmt(f),
            Self::Program { purpose, output } => write!(
                f,
                "a program that was to {purpose} failed ({}): {}",
                output.exit,
                Excerpt(&output.stderr)
            ),
            Self::NotUnderstood { purpose, text } => {
                write!(f, "a program that was to {purpose} wrote {}", Excerpt(text.as_bytes()))
            }
            Self::Local(error) => write!(f, "the copy on this side failed: {error}"),
            Self::TooLong { limit } => write!(f, "there is more than the limit of {limit} bytes"),
            Self::NothingWritten => f.write_str("the agent wrote nothing, and does not say why"),
            Self::WrongCount { bytes, count } => {
                write!(f, "the agent says {count} where {bytes} bytes were to be moved")
            }
            Self::BehindTheEnd { length } => {
                write!(f, "it ends at {length} bytes, before the copy was to begin; begin there")
            }
            Self::TailLeft { length } => write!(
                f,
                "it was longer before, {length} bytes, and cannot be cut; copy it anew from the beginning"
            ),
            Self::Differs => f.write_str("it differs from what was copied"),
            Self::DiffersIn { name } => write!(f, "{name:?} in it differs from what was copied"),
            Self::CannotResume => f.write_str(
                "a replacement begins with an empty file, so there is nothing to resume; copy it from the beginning",
            ),
        }
    }
}

impl std::error::Error for FileError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.problem {
            FileProblem::Agent(error) => Some(error),
            FileProblem::Exec(error) => Some(error),
            FileProblem::Local(error) => Some(error),
            _ => None,
        }
    }
}
