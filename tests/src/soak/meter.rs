//! What this process holds: memory and descriptors.

use std::fmt;
use std::fs;
use std::io;

/// How much memory may come and go with the weather: of allocators, runtimes and the like.
const GROWTH: u64 = 1 << 20;

/// What a process held at some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    /// Resident memory, in bytes.
    memory: u64,
    descriptors: usize,
}

impl Meter {
    pub(super) fn read() -> io::Result<Self> {
        let rollup = fs::read_to_string("/proc/self/smaps_rollup")?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        let memory =
            kib.ok_or_else(|| io::Error::other("the system does not tell our memory"))? << 10;
        Ok(Self { memory, descriptors: fs::read_dir("/proc/self/fd")?.count() })
    }

    /// Fails if more is held now than was then.
    pub(super) fn check(self, then: Self) -> io::Result<()> {
        let grown = self.memory > then.memory + GROWTH || self.descriptors > then.descriptors;
        if grown { Err(io::Error::other(format!("from {then} to {self}"))) } else { Ok(()) }
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB and {} descriptors", self.memory >> 10, self.descriptors)
    }
}
