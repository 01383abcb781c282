//! Looking at an agent until it is gone or back.

use std::time::{Duration, Instant};

use super::{Change, Outcome, Power, PowerError, Until};
use crate::guest::Guest;
use crate::ready::Reason;
use crate::{Error, NoReply, commands};

/// How long an agent may take for an answer before it is taken to be silent. A busy guest needs time for a small thing.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long silence has to last where the end of the connection cannot be expected.
const SILENCE: Duration = Duration::from_secs(5);

/// How long one connection is waited on, before another is tried.
const RECONNECT_AFTER: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(100);

/// What is known of a guest since a command was sent to it.
pub(super) struct Watch<'a> {
    change: &'a Change,
    until: Until,
    within: Duration,
    start: Instant,
    seen: Outcome,
    /// Since when the agent does not answer.
    gone_since: Option<Instant>,
    /// How long the next answer is waited for.
    patience: Duration,
}

impl<'a> Watch<'a> {
    pub(super) fn new(guest: &impl Guest, power: &'a Power) -> Self {
        Self {
            change: &power.change,
            until: power.until,
            within: power.within,
            start: guest.now(),
            seen: Outcome::Accepted,
            gone_since: None,
            patience: PATIENCE,
        }
    }

    pub(super) fn seen(&self) -> Outcome {
        self.seen
    }

    /// Takes note of what came of the command itself.
    pub(super) fn saw(&mut self, guest: &impl Guest, reply: NoReply) {
        // An agent that waits for the guest to wake up answers after that: it was away.
        let long = self.passed(guest) >= PATIENCE;
        (self.seen, self.gone_since) = match reply {
            NoReply::Accepted => (Outcome::Accepted, long.then_some(self.start)),
            NoReply::Ended => (Outcome::Ended, Some(self.start)),
            NoReply::Silence => (Outcome::Silent, Some(self.start)),
        };
    }

    pub(super) async fn until_gone(
        mut self,
        guest: &mut impl Guest,
    ) -> Result<Outcome, PowerError> {
        loop {
            self.look(guest).await;
            match (self.seen, self.gone_since) {
                (Outcome::Ended, _) => return Ok(Outcome::Ended),
                (Outcome::Silent, Some(since)) => {
                    let silent = guest.now().saturating_duration_since(since);
                    if self.is_over(guest) || (silent >= SILENCE && !self.change.ends_machine()) {
                        return Ok(Outcome::Silent);
                    }
                }
                _ if self.is_over(guest) => return Err(self.unconfirmed()),
                _ => self.gone_since = None,
            }
            guest.pause(PAUSE).await;
        }
    }

    pub(super) async fn until_back(
        mut self,
        guest: &mut impl Guest,
        mark: Option<Mark>,
    ) -> Result<Outcome, PowerError> {
        loop {
            self.look(guest).await;
            if self.seen == Outcome::Accepted {
                let is_back = match &mark {
                    Some(mark) => mark.is_there(guest).await == Some(false),
                    None => self.gone_since.is_some(),
                };
                if is_back {
                    return Ok(Outcome::Back { after: self.passed(guest) });
                }
            }
            if self.is_over(guest) {
                if let Some(mark) = mark.filter(|_| self.seen == Outcome::Accepted) {
                    mark.remove(guest).await;
                }
                return Err(self.unconfirmed());
            }
            guest.pause(PAUSE).await;
        }
    }

    /// Sees whether the agent answers now.
    async fn look(&mut self, guest: &mut impl Guest) {
        let left = self.within.saturating_sub(self.passed(guest)).max(PAUSE);
        let limit = self.patience.min(left);
        let reason = match guest.execute(&commands::GuestPing::new(), Some(limit)).await {
            Ok(_) => None,
            // Whatever the agent says, it answers.
            Err(error) => Reason::of(&error),
        };
        self.seen = match &reason {
            None => Outcome::Accepted,
            Some(Reason::Silent | Reason::Noise | Reason::Busy) => Outcome::Silent,
            Some(_) => Outcome::Ended,
        };
        if reason.is_none() {
            self.patience = PATIENCE;
            return;
        }
        let now = guest.now();
        let since = *self.gone_since.get_or_insert(now.checked_sub(limit).unwrap_or(now));
        if reason == Some(Reason::Silent) {
            // Each request stays in the channel until somebody reads it, so there had better be few.
            self.patience = (self.patience * 2).min(RECONNECT_AFTER);
            if now.saturating_duration_since(since) >= RECONNECT_AFTER {
                guest.reconnect().await;
            }
        }
    }

    fn passed(&self, guest: &impl Guest) -> Duration {
        guest.now().saturating_duration_since(self.start)
    }

    fn is_over(&self, guest: &impl Guest) -> bool {
        self.passed(guest) >= self.within
    }

    fn unconfirmed(&self) -> PowerError {
        PowerError::Unconfirmed { until: self.until, seen: self.seen, within: self.within }
    }
}

/// A file handle, by which an agent is known: it is gone when the agent is.
pub(super) struct Mark(i64);

impl Mark {
    /// Leaves one with the agent, if it opens files that exist everywhere.
    pub(super) async fn leave(guest: &mut impl Guest) -> Option<Self> {
        for path in ["/dev/null", "NUL"] {
            let command = commands::GuestFileOpen::new(path);
            match guest.execute(&command, None).await {
                Ok(handle) => {
                    let mark = Self(handle);
                    if mark.is_there(guest).await == Some(true) {
                        return Some(mark);
                    }
                    mark.remove(guest).await;
                }
                Err(Error::Failed { .. }) => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Whether the agent still has it, if it says.
    async fn is_there(&self, guest: &mut impl Guest) -> Option<bool> {
        let command = commands::GuestFileRead::new(self.0).count(0);
        match guest.execute(&command, Some(PATIENCE)).await {
            Ok(_) => Some(true),
            Err(Error::Failed { .. }) => Some(false),
            Err(_) => None,
        }
    }

    /// Takes it away again.
    pub(super) async fn remove(self, guest: &mut impl Guest) {
        // If that fails there is nothing left to do about it.
        drop(guest.execute(&commands::GuestFileClose::new(self.0), Some(PATIENCE)).await);
    }
}
