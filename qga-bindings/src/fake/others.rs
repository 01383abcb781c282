//! Fake agents like those that others wrote, or built differently, as far as a client notices.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Agent;
use super::dialect::{Dialect, ErrorStyle};
use crate::Release;

/// What builds for Windows have, of the commands that agents of QEMU have.
const NOT_ON_WINDOWS: &[&str] = &[
    "guest-suspend-hybrid",
    "guest-set-vcpus",
    "guest-get-memory-blocks",
    "guest-set-memory-blocks",
    "guest-get-memory-block-info",
    "guest-get-diskstats",
    "guest-get-cpustats",
];

/// What the agent that FreeBSD's users install lists, and does not do.
const DISABLED_ON_FREEBSD: &[&str] = &[
    "guest-fsfreeze-status",
    "guest-fsfreeze-freeze",
    "guest-fsfreeze-freeze-list",
    "guest-fsfreeze-thaw",
    "guest-fstrim",
    "guest-suspend-disk",
    "guest-suspend-ram",
    "guest-suspend-hybrid",
    "guest-set-vcpus",
    "guest-get-memory-blocks",
    "guest-set-memory-blocks",
    "guest-get-memory-block-info",
];

impl Agent {
    /// An agent of a release of QEMU in a Windows guest: it lacks what Windows cannot do, says to be of a version that is none
    /// of QEMU's, and cannot keep file systems frozen for more than ten seconds.
    pub fn of_windows(release: Release) -> Self {
        let agent = Self::of_release(release);
        for name in NOT_ON_WINDOWS {
            // Before 9.1 they were built and switched off.
            if release < Release::new(9, 1) {
                agent.disable(name)
            } else {
                agent.without(name)
            };
        }
        agent.set_freeze_limit(Duration::from_secs(10)).set_version("108.0.2");
        agent
    }

    /// An agent as FreeBSD's users install it: QEMU 5.1's, with what FreeBSD cannot do switched off.
    pub fn of_freebsd() -> Self {
        let agent = Self::of_release(Release::new(5, 1));
        for name in DISABLED_ON_FREEBSD {
            agent.disable(name);
        }
        agent
    }

    /// An old agent written by others, which knows nothing but `guest-sync`, `guest-ping`, `guest-info` and
    /// `guest-shutdown`, and whose errors have a number in place of a class.
    pub fn without_delimited_sync() -> Self {
        let agent = Self::of_release(Release::new(1, 7));
        let commands = ["guest-sync", "guest-ping", "guest-info", "guest-shutdown"];
        let dialect = Dialect { errors: ErrorStyle::Code, ..Dialect::of(Release::new(1, 7)) };
        agent.lock().become_one_of(dialect, &BTreeSet::from(commands));
        agent
    }
}
