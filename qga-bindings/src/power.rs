//! Shutting a guest down, restarting it and sending it to sleep, and what can be seen of that from outside.
//!
//! An agent does not answer these commands when it succeeds, and nothing that it says would prove that the guest obeys. What
//! can be seen is whether the agent went on without an error, whether the connection ended, whether the agent fell silent,
//! and whether it came back; [`Power`] says which of that to wait for, and [`Outcome`] what was seen.
//!
//! ```
//! # #[cfg(feature = "fake")] {
//! use std::time::Duration;
//!
//! use qga_bindings::blocking::{Client, Helpers};
//! use qga_bindings::fake::Agent;
//! use qga_bindings::power::{Outcome, Power};
//!
//! # let agent = Agent::new();
//! # agent.add_files().insert("/dev/null", []);
//! # agent.add_power(Duration::from_millis(20));
//! let mut client = Client::new(agent.connect());
//! match client.power(&Power::reboot())? {
//!     Outcome::Back { after } => println!("up again after {after:?}"),
//!     outcome => println!("not seen to be up again: {outcome:?}"),
//! }
//! # }
//! # Ok::<(), qga_bindings::power::PowerError>(())
//! ```

mod watch;

use std::fmt;
use std::time::Duration;

use crate::guest::Guest;
use crate::types::GuestShutdownMode;
use crate::{Error, NoReply, commands};

/// What a guest is to do, what to wait for, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Power {
    change: Change,
    until: Until,
    within: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Shutdown(GuestShutdownMode),
    SuspendRam,
    SuspendDisk,
    SuspendHybrid,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Until {
    /// That the agent takes the command and reports no error.
    Accepted,
    /// That the connection ends or the agent falls silent.
    Gone,
    /// That the agent answers again, after it was gone.
    Back,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The agent took the command and reported no error. That it had an effect is not known.
    Accepted,
    /// The connection ended, and no other could be made: the virtual machine is off, or what connects to it is.
    Ended,
    /// The agent does not answer any more: the guest is halted or asleep, or goes about it still.
    Silent,
    /// The agent answers again. After a restart its file handles and the processes it started are gone.
    Back {
        /// How long after the command it did.
        after: Duration,
    },
}

impl Power {
    /// Shuts the guest down and switches it off; waits two minutes for the connection to end. QEMU's process ends then, unless
    /// it was told to stay. Since QEMU 0.15.
    pub fn off() -> Self {
        Self::new(Change::Shutdown(GuestShutdownMode::Powerdown), Until::Gone, 120)
    }

    /// Shuts the guest down without switching it off; waits two minutes for silence. Since QEMU 0.15.
    pub fn halt() -> Self {
        Self::new(Change::Shutdown(GuestShutdownMode::Halt), Until::Gone, 120)
    }

    /// Restarts the guest; waits five minutes for it to come back. Since QEMU 0.15.
    ///
    /// The connection of a virtual machine stays open meanwhile. So as to know the new agent from the old one, a file handle
    /// is opened before: the new one does not know it. Where the agent does not open files, it is one that was silent for a
    /// while.
    pub fn reboot() -> Self {
        Self::new(Change::Shutdown(GuestShutdownMode::Reboot), Until::Back, 300)
    }

    /// Suspends the guest to its memory; waits 30 seconds for silence. A virtual machine is woken up from outside. Since
    /// QEMU 1.1.
    pub fn suspend_to_ram() -> Self {
        Self::new(Change::SuspendRam, Until::Gone, 30)
    }

    /// Suspends the guest to its disk and switches it off; waits two minutes for the connection to end. Since QEMU 1.1.
    pub fn suspend_to_disk() -> Self {
        Self::new(Change::SuspendDisk, Until::Gone, 120)
    }

    /// Suspends the guest to its memory and its disk; waits two minutes for silence. Since QEMU 1.1, Linux guests only.
    pub fn suspend_hybrid() -> Self {
        Self::new(Change::SuspendHybrid, Until::Gone, 120)
    }

    fn new(change: Change, until: Until, seconds: u64) -> Self {
        Self { change, until, within: Duration::from_secs(seconds) }
    }

    /// Sets what to wait for.
    #[must_use]
    pub fn until(mut self, until: Until) -> Self {
        self.until = until;
        self
    }

    /// Sets for how long to wait.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = limit;
        self
    }
}

impl Change {
    /// Whether the virtual machine ends when it is done.
    fn ends_machine(&self) -> bool {
        matches!(self, Self::Shutdown(GuestShutdownMode::Powerdown) | Self::SuspendDisk)
    }

    /// Whether the agent that comes back is another one.
    fn ends_agent(&self) -> bool {
        matches!(self, Self::Shutdown(_))
    }
}

/// Why the outcome is not the one that was waited for.
#[derive(Debug)]
#[non_exhaustive]
pub enum PowerError {
    /// The agent cannot do it or refused, or could not be told: see [`Error`]. A mode that the guest does not support is an
    /// [`Error::Failed`], and an agent without the command an [`Error::Refused`].
    Agent(Error),
    /// The agent reported no error, but what was waited for was not seen in time.
    Unconfirmed {
        /// What was waited for.
        until: Until,
        /// What was seen last.
        seen: Outcome,
        /// For how long.
        within: Duration,
    },
}

impl From<Error> for PowerError {
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for PowerError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (until, seen, within) = match self {
            Self::Agent(error) => return error.fmt(f),
            Self::Unconfirmed { until, seen, within } => (until, seen, within),
        };
        let until = match until {
            Until::Accepted => "accepted",
            Until::Gone => "gone",
            Until::Back => "back",
        };
        let seen = match seen {
            Outcome::Accepted | Outcome::Back { .. } => "its agent still answers as before",
            Outcome::Ended => "no connection to it can be made",
            Outcome::Silent => "its agent does not answer",
        };
        write!(
            f,
            "the agent reported no error, but the guest is not {until} after {within:?}: {seen}"
        )
    }
}

impl std::error::Error for PowerError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
            Self::Unconfirmed { .. } => None,
        }
    }
}

pub(crate) async fn run(guest: &mut impl Guest, power: &Power) -> Result<Outcome, PowerError> {
    let mark = match power.until {
        Until::Back if power.change.ends_agent() => watch::Mark::leave(guest).await,
        _ => None,
    };
    let mut watch = watch::Watch::new(guest, power);
    match send(guest, power).await {
        Ok(reply) => watch.saw(guest, reply),
        Err(error) => {
            if let Some(mark) = mark {
                mark.remove(guest).await;
            }
            return Err(error.into());
        }
    }
    match power.until {
        Until::Accepted => Ok(watch.seen()),
        Until::Gone => watch.until_gone(guest).await,
        Until::Back => watch.until_back(guest, mark).await,
    }
}

async fn send(guest: &mut impl Guest, power: &Power) -> Result<NoReply, Error> {
    // Nothing comes of waiting longer for an answer where there is something else to wait for.
    const LONGEST: Duration = Duration::from_secs(10);
    let limit = Some(match power.until {
        Until::Accepted => power.within,
        Until::Gone | Until::Back => power.within.min(LONGEST),
    });
    match &power.change {
        Change::Shutdown(mode) => {
            guest.execute(&commands::GuestShutdown::new().mode(mode.clone()), limit).await
        }
        Change::SuspendRam => guest.execute(&commands::GuestSuspendRam::new(), limit).await,
        Change::SuspendDisk => guest.execute(&commands::GuestSuspendDisk::new(), limit).await,
        Change::SuspendHybrid => guest.execute(&commands::GuestSuspendHybrid::new(), limit).await,
    }
}
