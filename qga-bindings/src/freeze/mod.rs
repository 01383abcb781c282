//! File systems held still while their disks are copied, and thawed again whatever happens.
//!
//! ```
//! # #[cfg(feature = "fake")] {
//! use qga_bindings::blocking::{Client, Helpers};
//! use qga_bindings::fake::Agent;
//! use qga_bindings::freeze::Freeze;
//!
//! # let agent = Agent::new();
//! # agent.add_file_systems(["/", "/srv"]);
//! # fn copy_the_disk() {}
//! let client = Client::new(agent.connect());
//! let frozen = client.freeze(&Freeze::all())?;
//! copy_the_disk(); // whatever happens here, the guest is thawed
//! let (client, thawed) = frozen.thaw();
//! println!("the guest was frozen for {:?}", thawed?.held);
//! # drop(client);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What can go wrong, and what happens then
//!
//! | what | what happens |
//! | --- | --- |
//! | something else froze the file systems before | nothing: [`AlreadyFrozen`](FreezeError::AlreadyFrozen); what others froze is not thawed |
//! | there is nothing to freeze | [`NothingFrozen`](FreezeError::NothingFrozen): a copy would be of a running guest |
//! | no answer comes to the freeze | the agent is asked until it says whether it froze, and if so, is told to thaw |
//! | the program forgets to thaw, fails or panics | dropping the guard thaws |
//! | the copy takes too long | the guest is thawed at the [deadline](Freeze::at_most), and [`thaw`](crate::blocking::Frozen::thaw) says so |
//! | the connection or the agent dies | the client connects anew, if it can; the state outlives both |
//! | the host's process is killed | nothing: the guest stays frozen until somebody thaws it |
//!
//! # Windows
//!
//! Windows holds writes for ten seconds at most, then lets go by itself, and the agent's answer to the thaw is an error (the
//! limit is that of its Volume Shadow Copy Service: Microsoft's knowledge base, article 975688). So copy faster than that, or
//! take a snapshot; a longer [`at_most`](Freeze::at_most) does not help.

mod error;
mod hold;

pub use error::{FreezeError, NotFrozen};
pub(crate) use hold::{Hold, begin, end};

use std::time::Duration;

/// What to freeze, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    mountpoints: Option<Vec<String>>,
    within: Option<Duration>,
    at_most: Duration,
    thaw_within: Duration,
}

impl Freeze {
    /// Freezes every local file system that can be frozen.
    #[inline]
    pub fn all() -> Self {
        Self {
            mountpoints: None,
            within: None,
            // From here on Linux begins to report processes that hang.
            at_most: Duration::from_secs(120),
            thaw_within: Duration::from_secs(180),
        }
    }

    /// Freezes the file systems mounted at these places, written as `guest-get-fsinfo` gives them. Agents ignore a path that
    /// is no mount point: compare the number of file systems frozen. Needs QEMU 2.2.
    pub fn mountpoints(mountpoints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mountpoints = mountpoints.into_iter().map(Into::into).collect();
        Self { mountpoints: Some(mountpoints), ..Self::all() }
    }

    /// Sets how long freezing may take; otherwise as long as the client allows the command, which is ten minutes by default.
    /// The guest writes out everything first.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = Some(limit);
        self
    }

    /// Sets how long the guest is kept frozen at most; otherwise two minutes. Then it is thawed, even if the copy is not done.
    #[must_use]
    pub fn at_most(mut self, limit: Duration) -> Self {
        self.at_most = limit;
        self
    }

    /// Sets for how long it is tried to thaw the guest; otherwise three minutes. Whoever drops a
    /// [`blocking::Frozen`](crate::blocking::Frozen) waits that long at most.
    #[must_use]
    pub fn thaw_within(mut self, limit: Duration) -> Self {
        self.thaw_within = limit;
        self
    }
}

/// What happened from the freeze to the thaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thawed {
    /// How many file systems were frozen.
    pub frozen: u64,
    /// How many were thawed; `None` if the agent's answer was lost, after which it said that nothing is frozen any more.
    pub thawed: Option<u64>,
    /// How long they were frozen, from the agent's answer to the freeze to its answer to the thaw.
    pub held: Duration,
    /// Whether they were thawed because the time was over.
    pub expired: bool,
}

/// What comes of work that was done while the guest was frozen.
#[derive(Debug)]
#[non_exhaustive]
pub struct Held<E, T> {
    /// The agent.
    pub agent: E,
    /// What the work returned.
    pub value: T,
    /// Whether the guest was frozen all the time; see [`thaw`](crate::blocking::Frozen::thaw).
    pub thawed: Result<Thawed, FreezeError>,
}
