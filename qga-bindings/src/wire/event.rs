//! Events: messages that nobody asked for.

use std::time::{Duration, SystemTime};

use serde_core::de::{DeserializeOwned, Error};
use serde_core::ser::SerializeMap;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::any::Any;
use super::object::{May, Must, Writer, object, write};
use super::raw::{Raw, outer};

/// Something that happened. `T` is the enum of the events of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<T> {
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub kind: T,
}

impl<T> Event<T> {
    /// An event.
    pub fn new(timestamp: Timestamp, kind: T) -> Self {
        Self { timestamp, kind }
    }
}

/// A time, as events give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Seconds since 1970; -1 if the clock failed.
    pub seconds: i64,
    /// Microseconds within the second; -1 if the clock failed.
    pub microseconds: i64,
}

impl Timestamp {
    /// The same as a [`SystemTime`]; `None` if the clock failed or the time is out of range.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let seconds = Duration::from_secs(u64::try_from(self.seconds).ok()?);
        let rest = Duration::from_micros(u64::try_from(self.microseconds).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(seconds)?.checked_add(rest)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        object(
            d,
            "Timestamp",
            &["seconds", "microseconds"],
            |(Must(seconds), Must(microseconds))| Self { seconds, microseconds },
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        write(s)?.must("seconds", &self.seconds)?.must("microseconds", &self.microseconds)?.end()
    }
}

/// An event that these bindings do not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherEvent {
    name: Box<str>,
    data: Option<Any>,
}

impl OtherEvent {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What came with it.
    pub fn data(&self) -> Option<&Any> {
        self.data.as_ref()
    }
}

/// The events of a schema: generated enums implement this.
pub trait EventSet: Sized {
    /// Reads the data of the event `name`.
    ///
    /// # Errors
    /// The data is not that event's.
    fn decode(name: &str, data: EventData) -> serde_json::Result<Self>;

    /// The event's name.
    fn name(&self) -> &str;

    /// Writes the member `data`, if the event has any.
    ///
    /// # Errors
    /// The serializer's.
    fn encode<M: SerializeMap>(&self, map: Writer<M>) -> Result<Writer<M>, M::Error>;
}

/// The undecoded data of an event.
#[derive(Debug)]
pub struct EventData(Option<Raw>);

impl EventData {
    /// Reads the data as the members of a known event. Without data, as if it were an empty object.
    ///
    /// # Errors
    /// It is not the data of such an event.
    pub fn decode<T: DeserializeOwned, V>(
        self,
        build: impl FnOnce(T) -> V,
    ) -> serde_json::Result<V> {
        match self.0 {
            Some(raw) => raw.decode(build),
            None => serde_json::from_str("{}").map(build),
        }
    }

    /// Keeps name and data as they are.
    ///
    /// # Errors
    /// None; as for [`Self::decode`].
    pub fn keep<V>(self, name: &str, build: impl FnOnce(OtherEvent) -> V) -> serde_json::Result<V> {
        Ok(build(OtherEvent { name: name.into(), data: self.0.map(Any::from) }))
    }
}

impl<'de, T: EventSet> Deserialize<'de> for Event<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let message = |(Must(name), May(data), Must(timestamp)): (_, _, _)| {
            let name: String = name;
            T::decode(&name, EventData(data))
                .map_err(|error| {
                    D::Error::custom(format_args!("{name}: {}", outer::<D::Error>(&error)))
                })
                .map(|kind| Self { timestamp, kind })
        };
        object(d, "Event", &["event", "data", "timestamp"], message)?
    }
}

impl<T: EventSet> Serialize for Event<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let map = write(s)?.must("event", self.kind.name())?;
        self.kind.encode(map)?.must("timestamp", &self.timestamp)?.end()
    }
}
