//! Lines to replies.

use std::fmt;
use std::ops::Range;

use serde_core::Deserializer;
use serde_core::de::{Deserialize, Error as _, IgnoredAny};
use serde_json::value::RawValue;

use crate::command::Reply as _;
use crate::wire::{self, May};
use crate::{AgentError, Command, ErrorClass};

/// A reply that says the command succeeded.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    line: Vec<u8>,
    /// Where in the line the value is.
    value: Range<usize>,
    /// Whether it is known to be one.
    is_read: bool,
}

impl Reply {
    pub(super) fn new(line: Vec<u8>, value: Range<usize>) -> Self {
        Self { line, value, is_read: true }
    }

    /// A reply by its looks, which are those that QEMU's agent gives it. Whoever decodes it finds out whether there is a value
    /// and nothing else; reading it before would cost as much once more.
    pub(super) fn unread(line: Vec<u8>) -> Result<Self, Vec<u8>> {
        match usual_value(&line) {
            Some(value) => Ok(Self { line, value, is_read: false }),
            None => Err(line),
        }
    }

    /// Whether it is known what is in it.
    pub(crate) fn is_read(&self) -> bool {
        self.is_read
    }

    /// The value the command returned.
    ///
    /// # Errors
    /// Never for a reply that came out of a session, which has looked at it.
    #[inline]
    pub fn value(&self) -> serde_json::Result<&RawValue> {
        serde_json::from_str(self.text()?)
    }

    fn text(&self) -> serde_json::Result<&str> {
        let value = self.line.get(self.value.clone()).unwrap_or_default();
        std::str::from_utf8(value).map_err(serde_json::Error::custom)
    }

    /// The value the command returned, decoded.
    ///
    /// # Errors
    /// It is not of the type that the command returns.
    pub fn decode<C: Command>(&self) -> serde_json::Result<C::Output> {
        C::Output::decode(self.text()?)
    }

    /// The whole reply as it came.
    pub fn into_bytes(self) -> Vec<u8> {
        self.line
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", String::from_utf8_lossy(&self.line))
    }
}

/// A line from the agent.
pub(super) enum Message<'a> {
    /// The command succeeded.
    Return(&'a RawValue),
    /// The command failed.
    Error(AgentError),
    /// Not a reply but a request: serial lines echo what is written while no agent has them open.
    Request,
}

/// Where the value is in a line as QEMU's agent writes it. If there is a value and nothing else, that is all there is to know.
fn usual_value(line: &[u8]) -> Option<Range<usize>> {
    const BEGINNING: &[u8] = b"{\"return\": ";
    (line.starts_with(BEGINNING) && line.ends_with(b"}")).then(|| BEGINNING.len()..line.len() - 1)
}

/// Whether a line that cannot be read was meant as an error, as QEMU's agent writes it, however little of it there is.
pub(super) fn begins_as_error(line: &[u8]) -> bool {
    // So much tells it from anything else that begins with a brace and a name.
    const LEAST: usize = b"{\"er".len();
    const BEGINNING: &[u8] = b"{\"error\"";
    line.starts_with(BEGINNING) || line.len() >= LEAST && BEGINNING.starts_with(line)
}

/// Reads a line. Members other than the three that matter are skipped, in any order.
pub(super) fn parse(line: &[u8]) -> serde_json::Result<Message<'_>> {
    let usual = usual_value(line).and_then(|value| line.get(value));
    if let Some(value) = usual.and_then(|value| serde_json::from_slice(value).ok()) {
        return Ok(Message::Return(value));
    }
    let Envelope { value, error, execute } = serde_json::from_slice(line)?;
    match (value, error) {
        (Some(value), None) => Ok(Message::Return(value)),
        (None, Some(error)) => Ok(Message::Error(error)),
        (None, None) if execute => Ok(Message::Request),
        (None, None) => Err(serde_json::Error::custom("neither `return` nor `error`")),
        (Some(_), Some(_)) => Err(serde_json::Error::custom("both `return` and `error`")),
    }
}

/// What a line is, without the value in it.
pub(super) enum Verdict {
    /// The value is here.
    Returned(Range<usize>),
    Failed(AgentError),
    Echo,
}

impl Verdict {
    pub(super) fn on(line: &[u8]) -> serde_json::Result<Self> {
        Ok(match parse(line)? {
            Message::Return(value) => {
                let start = value.get().as_ptr().addr().saturating_sub(line.as_ptr().addr());
                Self::Returned(start..start + value.get().len())
            }
            Message::Error(error) => Self::Failed(error),
            Message::Request => Self::Echo,
        })
    }
}

