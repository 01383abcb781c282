//! QAPI's `any` and `null`, and the empty object.

use std::fmt;

use serde_core::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde_core::ser::SerializeMap;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::raw::Raw;

/// Any JSON value, kept as the text it came in: no number loses a digit.
///
/// Two are equal if their texts are, or if `serde_json` reads the same value from both; so the order of
/// members and white space do not matter.
#[derive(Clone)]
pub struct Any(Box<RawValue>);

impl Any {
    /// Writes `value` as JSON.
    ///
    /// # Errors
    /// `value` has no form in JSON, such as a map whose keys are not strings.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        to_raw_value(value).map(Self)
    }

    /// The JSON text.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads the value as a `T`.
    ///
    /// # Errors
    /// The value is not a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(&*self.0)
    }
}

impl PartialEq for Any {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
            || match (self.parse::<Value>(), other.parse::<Value>()) {
                (Ok(one), Ok(two)) => one == two,
                _ => false,
            }
    }
}

impl Eq for Any {}

impl fmt::Debug for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Any({})", self.get())
    }
}

/// The JSON text.
impl fmt::Display for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl From<Box<RawValue>> for Any {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw)
    }
}

impl From<Raw> for Any {
    fn from(raw: Raw) -> Self {
        Self(raw.into_inner())
    }
}

impl TryFrom<Value> for Any {
    type Error = serde_json::Error;

    #[inline]
    fn try_from(value: Value) -> Result<Self, Self::Error> {
        Self::new(&value)
    }
}

impl TryFrom<Any> for Value {
    type Error = serde_json::Error;

    #[inline]
    fn try_from(any: Any) -> Result<Self, Self::Error> {
        any.parse()
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Box::deserialize(d).map(Self)
    }
}

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}

/// JSON's `null` as a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Null;

impl<'de> Deserialize<'de> for Null {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        <()>::deserialize(d).map(|()| Self)
    }
}

impl Serialize for Null {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_unit()
    }
}

/// An object of which no member is known: what a command returns that has nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Empty {}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(EmptyVisitor)
    }
}

struct EmptyVisitor;

impl<'de> Visitor<'de> for EmptyVisitor {
    type Value = Empty;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Empty, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Empty {})
    }
}

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_map(Some(0))?.end()
    }
}
