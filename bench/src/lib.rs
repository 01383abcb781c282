//! What the measured programs have in common: times, and their median.

pub mod copies;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How long each of many repetitions of something took.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Waits for a future, and notes how long that took.
    pub async fn around<F: Future>(&mut self, future: F) -> F::Output {
        let begun = Instant::now();
        let output = future.await;
        self.0.push(begun.elapsed());
        output
    }

    /// The median, but for the first tenth, which warms up.
    pub fn median(mut self) -> Duration {
        let warm = self.0.len() / 11;
        let times = self.0.get_mut(warm..).unwrap_or_default();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

/// How often to do something, so that it is done `count` times after it has warmed up.
///
/// # Errors
/// `count` is no number.
pub fn rounds(count: &str) -> Result<usize> {
    let count: usize = count.parse().with_context(|| format!("{count} is no number"))?;
    Ok(count + count / 10)
}

/// The median time of doing something `count` times, after it has warmed up.
///
/// # Errors
/// Its first error, or `count` is no number.
pub fn median(count: &str, mut task: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut times = Times::default();
    for _ in 0..rounds(count)? {
        let begun = Instant::now();
        task()?;
        times.0.push(begun.elapsed());
    }
    Ok(times.median())
}
