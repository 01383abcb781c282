//! Programs that were started.

use super::{Capture, Output};

/// A program that was started in the guest.
///
/// It belongs to the agent, not to the client: it goes on while nobody is connected, and any client of the same agent can ask
/// for it. The agent tells once how it ended and then forgets it, so what it told is kept here until it is taken. A process that nobody ever
/// asks for stays in the agent's memory together with its output: wait for each of them.
#[derive(Clone, Debug)]
pub struct Process {
    pid: i64,
    pub(super) capture: Capture,
    pub(super) output: Option<Output>,
}

impl Process {
    /// The process with a number that `guest-exec` gave, whoever asked for it.
    #[inline]
    pub fn new(pid: i64, capture: Capture) -> Self {
        Self { pid, capture, output: None }
    }

    /// The number of the process in the guest.
    #[inline]
    pub fn pid(&self) -> i64 {
        self.pid
    }

    /// How it ended and what it wrote, if that is known already.
    #[inline]
    pub fn output(&self) -> Option<&Output> {
        self.output.as_ref()
    }

    /// How it ended and what it wrote, if that is known already.
    #[inline]
    pub fn into_output(self) -> Option<Output> {
        self.output
    }
}
