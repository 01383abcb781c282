//! Numbers that JSON can hold.

use serde_core::ser::Error;
use serde_core::{Serialize, Serializer};

/// A number, or a list of numbers, to be written: an error for infinities and NaN, which JSON has no text for.
#[derive(Debug)]
pub struct Finite<'a, T>(pub &'a T);

impl Serialize for Finite<'_, f64> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            s.serialize_f64(*self.0)
        } else {
            Err(S::Error::custom(format_args!("JSON cannot hold the number {}", self.0)))
        }
    }
}

impl Serialize for Finite<'_, Vec<f64>> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().map(Finite))
    }
}