struct Envelope<'a> {
    value: Option<&'a RawValue>,
    error: Option<AgentError>,
    execute: bool,
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        type Members<'de> = (May<&'de RawValue>, May<AgentError>, May<IgnoredAny>);
        let build = |(May(value), May(error), May(execute)): Members<'de>| Envelope {
            value,
            error,
            execute: execute.is_some(),
        };
        wire::object(d, "reply", &["return", "error", "execute"], build)
    }
}

impl<'de> Deserialize<'de> for AgentError {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        // Agents written by others leave the class away.
        type Members = (May<String>, May<String>, May<Box<RawValue>>);
        let build = |(May(class), May(desc), May(data)): Members| AgentError {
            class: ErrorClass::from(class.unwrap_or_default().as_str()),
            desc,
            data: data.map(|data| data.get().to_owned()),
            needs: None,
        };
        wire::object(d, "error", &["class", "desc", "data"], build)
    }
}

/// The line with `null` for every number that JSON has no word for, if there is any: agents print infinities and
/// non-numbers as C does.
pub(super) fn without_non_numbers(line: &[u8]) -> Option<Vec<u8>> {
    const WORDS: [&[u8]; 6] = [b"-infinity", b"infinity", b"-inf", b"-nan", b"inf", b"nan"];
    let mut clean = Vec::new();
    let (mut kept, mut at) = (0, 0);
    let (mut in_string, mut escaped) = (false, false);
    while let Some(&byte) = line.get(at) {
        let word = match byte {
            _ if escaped => {
                escaped = false;
                None
            }
            b'\\' => {
                escaped = in_string;
                None
            }
            b'"' => {
                in_string = !in_string;
                None
            }
            b'-' | b'i' | b'n' | b'I' | b'N' if !in_string => WORDS.into_iter().find(|word| {
                line.get(at..at + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word))
            }),
            _ => None,
        };
        let Some(word) = word else {
            at += 1;
            continue;
        };
        clean.extend_from_slice(line.get(kept..at).unwrap_or_default());
        clean.extend_from_slice(b"null");
        at += word.len();
        kept = at;
    }
    if kept == 0 {
        return None;
    }
    clean.extend_from_slice(line.get(kept..).unwrap_or_default());
    Some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_in_any_order_and_others_are_skipped() {
        for line in [
            r#"{"id": 7, "return": {"a": 1}}"#,
            r#"{"r\u0065turn": {"a": 1}, "x": [{}], "id": null}"#,
        ] {
            assert!(
                matches!(parse(line.as_bytes()), Ok(Message::Return(v)) if v.get() == r#"{"a": 1}"#),
                "{line}"
            );
        }
    }

    #[test]
    fn an_error_may_lack_its_description_and_be_of_an_unknown_class() {
        let line = br#"{"error": {"data": {"name": "x"}, "class": "QMPOutOfSync"}, "id": 1}"#;
        let Ok(Message::Error(error)) = parse(line) else { panic!("not an error") };
        assert_eq!(error.class.as_str(), "QMPOutOfSync");
        assert_eq!((error.desc, error.data.as_deref()), (None, Some(r#"{"name": "x"}"#)));
    }

    #[test]
    fn an_error_may_lack_its_class() {
        let line = br#"{"error": {"code": -32601, "desc": "no such method"}}"#;
        let Ok(Message::Error(error)) = parse(line) else { panic!("no error") };
        assert_eq!(error.to_string(), "no such method");
        assert!(error.may_be_refusal());
    }

    #[test]
    fn what_is_neither_reply_nor_request_is_malformed() {
        let lines = [
            "{}",
            r#"{"return": 1, "error": {"class": "GenericError"}}"#,
            r#"{"return": 1, "return": 2}"#,
            r#"{"error": "text"}"#,
            r#"{"return": 1} x"#,
            r#"{"return": "#,
        ];
        for line in lines {
            assert!(parse(line.as_bytes()).is_err(), "{line}");
        }
        assert!(matches!(parse(br#"{"execute": "guest-ping"}"#), Ok(Message::Request)));
    }

    #[test]
    fn numbers_without_a_json_word_become_null_outside_of_strings() {
        let line = br#"{"return": {"a": inf, "b": [-nan, NaN], "\"nan": "inf"}, "id": -inf}"#;
        let clean = without_non_numbers(line).unwrap();
        let expected = r#"{"return": {"a": null, "b": [null, null], "\"nan": "inf"}, "id": null}"#;
        assert_eq!(String::from_utf8(clean).unwrap(), expected);
        assert_eq!(without_non_numbers(br#"{"return": null}"#), None);
    }
}
