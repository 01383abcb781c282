//! The seed of a run: another one each time, said aloud, and settable to repeat a run.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

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

/// For how many seconds inputs are tried, if it is set; otherwise a fixed number of them is.
const SECONDS: &str = "QGA_FUZZ_SECONDS";

/// The numbers of inputs to try: so many, and more for as long as `QGA_FUZZ_SECONDS` says.
pub fn inputs(least: u64) -> impl Iterator<Item = u64> {
    let seconds = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (begun, time) = (Instant::now(), Duration::from_secs(seconds));
    (0..).take_while(move |number| *number < least || begun.elapsed() < time)
}

/// The inputs that a fuzz target has found to be worth keeping, from `fuzz/seeds/`.
///
/// # Panics
/// There are none.
#[expect(clippy::expect_used, reason = "a test without them has failed")]
pub fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).expect("the folder is there").flatten();
    files.map(|file| fs::read(file.path()).expect("it can be read")).collect()
}
