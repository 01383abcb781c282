//! Objects: members read into places, in any order, and written one after the other.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_core::ser::SerializeMap;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::flat::Flat;

/// The value of a member that must be there.
#[derive(Debug)]
pub struct Must<T>(pub T);

/// The value of a member that may be absent. JSON's `null` is a value, not absence.
#[derive(Debug)]
pub struct May<T>(pub Option<T>);

/// Places for the members of an object: [`Must`], [`May`], or tuples of these, nested where there are many.
pub trait Slots<'de>: Sized {
    /// What is known while the object is being read.
    type State: Default;

    /// How many members there are places for.
    const COUNT: usize;

    /// Reads the value of member number `at`, which is called `name`.
    ///
    /// # Errors
    /// The value is not of the member's type, or the member was there before.
    fn fill<A: MapAccess<'de>>(
        state: &mut Self::State,
        at: usize,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error>;

    /// Ends reading. `names` are those of the members, in order.
    ///
    /// # Errors
    /// A mandatory member is missing.
    fn finish<E: Error>(state: Self::State, names: &[&'static str]) -> Result<Self, E>;
}

fn fill_once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    slot: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

impl<'de, T: Deserialize<'de>> Slots<'de> for Must<T> {
    type State = Option<T>;

    const COUNT: usize = 1;

    fn fill<A: MapAccess<'de>>(
        state: &mut Self::State,
        _: usize,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        fill_once(state, name, map)
    }

    fn finish<E: Error>(state: Self::State, names: &[&'static str]) -> Result<Self, E> {
        state.map(Self).ok_or_else(|| E::missing_field(names.first().copied().unwrap_or_default()))
    }
}

impl<'de, T: Deserialize<'de>> Slots<'de> for May<T> {
    type State = Option<T>;

    const COUNT: usize = 1;

    fn fill<A: MapAccess<'de>>(
        state: &mut Self::State,
        _: usize,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        fill_once(state, name, map)
    }

    fn finish<E: Error>(state: Self::State, _: &[&'static str]) -> Result<Self, E> {
        Ok(Self(state))
    }
}

impl<'de> Slots<'de> for () {
    type State = ();

    const COUNT: usize = 0;

    fn fill<A: MapAccess<'de>>(
        (): &mut (),
        _: usize,
        _: &'static str,
        _: &mut A,
    ) -> Result<(), A::Error> {
        Ok(())
    }

    fn finish<E: Error>((): (), _: &[&'static str]) -> Result<(), E> {
        Ok(())
    }
}

macro_rules! tuples {
    ($($slot:ident $at:tt)+) => {
        impl<'de, $($slot: Slots<'de>),+> Slots<'de> for ($($slot,)+) {
            type State = ($($slot::State,)+);

            const COUNT: usize = 0 $(+ $slot::COUNT)+;

            fn fill<A: MapAccess<'de>>(
                state: &mut Self::State,
                at: usize,
                name: &'static str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                let mut first = 0;
                $(
                    if at < first + $slot::COUNT {
                        return $slot::fill(&mut state.$at, at - first, name, map);
                    }
                    first += $slot::COUNT;
                )+
                Err(A::Error::custom(format_args!("member {at} of {first} does not exist")))
            }

            fn finish<E: Error>(state: Self::State, names: &[&'static str]) -> Result<Self, E> {
                let mut first = 0;
                Ok(($({
                    let own = names.get(first..).unwrap_or_default();
                    first += $slot::COUNT;
                    let _ = first;
                    $slot::finish(state.$at, own)?
                },)+))
            }
        }
    };
}

tuples!(S0 0 S1 1);
tuples!(S0 0 S1 1 S2 2);
tuples!(S0 0 S1 1 S2 2 S3 3);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5 S6 6);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5 S6 6 S7 7);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5 S6 6 S7 7 S8 8);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5 S6 6 S7 7 S8 8 S9 9);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5 S6 6 S7 7 S8 8 S9 9 S10 10);
tuples!(S0 0 S1 1 S2 2 S3 3 S4 4 S5 5 S6 6 S7 7 S8 8 S9 9 S10 10 S11 11);

/// Reads an object of type `name` with these `members`; skips members it does not know.
///
/// # Errors
/// It is not an object, a member has a wrong type, is missing or is there twice.
pub fn object<'de, D: Deserializer<'de>, T: Slots<'de>, V>(
    d: D,
    name: &'static str,
    members: &'static [&'static str],
    build: impl FnOnce(T) -> V,
) -> Result<V, D::Error> {
    d.deserialize_map(ObjectVisitor { name, members, slots: PhantomData }).map(build)
}

struct ObjectVisitor<T> {
    name: &'static str,
    members: &'static [&'static str],
    slots: PhantomData<T>,
}

impl<'de, T: Slots<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of type {}", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut state = T::State::default();
        let mut next = 0;
        while let Some(key) = map.next_key_seed(Key { members: self.members, next })? {
            match key {
                Ok((at, name)) => {
                    next = at + 1;
                    T::fill(&mut state, at, name, &mut map)?;
                }
                Err(_) => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        T::finish(state, self.members)
    }
}

/// Reads a key: number and name of the member if it is one of these, its text otherwise.
pub(super) struct Key {
    pub(super) members: &'static [&'static str],
    /// The member that is expected: agents send them in the schema's order, and so none is looked for among all others.
    pub(super) next: usize,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Result<(usize, &'static str), Box<str>>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Result<(usize, &'static str), Box<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let (before, after) =
            self.members.split_at_checked(self.next).unwrap_or((self.members, &[]));
        let mut members = (self.next..).zip(after).chain((0..).zip(before));
        let known = members.find(|(_, name)| **name == text);
        Ok(known.map(|(at, name)| (at, *name)).ok_or_else(|| text.into()))
    }
}

/// Starts writing an object.
///
/// # Errors
/// The serializer's.
pub fn write<S: Serializer>(s: S) -> Result<Writer<S::SerializeMap>, S::Error> {
    s.serialize_map(None).map(Writer)
}

/// An object that is being written.
#[derive(Debug)]
pub struct Writer<M>(M);

impl<M: SerializeMap> Writer<M> {
    /// Writes a member.
    ///
    /// # Errors
    /// The serializer's.
    pub fn must<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<Self, M::Error> {
        self.0.serialize_entry(name, value)?;
        Ok(self)
    }

    /// Writes a member if it has a value.
    ///
    /// # Errors
    /// The serializer's.
    pub fn may<T: Serialize>(self, name: &'static str, value: Option<T>) -> Result<Self, M::Error> {
        match value {
            Some(value) => self.must(name, &value),
            None => Ok(self),
        }
    }

    /// Writes the members of another object as if they were of this one.
    ///
    /// # Errors
    /// The serializer's, or `object` is none.
    pub fn flatten<T: Serialize + ?Sized>(mut self, object: &T) -> Result<Self, M::Error> {
        object.serialize(Flat(&mut self.0))?;
        Ok(self)
    }

    /// Ends the object.
    ///
    /// # Errors
    /// The serializer's.
    pub fn end(self) -> Result<M::Ok, M::Error> {
        self.0.end()
    }
}
