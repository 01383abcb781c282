//! Unions: the members that are always there select what the others mean.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde_core::de::value::{MapAccessDeserializer, StrDeserializer};
use serde_core::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, Visitor};
use serde_core::ser::SerializeMap;
use serde_core::{Deserializer, Serialize, Serializer};

use super::any::Any;
use super::object::{Key, Slots};
use super::raw::{Raw, outer};

/// The branch of a union for which these bindings have no type: the discriminator's value is new, or adds
/// nothing to the union's own members.
///
/// What came with it is kept, undecoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherBranch<T> {
    tag: T,
    members: BTreeMap<Box<str>, Any>,
}

impl<T> OtherBranch<T> {
    /// The discriminator's value.
    pub fn tag(&self) -> &T {
        &self.tag
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Any> {
        self.members.get(name)
    }

    /// The members that came with it, by name.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&str, &Any)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    #[doc(hidden)]
    pub fn empty(tag: T) -> Self {
        Self { tag, members: BTreeMap::new() }
    }
}

/// Writes the members, without the discriminator: that is a member of the union.
impl<T> Serialize for OtherBranch<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Reads a union of type `name`. `members` are those that are always there.
///
/// # Errors
/// It is not an object, or a member has a wrong type, is missing or is there twice.
pub fn union<'de, D: Deserializer<'de>, T: Slots<'de>, V>(
    d: D,
    name: &'static str,
    members: &'static [&'static str],
    build: impl FnOnce(T, Rest) -> serde_json::Result<V>,
) -> Result<V, D::Error> {
    let (own, rest) = d.deserialize_map(UnionVisitor { name, members, slots: PhantomData })?;
    build(own, rest).map_err(|error| outer(&error))
}

struct UnionVisitor<T> {
    name: &'static str,
    members: &'static [&'static str],
    slots: PhantomData<T>,
}

impl<'de, T: Slots<'de>> Visitor<'de> for UnionVisitor<T> {
    type Value = (T, Rest);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of type {}", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut state = T::State::default();
        let mut rest = Vec::new();
        let mut next = 0;
        while let Some(key) = map.next_key_seed(Key { members: self.members, next })? {
            match key {
                Ok((at, name)) => {
                    next = at + 1;
                    T::fill(&mut state, at, name, &mut map)?;
                }
                Err(name) => rest.push((name, map.next_value()?)),
            }
        }
        Ok((T::finish(state, self.members)?, Rest(rest)))
    }
}

/// The members of a union that are not always there.
#[derive(Debug)]
pub struct Rest(Vec<(Box<str>, Raw)>);

impl Rest {
    /// Reads them as a branch.
    ///
    /// # Errors
    /// They are not the members of such a branch.
    pub fn branch<T: DeserializeOwned, V>(
        self,
        build: impl FnOnce(T) -> V,
    ) -> serde_json::Result<V> {
        let access = RestAccess { members: self.0.iter(), value: None };
        T::deserialize(MapAccessDeserializer::new(access)).map(build)
    }

    /// Keeps them as they are.
    ///
    /// # Errors
    /// A member is there twice.
    pub fn keep<T, V>(
        self,
        tag: T,
        build: impl FnOnce(OtherBranch<T>) -> V,
    ) -> serde_json::Result<V> {
        let mut members = BTreeMap::new();
        for (name, value) in self.0 {
            match members.entry(name) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(Any::from(value));
                }
                std::collections::btree_map::Entry::Occupied(place) => {
                    return Err(Error::custom(format_args!("duplicate field `{}`", place.key())));
                }
            }
        }
        Ok(build(OtherBranch { tag, members }))
    }
}

struct RestAccess<'a> {
    members: std::slice::Iter<'a, (Box<str>, Raw)>,
    value: Option<&'a Raw>,
}

impl<'a> MapAccess<'a> for RestAccess<'a> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> serde_json::Result<Option<K::Value>> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> serde_json::Result<V::Value> {
        match self.value.take() {
            Some(raw) => seed.deserialize(raw.value()),
            None => Err(Error::custom("a member's value was asked for before its name")),
        }
    }
}
