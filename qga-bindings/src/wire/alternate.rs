//! Alternates: values told apart by their JSON type.

use std::fmt;

use serde_core::de::Error;
use serde_core::{Deserialize, Deserializer};

use super::raw::{Raw, outer};

/// JSON's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// Refuses a value of this type.
    ///
    /// # Errors
    /// Always.
    pub fn unexpected<V>(self, expected: &'static str) -> serde_json::Result<V> {
        Err(Error::custom(format_args!("invalid type: {self}, expected {expected}")))
    }

    /// The type of valid JSON text: its first character tells.
    fn of(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// Reads a value of an alternate type, with the branch for its JSON type.
///
/// # Errors
/// No branch is for values of this JSON type, or the branch that is refuses it.
pub fn alternate<'de, D: Deserializer<'de>, V>(
    d: D,
    build: impl FnOnce(Kind, &Raw) -> serde_json::Result<V>,
) -> Result<V, D::Error> {
    let raw = Raw::deserialize(d)?;
    build(Kind::of(raw.get()), &raw).map_err(|error| outer(&error))
}
