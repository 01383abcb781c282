//! The commands behind a freeze and a thaw, and what to do when their answers do not come.

use std::time::{Duration, Instant};

use super::{Freeze, FreezeError, Thawed};
use crate::guest::Guest;
use crate::types::GuestFsfreezeStatus;
use crate::{Error, Refusal, commands};

/// How long an agent may take to say whether something is frozen, before it is asked again.
const STATUS_LIMIT: Duration = Duration::from_secs(10);

/// How long a thaw may take, before it is looked what became of it.
const THAW_LIMIT: Duration = Duration::from_secs(60);

/// File systems that are frozen.
#[derive(Debug)]
pub(crate) struct Hold {
    /// How many there are.
    pub(crate) file_systems: u64,
    since: Instant,
    at_most: Duration,
    thaw_within: Duration,
}

impl Hold {
    /// When they are to be thawed.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        // What the clock cannot express is never reached.
        self.since.checked_add(self.at_most)
    }
}

/// Freezes. After an error nothing is frozen by this, as far as that can be had.
pub(crate) async fn begin(guest: &mut impl Guest, freeze: &Freeze) -> Result<Hold, FreezeError> {
    let status = guest.execute(&commands::GuestFsfreezeStatus::new(), None).await?;
    if status != GuestFsfreezeStatus::Thawed {
        return Err(FreezeError::AlreadyFrozen { status });
    }
    let frozen = match &freeze.mountpoints {
        None => guest.execute(&commands::GuestFsfreezeFreeze::new(), freeze.within).await,
        Some(list) => {
            let command = commands::GuestFsfreezeFreezeList::new().mountpoints(list);
            guest.execute(&command, freeze.within).await
        }
    };
    let error = match frozen.map(u64::try_from) {
        Ok(Ok(file_systems @ 1..)) => {
            let Freeze { at_most, thaw_within, .. } = *freeze;
            return Ok(Hold { file_systems, since: guest.now(), at_most, thaw_within });
        }
        Ok(_) => return Err(FreezeError::NothingFrozen),
        Err(Error::Refused { why: Refusal::Frozen, .. }) => {
            return Err(FreezeError::AlreadyFrozen { status: GuestFsfreezeStatus::Frozen });
        }
        Err(error) => error,
    };
    if !error.may_have_run() {
        return Err(error.into());
    }
    Err(match undo(guest, freeze.thaw_within).await {
        Ok(false) => error.into(),
        Ok(true) => FreezeError::Undone { error },
        Err(thaw) => FreezeError::Unresolved { error, thaw },
    })
}

/// Thaws, and tells whether the file systems were frozen up to now.
pub(crate) async fn end(
    guest: &mut impl Guest,
    hold: Hold,
    expired: bool,
) -> Result<Thawed, FreezeError> {
    let thawed = match thaw(guest, hold.thaw_within).await {
        Ok(thawed) => thawed,
        Err((error, frozen)) => return Err(FreezeError::NotThawed { error, frozen }),
    };
    let report = Thawed {
        frozen: hold.file_systems,
        thawed,
        held: guest.now().saturating_duration_since(hold.since),
        expired,
    };
    if expired || thawed.is_some_and(|thawed| thawed < hold.file_systems) {
        return Err(FreezeError::NotHeld(report));
    }
    Ok(report)
}

/// After a freeze of unknown outcome: waits until the agent says whether it froze, thaws if so, and tells which it was. The
/// agent takes requests in order, so that what it says comes after whatever became of the freeze.
///
/// Without looking first, a thaw could end what something else began.
async fn undo(guest: &mut impl Guest, within: Duration) -> Result<bool, Error> {
    let mut patience = Patience::new(guest, within);
    loop {
        match status(guest, &patience).await {
            Ok(GuestFsfreezeStatus::Thawed) => return Ok(false),
            Ok(_) => {
                let left = patience.left(guest);
                return thaw(guest, left).await.map(|_| true).map_err(|(error, _)| error);
            }
            Err(error) => {
                if is_final(&error) || !patience.wait(guest, &error).await {
                    return Err(error);
                }
            }
        }
    }
}

/// Thaws, and tells how many file systems, unless the answer to that was lost. Or tells why not, and whether something is
/// still frozen.
async fn thaw(
    guest: &mut impl Guest,
    within: Duration,
) -> Result<Option<u64>, (Error, Option<bool>)> {
    let mut patience = Patience::new(guest, within);
    let mut answer_lost = false;
    loop {
        let limit = patience.left(guest).min(THAW_LIMIT);
        let error = match guest.execute(&commands::GuestFsfreezeThaw::new(), Some(limit)).await {
            Ok(count) => {
                return Ok(u64::try_from(count).ok().filter(|_| !answer_lost));
            }
            Err(error) => error,
        };
        let frozen = match status(guest, &patience).await {
            Ok(status) => Some(status != GuestFsfreezeStatus::Thawed),
            Err(_) => None,
        };
        if is_final(&error) {
            return Err((error, frozen));
        }
        if frozen == Some(false) {
            return Ok(None);
        }
        answer_lost = true;
        if !patience.wait(guest, &error).await {
            return Err((error, frozen));
        }
    }
}

async fn status(guest: &mut impl Guest, patience: &Patience) -> Result<GuestFsfreezeStatus, Error> {
    let limit = patience.left(guest).min(STATUS_LIMIT);
    guest.execute(&commands::GuestFsfreezeStatus::new(), Some(limit)).await
}

/// Whether the agent would say the same again.
fn is_final(error: &Error) -> bool {
    matches!(error, Error::Refused { .. } | Error::Failed { .. })
}

/// How long something is tried again.
struct Patience {
    start: Instant,
    within: Duration,
    pause: Duration,
}

impl Patience {
    const FIRST_PAUSE: Duration = Duration::from_millis(20);
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);

    fn new(guest: &impl Guest, within: Duration) -> Self {
        Self { start: guest.now(), within, pause: Self::FIRST_PAUSE }
    }

    /// The time left; a little, even where it is over, so that what matters most is tried once more.
    fn left(&self, guest: &impl Guest) -> Duration {
        const LEAST: Duration = Duration::from_millis(500);
        self.within.saturating_sub(guest.now().saturating_duration_since(self.start)).max(LEAST)
    }

    /// Waits a little, longer each time; `false` if the time is over.
    async fn wait(&mut self, guest: &mut impl Guest, error: &Error) -> bool {
        if guest.now().saturating_duration_since(self.start) >= self.within {
            return false;
        }
        if error.is_timeout() {
            guest.reconnect().await;
        }
        guest.pause(self.pause).await;
        self.pause = (self.pause * 2).min(Self::LONGEST_PAUSE);
        true
    }
}
