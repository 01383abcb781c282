//! Ctrl-C, and the other ways to tell this program to end: asked for by what has to clean up first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;

/// Whether this program was told to end since this was made. The second time it ends at once.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    /// The number of the signal, or nothing yet.
    signal: Arc<AtomicUsize>,
    /// Whether the next one ends the program.
    told: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on signals are noted, and no longer end the program.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let signal = Arc::new(AtomicUsize::new(0));
        let told = Arc::new(AtomicBool::new(false));
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let value = usize::try_from(number).unwrap_or_default();
            let watched = flag::register_conditional_shutdown(number, 128 + number, told.clone())
                .and_then(|_| flag::register(number, told.clone()))
                .and_then(|_| flag::register_usize(number, signal.clone(), value));
            watched.map_err(|error| Failure::new(format!("signals cannot be watched: {error}")))?;
        }
        Ok(Self { signal, told })
    }

    /// The exit code that says that we were told to end, if we were.
    pub(crate) fn exit(&self) -> Option<u8> {
        let signal = u8::try_from(self.signal.load(Ordering::Relaxed)).ok()?;
        (signal > 0).then(|| signal.saturating_add(128))
    }

    /// Whether we were told to end. Then it is as if we had not been.
    pub(crate) fn take(&self) -> bool {
        self.told.store(false, Ordering::Relaxed);
        self.signal.swap(0, Ordering::Relaxed) > 0
    }
}
