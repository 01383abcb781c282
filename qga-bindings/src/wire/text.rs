//! Enums: strings, of which some have names here.

use std::fmt;
use std::marker::PhantomData;

use serde_core::Deserializer;
use serde_core::de::{Error, Visitor};

/// The text of an enum's value that these bindings have no name for.
///
/// It can only come from converting a string to the enum, so it never holds a known value. Read it with
/// `as_str` of the enum itself: that keeps its meaning when a later version gives the value a name.
///
/// ```text
/// match bus {
///     GuestDiskBusType::Nvme => …,
///     other if other.as_str() == "brand-new" => …,
///     _ => …,
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unrecognized(Box<str>);

impl Unrecognized {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// For generated conversions from strings, which look at the known values first.
pub fn unrecognized(text: &str) -> Unrecognized {
    Unrecognized(text.into())
}

/// Reads a value of the enum `name`.
///
/// # Errors
/// It is not a string.
pub fn text<'de, D: Deserializer<'de>, T: for<'a> From<&'a str>>(
    d: D,
    name: &'static str,
) -> Result<T, D::Error> {
    d.deserialize_str(TextVisitor { name, value: PhantomData })
}

struct TextVisitor<T> {
    name: &'static str,
    value: PhantomData<T>,
}

impl<T: for<'a> From<&'a str>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string as a {}", self.name)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}
