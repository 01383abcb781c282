//! File systems that are frozen, for programs that wait: a thread holds the client and thaws.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use super::helpers::Waited;
use crate::freeze::{Freeze, FreezeError, Hold, NotFrozen, Thawed, begin, end};
use crate::guest::block_on;
use crate::{Error, Execute};

type Ended<E> = Option<(E, Result<Thawed, FreezeError>)>;

/// File systems that are frozen until this is dropped, or its time is over.
///
/// A thread holds the client meanwhile, so nothing else can be asked of the agent, which would refuse it anyway. Dropping
/// this waits until the guest is thawed, for as long as [`thaw_within`](Freeze::thaw_within) says; [`thaw`](Self::thaw) tells
/// how it went.
#[must_use = "file systems are thawed as soon as this is dropped"]
pub struct Frozen<E> {
    file_systems: u64,
    deadline: Option<Instant>,
    /// Dropped to have the guest thawed.
    hold: Option<Sender<(E, Hold)>>,
    keeper: Option<JoinHandle<Ended<E>>>,
}

impl<E: Execute<Error = Error> + Send + 'static> Frozen<E> {
    pub(super) fn begin(mut agent: E, freeze: &Freeze) -> Result<Self, NotFrozen<E>> {
        let (hold, taken) = channel();
        // It is there before anything is frozen: were there no thread, nobody could thaw.
        let thread = std::thread::Builder::new().name("qga-freeze".to_owned());
        let keeper = match thread.spawn(move || keep(&taken)) {
            Ok(keeper) => keeper,
            Err(error) => return Err(NotFrozen::new(agent, FreezeError::Timer(error))),
        };
        let frozen = match block_on(begin(&mut Waited(&mut agent), freeze)) {
            Ok(frozen) => frozen,
            Err(error) => return Err(NotFrozen::new(agent, error)),
        };
        let (file_systems, deadline) = (frozen.file_systems, frozen.deadline());
        // The thread waits for it; it does not end before.
        drop(hold.send((agent, frozen)));
        Ok(Self { file_systems, deadline, hold: Some(hold), keeper: Some(keeper) })
    }
}

impl<E> Frozen<E> {
    /// How many file systems are frozen.
    pub fn file_systems(&self) -> u64 {
        self.file_systems
    }

    /// When they are thawed at the latest; `None` if the clock does not go that far.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Thaws, and returns the agent.
    ///
    /// # Errors
    /// [`NotHeld`](FreezeError::NotHeld) if the guest was not frozen all the time, so that what was copied may be
    /// inconsistent; [`NotThawed`](FreezeError::NotThawed) if it may still be frozen.
    ///
    /// # Panics
    /// If the agent's `execute` does.
    pub fn thaw(mut self) -> (E, Result<Thawed, FreezeError>) {
        match self.release() {
            Some(Ok(Some(ended))) => ended,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(None)) | None => unreachable!("the thread has the agent, and is asked once"),
        }
    }

    fn release(&mut self) -> Option<std::thread::Result<Ended<E>>> {
        drop(self.hold.take());
        self.keeper.take().map(JoinHandle::join)
    }
}

impl<E> Drop for Frozen<E> {
    fn drop(&mut self) {
        drop(self.release());
    }
}

impl<E> std::fmt::Debug for Frozen<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frozen").field("file_systems", &self.file_systems).finish_non_exhaustive()
    }
}

/// Waits until the guard is gone or the time is over, and thaws.
fn keep<E: Execute<Error = Error>>(taken: &Receiver<(E, Hold)>) -> Ended<E> {
    let (mut agent, hold) = taken.recv().ok()?;
    let expired = match hold.deadline() {
        Some(deadline) => {
            let left = deadline.saturating_duration_since(Instant::now());
            matches!(taken.recv_timeout(left), Err(RecvTimeoutError::Timeout))
        }
        None => taken.recv().is_ok(),
    };
    let thawed = block_on(end(&mut Waited(&mut agent), hold, expired));
    Some((agent, thawed))
}
