//! A fake guest's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Agent, Answer};

/// A fake guest's clock, as [`Agent::add_clock`] returns it. Clones are handles of the same clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// How many nanoseconds it is ahead of the host's.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// Sets how many nanoseconds it is ahead of the host's.
    pub fn set_ahead(&self, nanoseconds: i64) {
        self.ahead.store(nanoseconds, Ordering::Relaxed);
    }

    /// How many nanoseconds it is ahead of the host's.
    pub fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }
}

impl Agent {
    /// Gives the guest a clock, and the agent the commands that read and set it. Its hardware clock is the host's.
    pub fn add_clock(&self) -> Clock {
        let clock = Clock::default();
        let read = clock.clone();
        self.on("guest-get-time", move |_| Answer::value(&host().saturating_add(read.ahead())));
        let set = clock.clone();
        self.on("guest-set-time", move |call| {
            let time = call.arguments["time"].as_i64();
            set.set_ahead(time.map_or(0, |time| time.saturating_sub(host())));
            Answer::empty()
        });
        clock
    }
}

/// Nanoseconds since 1970 by the host's clock.
fn host() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
