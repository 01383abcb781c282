//! Ctrl-C, and the other ways to tell this program to end: asked for by what has to clean up first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;

/// What tells a program to end.
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

fn watched<T>(registered: std::io::Result<T>) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("signals cannot be watched: {error}"));
    registered.map(|_| ()).map_err(failed)
}

/// Whether this program was told to end since this was made. The second time it ends at once.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    /// The number of the signal, or nothing yet.
    signal: Arc<AtomicUsize>,
    /// Whether the next one ends the program.
    told: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on signals are noted. The first does not end the program; the second does.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let interrupt = Self::patient()?;
        for number in SIGNALS {
            // What is registered first is done first: the first signal finds that there was none.
            let told = interrupt.told.clone();
            watched(flag::register_conditional_shutdown(number, 128 + number, told.clone()))?;
            watched(flag::register(number, told))?;
        }
        Ok(interrupt)
    }

    /// From now on signals are noted, and none of them ends the program.
    pub(crate) fn patient() -> Result<Self, Failure> {
        let signal = Arc::new(AtomicUsize::new(0));
        for number in SIGNALS {
            let value = usize::try_from(number).unwrap_or_default();
            watched(flag::register_usize(number, signal.clone(), value))?;
        }
        Ok(Self { signal, told: Arc::default() })
    }

    /// The exit code that says that we were told to end, if we were.
    pub(crate) fn exit(&self) -> Option<u8> {
        let signal = u8::try_from(self.signal.load(Ordering::Relaxed)).ok()?;
        (signal > 0).then(|| signal.saturating_add(128))
    }

    /// From now on the first signal ends the program, until [`take`](Self::take).
    pub(crate) fn end_at_once(&self) {
        self.told.store(true, Ordering::Relaxed);
    }

    /// Does nothing for a time, or until we are told to end. Says whether to go on.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        const GLANCE: Duration = Duration::from_millis(20);
        let start = Instant::now();
        while self.exit().is_none() {
            let left = time.saturating_sub(start.elapsed());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(GLANCE));
        }
        false
    }

    /// Whether we were told to end. Then it is as if we had not been.
    pub(crate) fn take(&self) -> bool {
        self.told.store(false, Ordering::Relaxed);
        self.signal.swap(0, Ordering::Relaxed) > 0
    }
}
