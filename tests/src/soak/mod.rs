//! Clients used for a long time, and many of them at once: what must not grow, hang, or go wrong in the end.

mod faults;
mod fleet;
mod meter;
mod real;

pub use fleet::fleet;
pub use real::{calls, cycles};

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Calls on one connection.
    pub calls: usize,
    /// Connections that are made, used once and closed.
    pub cycles: usize,
    /// Guests that fail in every way.
    pub guests: usize,
    /// How many seconds these are asked for.
    pub seconds: u64,
    /// Whether that is long enough for everything that can become of a call to become of one.
    pub every_outcome: bool,
}

impl Size {
    /// A long run, for a release.
    pub const FULL: Self =
        Self { calls: 1_000_000, cycles: 100_000, guests: 2000, seconds: 60, every_outcome: true };

    /// A short one, for every change.
    pub const SHORT: Self =
        Self { calls: 20_000, cycles: 2000, guests: 200, seconds: 8, every_outcome: false };
}
