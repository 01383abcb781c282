//! The guest's clock: read with known accuracy, set, and put right.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::guest::Guest;
use crate::{Error, commands};

/// How often the clock is read: the quickest answer is the most accurate.
const SAMPLES: usize = 3;

/// The guest's time, and how far off it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// What the guest's clock said.
    pub guest: SystemTime,
    /// What the host's clock said half-way between question and answer.
    pub host: SystemTime,
    /// The guest's clock was read at `host`, give or take this much: half of the time between question and answer.
    pub uncertainty: Duration,
}

/// How far a clock is from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offset {
    /// It is fast by so much.
    Ahead(Duration),
    /// It is slow by so much.
    Behind(Duration),
}

impl Reading {
    /// How far the guest's clock is from the host's; wrong by [`uncertainty`](Self::uncertainty) at most.
    #[inline]
    pub fn offset(&self) -> Offset {
        match self.guest.duration_since(self.host) {
            Ok(ahead) => Offset::Ahead(ahead),
            Err(behind) => Offset::Behind(behind.duration()),
        }
    }
}

impl fmt::Display for Offset {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(by) => write!(f, "{by:?} ahead"),
            Self::Behind(by) => write!(f, "{by:?} behind"),
        }
    }
}

/// Why the guest's clock was not read or set.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClockError {
    /// A command failed.
    Agent(Error),
    /// The time cannot be told to an agent, or not be expressed by this system: agents know the years 1678 to 2262.
    OutOfRange,
}

impl From<Error> for ClockError {
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for ClockError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
            Self::OutOfRange => {
                f.write_str("the time is out of range: agents know the years 1678 to 2262")
            }
        }
    }
}

impl std::error::Error for ClockError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
            Self::OutOfRange => None,
        }
    }
}

pub(crate) async fn read(guest: &mut impl Guest) -> Result<Reading, ClockError> {
    let mut best = sample(guest).await?;
    for _ in 1..SAMPLES {
        let next = sample(guest).await?;
        if next.uncertainty < best.uncertainty {
            best = next;
        }
    }
    Ok(best)
}

pub(crate) async fn set(guest: &mut impl Guest, time: SystemTime) -> Result<(), ClockError> {
    let command = commands::GuestSetTime::new().time(nanoseconds(time)?);
    guest.execute(&command, None).await?;
    Ok(())
}

pub(crate) async fn set_from_host(guest: &mut impl Guest) -> Result<Reading, ClockError> {
    // By when the guest reads it, the time has passed that a message takes.
    let delay = read(guest).await?.uncertainty;
    set(guest, SystemTime::now() + delay).await?;
    read(guest).await
}

pub(crate) async fn set_from_hardware(guest: &mut impl Guest) -> Result<Reading, ClockError> {
    guest.execute(&commands::GuestSetTime::new(), None).await?;
    read(guest).await
}

async fn sample(guest: &mut impl Guest) -> Result<Reading, ClockError> {
    let asked = guest.now();
    let time = guest.execute(&commands::GuestGetTime::new(), None).await?;
    let uncertainty = guest.now().saturating_duration_since(asked) / 2;
    let host = SystemTime::now();
    let host = host.checked_sub(uncertainty).unwrap_or(host);
    Ok(Reading { guest: system_time(time).ok_or(ClockError::OutOfRange)?, host, uncertainty })
}

#[inline]
fn system_time(nanoseconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    if nanoseconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    }
}

#[inline]
fn nanoseconds(time: SystemTime) -> Result<i64, ClockError> {
    let whole = |distance: Duration| i64::try_from(distance.as_nanos());
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => whole(before.duration()).map(|before| -before),
    }
    .map_err(|_| ClockError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_and_at_the_ends_of_the_range_survive() {
        for time in [0, -1, 1, i64::MAX, i64::MIN + 1, 1_500_000_000_123_456_789] {
            assert_eq!(nanoseconds(system_time(time).unwrap()).unwrap(), time);
        }
        let far = UNIX_EPOCH + Duration::from_secs(400 * 366 * 86_400);
        assert!(matches!(nanoseconds(far), Err(ClockError::OutOfRange)));
    }

    #[test]
    fn an_offset_says_its_direction() {
        let (host, uncertainty) = (UNIX_EPOCH + Duration::from_secs(10), Duration::ZERO);
        let at = |seconds| Reading {
            guest: UNIX_EPOCH + Duration::from_secs(seconds),
            host,
            uncertainty,
        };
        assert_eq!(at(12).offset().to_string(), "2s ahead");
        assert_eq!(at(9).offset().to_string(), "1s behind");
    }
}
