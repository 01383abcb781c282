//! File systems that are frozen, as futures: a task holds the client and thaws.

use std::time::Instant;

use ::tokio::sync::oneshot;
use ::tokio::task::JoinHandle;
use ::tokio::time::timeout_at;

use super::helpers::Awaited;
use crate::freeze::{Freeze, FreezeError, NotFrozen, Thawed, begin, end};
use crate::{Error, ExecuteAsync};

type Ended<E> = (E, Result<Thawed, FreezeError>);

/// File systems that are frozen until this is dropped, or its time is over.
///
/// A task holds the client meanwhile, so nothing else can be asked of the agent, which would refuse it anyway. The task goes
/// on after this is dropped, and thaws; [`thaw`](Self::thaw) waits for that, and tells how it went. A runtime that is shut
/// down takes the task with it, and the guest stays frozen: thaw before.
#[must_use = "file systems are thawed as soon as this is dropped"]
pub struct Frozen<E> {
    file_systems: u64,
    deadline: Option<Instant>,
    /// Dropped to have the guest thawed.
    hold: oneshot::Sender<()>,
    keeper: JoinHandle<Ended<E>>,
}

impl<E: ExecuteAsync<Error = Error> + Send + 'static> Frozen<E> {
    pub(super) async fn begin(mut agent: E, freeze: Freeze) -> Result<Self, NotFrozen<E>> {
        let (hold, mut dropped) = oneshot::channel::<()>();
        let (report, reported) = oneshot::channel();
        // All of it is in the task, so that it is thawed also when nobody waits for the freeze any more.
        let keeper = ::tokio::spawn(async move {
            let frozen = match begin(&mut Awaited(&mut agent), &freeze).await {
                Ok(frozen) => frozen,
                Err(error) => return (agent, Err(error)),
            };
            let deadline = frozen.deadline();
            // If nobody takes it, the guard is gone too.
            let _ = report.send((frozen.file_systems, deadline));
            let expired = match deadline {
                Some(deadline) => timeout_at(deadline.into(), &mut dropped).await.is_err(),
                None => (&mut dropped).await.is_ok(),
            };
            let thawed = end(&mut Awaited(&mut agent), frozen, expired).await;
            (agent, thawed)
        });
        if let Ok((file_systems, deadline)) = reported.await {
            return Ok(Self { file_systems, deadline, hold, keeper });
        }
        let (agent, ended) = join(keeper).await;
        Err(NotFrozen::new(agent, ended.err().unwrap_or(FreezeError::NothingFrozen)))
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

    /// Thaws, and returns the agent. Dropping the future does not stop the thaw.
    ///
    /// # Errors
    /// [`NotHeld`](FreezeError::NotHeld) if the guest was not frozen all the time, so that what was copied may be
    /// inconsistent; [`NotThawed`](FreezeError::NotThawed) if it may still be frozen.
    ///
    /// # Panics
    /// If the agent's `execute` does, or the runtime is being shut down.
    pub async fn thaw(self) -> (E, Result<Thawed, FreezeError>) {
        drop(self.hold);
        join(self.keeper).await
    }
}

impl<E> std::fmt::Debug for Frozen<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frozen").field("file_systems", &self.file_systems).finish_non_exhaustive()
    }
}

async fn join<E>(keeper: JoinHandle<Ended<E>>) -> Ended<E> {
    match keeper.await {
        Ok(ended) => ended,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
