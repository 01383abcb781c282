//! The seed of a run: another one each time, said aloud, and settable to repeat a run.

use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;

/// Where a run takes its seed from, if it is set there.
const VARIABLE: &str = "QGA_SEED";

/// The seed for the test `name`: `QGA_SEED`, or a new one.
///
/// # Panics
/// `QGA_SEED` is no number.
#[expect(clippy::panic, reason = "a run with another seed than was asked for would mislead")]
pub fn seed(name: &str) -> u64 {
    let seed = match std::env::var(VARIABLE) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{VARIABLE}={text} is no number")),
        Err(_) => RandomState::new().hash_one(name),
    };
    // Past the capture of tests that pass, so that it is there when something else fails.
    let _ = writeln!(std::io::stderr(), "{name}: {VARIABLE}={seed}");
    seed
}
