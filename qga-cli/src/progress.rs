//! How far a copy is: on a terminal, and only if it takes longer than a moment.

use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done before this much time has passed needs no bar.
const MOMENT: Duration = Duration::from_secs(1);

/// A bar on standard error, or nothing where nobody would see it.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Progress {
    /// A bar for so many bytes, if that is known.
    pub(crate) fn new(total: Option<u64>, quiet: bool) -> Self {
        let wanted = !quiet && stderr().is_terminal();
        let bar = wanted.then(|| {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
            let template = match total {
                Some(_) => "{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
                None => "{spinner} {bytes} {binary_bytes_per_sec}",
            };
            // A template that is wrong is shown by no test that looks at the bar, so it falls back to the usual one.
            bar.with_style(
                ProgressStyle::with_template(template)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        });
        Self { bar, begun: Instant::now() }
    }

    /// Says how many bytes are done.
    pub(crate) fn set(&self, done: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && self.begun.elapsed() > MOMENT {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_position(done);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
