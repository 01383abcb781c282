//! Why file systems were not frozen, or not thawed, or not frozen long enough.

use std::fmt;
use std::io;

use super::Thawed;
use crate::Error;
use crate::types::GuestFsfreezeStatus;

/// Why file systems are not frozen, or not thawed, or were not frozen all the time.
#[derive(Debug)]
#[non_exhaustive]
pub enum FreezeError {
    /// The agent cannot freeze, refused to or failed, and nothing is frozen.
    Agent(Error),
    /// Something else had frozen file systems already. They were left alone.
    AlreadyFrozen {
        /// What the agent said.
        status: GuestFsfreezeStatus,
    },
    /// The agent found nothing to freeze: no file system can be, or none is mounted at the places given.
    NothingFrozen,
    /// No answer came in time, or none that could be understood; file systems were frozen all the same, and were thawed again.
    Undone {
        /// Why there is no answer.
        error: Error,
    },
    /// No answer came, and whether file systems are frozen could not be found out. They may be, or may become so later.
    Unresolved {
        /// Why there is no answer to the freeze.
        error: Error,
        /// Why the guest could not be thawed.
        thaw: Error,
    },
    /// The guest could not be thawed.
    NotThawed {
        /// Why.
        error: Error,
        /// Whether it is still frozen, as the agent says; `None` if it does not say.
        frozen: Option<bool>,
    },
    /// The guest is thawed, but was not frozen all the time: the time was over, or file systems had been thawed by something
    /// else, such as a restart of the guest. A copy of its disks may be inconsistent.
    NotHeld(Thawed),
    /// The thread that thaws at the deadline cannot be started. Nothing was frozen.
    Timer(io::Error),
}

impl From<Error> for FreezeError {
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for FreezeError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
            Self::AlreadyFrozen { status } => write!(
                f,
                "file systems are {status} already, by something else; thaw them if it does not come back"
            ),
            Self::NothingFrozen => f.write_str(
                "no file system was frozen: none can be, or none is mounted at the places given",
            ),
            Self::Undone { error } => {
                write!(f, "file systems were frozen too late and thawed again: {error}")
            }
            Self::Unresolved { error, thaw } => write!(
                f,
                "file systems may be frozen, or become so later ({error}), and it could not be found out ({thaw}); see \
                 guest-fsfreeze-status when the agent answers again"
            ),
            Self::NotThawed { error, frozen } => {
                let state = match frozen {
                    Some(true) => "file systems are still frozen",
                    Some(false) => "file systems are thawed, but not as they should be",
                    None => "file systems may still be frozen",
                };
                write!(f, "{state}: {error}")
            }
            Self::NotHeld(Thawed { expired: true, held, .. }) => {
                write!(f, "file systems were thawed after {held:?}, because the time was over")
            }
            Self::NotHeld(Thawed { frozen, thawed, .. }) => write!(
                f,
                "of {frozen} file systems that were frozen, only {} were so until the end",
                thawed.unwrap_or_default()
            ),
            Self::Timer(error) => write!(f, "the deadline cannot be watched: {error}"),
        }
    }
}

impl std::error::Error for FreezeError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
            Self::Undone { error }
            | Self::Unresolved { error, .. }
            | Self::NotThawed { error, .. } => Some(error),
            Self::Timer(error) => Some(error),
            Self::AlreadyFrozen { .. } | Self::NothingFrozen | Self::NotHeld(_) => None,
        }
    }
}

/// Why file systems are not frozen, and the agent they should have been frozen by.
pub struct NotFrozen<E>(Box<(E, FreezeError)>);

impl<E> NotFrozen<E> {
    pub(crate) fn new(agent: E, error: FreezeError) -> Self {
        Self(Box::new((agent, error)))
    }

    /// Why.
    pub fn error(&self) -> &FreezeError {
        &self.0.1
    }

    /// The agent, and why.
    pub fn into_parts(self) -> (E, FreezeError) {
        *self.0
    }
}

impl<E> From<NotFrozen<E>> for FreezeError {
    fn from(not_frozen: NotFrozen<E>) -> Self {
        not_frozen.into_parts().1
    }
}

impl<E> fmt::Debug for NotFrozen<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NotFrozen").field(self.error()).finish()
    }
}

impl<E> fmt::Display for NotFrozen<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl<E> std::error::Error for NotFrozen<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.error())
    }
}
