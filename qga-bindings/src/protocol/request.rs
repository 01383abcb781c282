//! Commands to bytes.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::Error as _;
use serde_core::ser::Serialize;

use crate::wire::Wiped;
use crate::{Cause, Command, Release};

/// A command written out for the wire.
///
/// Its `Debug` output names the command only, and its text is overwritten when it is dropped: arguments may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    name: Cow<'static, str>,
    text: Wiped,
    reply_expected: bool,
    needs: Option<Release>,
    /// Whether that is more than the command itself needs.
    is_newer_than_command: bool,
}

impl Request {
    /// Writes out a command.
    ///
    /// # Errors
    /// The arguments cannot be written as JSON, or contain a NUL character.
    pub fn new<C: Command>(command: &C) -> Result<Self, Cause> {
        Self::within(Wiped::default(), command)
    }

    /// The same, in the room that another one needs no longer.
    pub(crate) fn within<C: Command>(room: Wiped, command: &C) -> Result<Self, Cause> {
        let is_plain = const { is_plain(C::NAME) };
        let mut request =
            Self::write(room, C::NAME.into(), is_plain, command, C::SUCCESS_RESPONSE)?;
        request.needs = command.required_release();
        request.is_newer_than_command = request.needs > C::SINCE;
        Ok(request)
    }

    /// Writes out a command that is known by name only; it is taken to be answered on success.
    ///
    /// # Errors
    /// The arguments cannot be written as JSON, or contain a NUL character.
    pub fn raw<A: Serialize + ?Sized>(
        name: impl Into<Cow<'static, str>>,
        arguments: &A,
    ) -> Result<Self, Cause> {
        let name = name.into();
        let is_plain = is_plain(&name);
        Self::write(Wiped::default(), name, is_plain, arguments, true)
    }

    /// Says that the agent does not answer this command on success.
    #[must_use]
    pub fn without_reply(mut self) -> Self {
        self.reply_expected = false;
        self
    }

    /// The command's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the agent answers on success.
    pub fn reply_expected(&self) -> bool {
        self.reply_expected
    }

    /// The first release that understands it, as far as that is known: see [`Command::required_release`].
    pub fn required_release(&self) -> Option<Release> {
        self.needs
    }

    /// Whether an agent may have the command and still be too old for this.
    pub(crate) fn is_newer_than_command(&self) -> bool {
        self.is_newer_than_command
    }

    /// The request as it is sent. Its last byte is the closing brace, upon which the agent acts.
    pub fn text(&self) -> &[u8] {
        self.text.as_slice()
    }

    /// The room it took, without what was in it.
    pub(crate) fn into_room(mut self) -> Wiped {
        self.text.clear();
        self.text
    }

    fn write<A: Serialize + ?Sized>(
        mut text: Wiped,
        name: Cow<'static, str>,
        is_plain: bool,
        arguments: &A,
        reply_expected: bool,
    ) -> Result<Self, Cause> {
        const ARGUMENTS: &[u8] = b",\"arguments\":";
        // Most commands fit, and need not be moved while they grow.
        text.reserve(256);
        text.extend(b"{\"execute\":\"");
        if is_plain {
            text.extend(name.as_bytes());
            text.extend(b"\"");
        } else if name.contains('\0') {
            return Err(Cause::Nul);
        } else {
            text.truncate(text.as_slice().len() - 1);
            serde_json::to_writer(&mut text, &*name).map_err(Cause::Encode)?;
        }
        let name_end = text.as_slice().len();
        text.extend(ARGUMENTS);
        let start = name_end + ARGUMENTS.len();
        serde_json::to_writer(&mut text, arguments).map_err(Cause::Encode)?;
        match text.as_slice().get(start..) {
            Some(b"{}" | b"null") => text.truncate(name_end),
            Some(arguments @ [b'{', ..]) if !contains_nul(arguments) => {}
            Some([b'{', ..]) => return Err(Cause::Nul),
            _ => {
                return Err(Cause::Encode(serde_json::Error::custom(
                    "the arguments of a command are an object",
                )));
            }
        }
        text.extend(b"}");
        Ok(Self { name, text, reply_expected, needs: None, is_newer_than_command: false })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("name", &self.name)
            .field("length", &self.text().len())
            .finish_non_exhaustive()
    }
}

/// Whether a string has nothing in it that JSON escapes.
const fn is_plain(string: &str) -> bool {
    let mut rest = string.as_bytes();
    while let [byte, others @ ..] = rest {
        if *byte < b' ' || *byte == b'"' || *byte == b'\\' {
            return false;
        }
        rest = others;
    }
    true
}

/// Whether JSON text has the escape of a NUL in it. Backslashes come in pairs or begin an escape.
fn contains_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        if rest.get(at + 1..at + 6) == Some(b"u0000") {
            return true;
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(request: &Request) -> &str {
        std::str::from_utf8(request.text()).unwrap()
    }

    #[test]
    fn a_request_ends_with_its_closing_brace_and_carries_no_id() {
        let request = Request::raw("guest-sync", &json!({"id": 7})).unwrap();
        assert_eq!(text(&request), r#"{"execute":"guest-sync","arguments":{"id":7}}"#);
    }

    #[test]
    fn a_request_without_arguments_has_no_such_member() {
        assert_eq!(
            text(&Request::raw("guest-ping", &json!({})).unwrap()),
            r#"{"execute":"guest-ping"}"#
        );
        assert_eq!(text(&Request::raw("guest-ping", &()).unwrap()), r#"{"execute":"guest-ping"}"#);
    }

    #[test]
    fn arguments_that_are_no_object_are_refused() {
        assert!(matches!(Request::raw("guest-ping", &[1]), Err(Cause::Encode(_))));
    }

    #[test]
    fn a_nul_in_any_argument_is_refused_and_its_written_out_form_is_not() {
        let with = |path: &str| Request::raw("guest-file-open", &json!({"path": path}));
        assert!(matches!(with("/tmp/a\0b"), Err(Cause::Nul)));
        assert!(matches!(with("\\\0"), Err(Cause::Nul)));
        assert!(with("\\u0000").is_ok());
        assert!(matches!(Request::raw("guest\0", &()), Err(Cause::Nul)));
    }

    #[test]
    fn a_name_is_escaped_where_it_has_to_be() {
        for (name, written) in [("a b\u{e9}", "a b\u{e9}"), ("a\"\\\n", r#"a\"\\\n"#)] {
            let request = Request::raw(name, &()).unwrap();
            assert_eq!(text(&request), format!("{{\"execute\":\"{written}\"}}"));
        }
    }
}
