//! Requests that mark a place in the stream of replies.

use super::message::Message;

/// A request whose answer can be told from every other, and so marks a place in the stream of replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// `guest-sync-delimited`, answered with 0xFF and a number; since QEMU 1.1.
    Delimited,
    /// `guest-sync`, answered with a number.
    Plain,
    /// A command that does not exist, its name repeated in the error: where the others are disabled.
    Echo,
}

impl Marker {
    pub(super) fn request(self, id: i64) -> String {
        match self {
            Self::Delimited => {
                format!(r#"{{"execute":"guest-sync-delimited","arguments":{{"id":{id}}}}}"#)
            }
            Self::Plain => format!(r#"{{"execute":"guest-sync","arguments":{{"id":{id}}}}}"#),
            Self::Echo => format!(r#"{{"execute":"{}"}}"#, Self::echo_name(id)),
        }
    }

    fn echo_name(id: i64) -> String {
        format!("no-such-command-{id}")
    }

    /// Whether this is the answer to the marker with the given number.
    pub(super) fn is_answer(self, message: &Message<'_>, id: i64) -> bool {
        match (self, message) {
            (Self::Delimited | Self::Plain, Message::Return(value)) => is_number(value.get(), id),
            (Self::Echo, Message::Error(error)) => {
                let name = Self::echo_name(id);
                [&error.desc, &error.data].into_iter().flatten().any(|text| text.contains(&name))
            }
            _ => false,
        }
    }

    /// What to try where this one is refused.
    pub(super) fn fallback(self) -> Option<Self> {
        match self {
            Self::Delimited => Some(Self::Plain),
            Self::Plain => Some(Self::Echo),
            Self::Echo => None,
        }
    }
}

/// Whether JSON text is this number, which an agent may also write with a fraction or an exponent.
fn is_number(json: &str, number: i64) -> bool {
    json.parse::<i64>().map_or_else(
        |_| json.parse::<f64>().is_ok_and(|value| format!("{value:.0}") == number.to_string()),
        |value| value == number,
    )
}
