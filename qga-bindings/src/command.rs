//! What a command and its reply are.

mod info;

pub use info::{ArgumentInfo, BuildCondition, CommandInfo, ValueKind};

use serde_core::de::{DeserializeOwned, IgnoredAny};
use serde_core::ser::{Serialize, SerializeMap, Serializer};

/// A release of QEMU, by its first two numbers: stable releases never change the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
}

impl Release {
    /// The release `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

/// Releases in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseSpan {
    /// The first of them.
    pub since: Release,
    /// The first that is no longer one of them; `None` if there is no end.
    pub before: Option<Release>,
}

impl ReleaseSpan {
    /// This release and all that came later.
    pub const fn since(since: Release) -> Self {
        Self { since, before: None }
    }

    /// The same, up to a release that is no longer one of them.
    #[must_use]
    pub const fn before(self, before: Release) -> Self {
        Self { before: Some(before), ..self }
    }

    /// Whether a release is one of them.
    pub fn contains(self, release: Release) -> bool {
        self.since <= release && self.before.is_none_or(|before| release < before)
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A command: serializes to its `arguments` object.
pub trait Command: Serialize {
    /// The name on the wire.
    const NAME: &'static str;
    /// The first release that has it; `None` where the schema's history is not known.
    const SINCE: Option<Release>;
    /// What it returns.
    type Output: Reply;
    /// Whether the agent answers on success.
    const SUCCESS_RESPONSE: bool = <Self::Output as Reply>::EXPECTED;

    /// The first release that understands this very value: the one that has the command, every argument that is
    /// set, and every form and value that is used, and that lets go of every argument that is not set. An agent of
    /// that release may still lack the command, if it was built without it.
    ///
    /// `None` if no known release does or nothing is known of releases: the value of an enum or the branch of a
    /// union is one that these bindings have no name for, or [`SINCE`](Self::SINCE) is `None` too.
    fn required_release(&self) -> Option<Release> {
        Self::SINCE
    }
}

/// What a command can return: any value that can be decoded, or [`NoReply`].
pub trait Reply: Sized {
    /// Whether there is a reply on success.
    const EXPECTED: bool;

    /// Decodes the value of the reply's `return` member, JSON.
    ///
    /// A client hands over whatever stands where the value has to be, before it has looked at it. So text that is no JSON, or more
    /// than one value, has to be refused: the client then finds out what is wrong with the reply.
    ///
    /// # Errors
    /// The value is not of this type.
    fn decode(value: &str) -> serde_json::Result<Self>;

    /// What it means that no reply came: a value where none is expected, `None` otherwise.
    fn silence(seen: NoReply) -> Option<Self>;
}

impl<T: DeserializeOwned> Reply for T {
    const EXPECTED: bool = true;

    fn decode(value: &str) -> serde_json::Result<Self> {
        serde_json::from_str(value)
    }

    fn silence(_: NoReply) -> Option<Self> {
        None
    }
}

/// Something to be done with the type of a command of which only the name is known.
///
/// [`info::visit`](crate::info::visit) goes from the name to the type.
///
/// ```
/// use qga_bindings::{Command, CommandVisitor, Release, info};
/// # use serde_core::{Serialize, de::DeserializeOwned};
///
/// /// Which release do these arguments need?
/// struct Needed<'a>(&'a str);
///
/// impl CommandVisitor for Needed<'_> {
///     type Output = serde_json::Result<Option<Release>>;
///
///     fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
///         Ok(serde_json::from_str::<C>(self.0)?.required_release())
///     }
/// }
///
/// let arguments = r#"{ "path": "ls", "capture-output": "merged" }"#;
/// let needed = info::visit("guest-exec", Needed(arguments)).expect("the command is known")?;
/// assert_eq!(needed, Some(Release::new(8, 1)));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait CommandVisitor {
    /// What comes of it.
    type Output;

    /// Does it with the command `C`.
    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output;
}

/// The output of a command that does not answer on success: it was sent, and no error came back while somebody listened. It
/// says what was seen instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoReply {
    /// The agent took it: it answered what was sent behind it. Agents before QEMU 1.1 answer the command itself.
    Accepted,
    /// The connection ended, as it does when the virtual machine does.
    Ended,
    /// Nothing was heard until the deadline, neither an error nor a sign of life.
    Silence,
}

impl Reply for NoReply {
    const EXPECTED: bool = false;

    fn decode(value: &str) -> serde_json::Result<Self> {
        serde_json::from_str::<IgnoredAny>(value).map(|_| Self::Accepted)
    }

    fn silence(seen: Self) -> Option<Self> {
        Some(seen)
    }
}

/// The empty object that agents before QEMU 1.1 answered with.
impl Serialize for NoReply {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_map(Some(0))?.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_no_reply_either_where_any_value_would_do() {
        assert_eq!(NoReply::decode("{}").unwrap(), NoReply::Accepted);
        for text in ["", "{", "1, \"error\": {}"] {
            assert!(NoReply::decode(text).is_err(), "{text}");
        }
    }
}
