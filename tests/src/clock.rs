//! Time spent, not time passed: a busy machine must not fail a test.

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long the calling thread computes to run `task`; where the system does not tell, how long it takes.
pub fn computing_time(task: impl FnOnce()) -> Duration {
    let start = now();
    task();
    now().saturating_sub(start)
}

fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
