//! What a fake agent does with a command.

use std::fmt;
use std::time::Duration;

use serde_core::Serialize;

use super::power::Effect;

/// What a fake agent does with a command.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) bytes: Vec<u8>,
    pub(super) delay: Duration,
    pub(super) hang_up: bool,
    pub(super) effect: Option<Effect>,
    /// The class and the description of an error.
    pub(super) failure: Option<(String, String)>,
}

impl Answer {
    /// Returns a value.
    pub fn value<T: Serialize + ?Sized>(value: &T) -> Self {
        match serde_json::to_string(value) {
            Ok(json) => Self::json(&json),
            Err(error) => Self::error(
                "GenericError",
                &format!("the answer cannot be written as JSON: {error}"),
            ),
        }
    }

    /// Returns a value that is JSON already.
    pub fn json(json: &str) -> Self {
        Self::line(&format!("{{\"return\": {json}}}"))
    }

    /// Returns an empty object, as commands do that return nothing.
    pub fn empty() -> Self {
        Self::json("{}")
    }

    /// Reports an error.
    pub fn error(class: &str, desc: &str) -> Self {
        let line =
            format!("{{\"error\": {{\"class\": {}, \"desc\": {}}}}}", Quoted(class), Quoted(desc));
        Self { failure: Some((class.to_owned(), desc.to_owned())), ..Self::line(&line) }
    }

    /// Sends a line of any text.
    pub fn line(line: &str) -> Self {
        Self::bytes([line.as_bytes(), b"\n"].concat())
    }

    /// Sends any bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            delay: Duration::ZERO,
            hang_up: false,
            effect: None,
            failure: None,
        }
    }

    /// Sends nothing.
    pub fn silence() -> Self {
        Self::bytes([])
    }

    /// Answers after so much time. Everything behind it waits too.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Ends the connection when this has been sent.
    #[must_use]
    pub fn then_hang_up(mut self) -> Self {
        self.hang_up = true;
        self
    }
}

impl Answer {
    pub(super) fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }
}

/// Text as a JSON string in ASCII, as agents write it.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for unit in self.0.encode_utf16() {
            match u8::try_from(unit) {
                Ok(quoted @ (b'"' | b'\\')) => write!(f, "\\{}", char::from(quoted))?,
                Ok(plain @ b' '..=b'~') => write!(f, "{}", char::from(plain))?,
                _ => write!(f, "\\u{unit:04X}")?,
            }
        }
        f.write_str("\"")
    }
}
