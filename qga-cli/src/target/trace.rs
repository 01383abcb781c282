//! What passes between an agent and us, shown on standard error without secrets.

use std::io::{self, Read, Write};
use std::time::Duration;

use qga_bindings::blocking::Stream;
use serde_json::Value;

use crate::output::escape;

/// How much of a line is kept until it can be shown.
const KEPT: usize = 1 << 20;

/// How much of a line is shown.
const SHOWN: usize = 1000;

/// A stream whose bytes are shown as they pass.
pub(super) struct Traced<S> {
    stream: S,
    name: String,
    data: bool,
    outgoing: Line,
    incoming: Line,
}

/// A line that is not complete yet.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    length: usize,
}

impl<S> Traced<S> {
    /// Shows what passes, with file contents and the like only if `data` is wanted.
    pub(super) fn new(stream: S, name: &str, data: bool) -> Self {
        let traced = Self {
            stream,
            name: name.to_owned(),
            data,
            outgoing: Line::default(),
            incoming: Line::default(),
        };
        traced.tell('=', "connected");
        traced
    }

    fn show(&self, direction: char, line: &Line) {
        let bytes = line.bytes.trim_ascii();
        let (delimiter, bytes) = match bytes.strip_prefix(b"\xff") {
            Some(rest) => ("0xFF ", rest.trim_ascii()),
            None => ("", bytes),
        };
        if bytes.is_empty() && delimiter.is_empty() {
            return;
        }
        let text = match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => {
                let mut hidden = value.clone();
                mask(&mut hidden, self.data);
                // As it is, if nothing in it has to be hidden.
                if hidden == value {
                    String::from_utf8_lossy(bytes).into_owned()
                } else {
                    hidden.to_string()
                }
            }
            // What cannot be read cannot be searched for secrets.
            Err(_) if direction == '>' => format!("({} bytes)", line.length),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        };
        self.tell(direction, &format!("{delimiter}{text}"));
    }

    fn tell(&self, direction: char, text: &str) {
        let shown = match text.char_indices().nth(SHOWN) {
            Some((end, _)) if !self.data => {
                format!("{}... ({} bytes)", escape(text.get(..end).unwrap_or_default()), text.len())
            }
            _ => escape(text).into_owned(),
        };
        let line = format!("{} {direction} {shown}\n", escape(&self.name));
        // It is only a remark.
        drop(io::stderr().lock().write_all(line.as_bytes()));
    }
}

impl Line {
    fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        let room = KEPT.saturating_sub(self.bytes.len()).min(bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }
}

/// Puts something else in place of passwords, of the values of variables, and of data unless it is wanted.
fn mask(value: &mut Value, data: bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), &mut *member) {
                    ("password", secret) => *secret = Value::from("[secret]"),
                    ("env", Value::Array(variables)) => {
                        variables.iter_mut().for_each(mask_variable);
                    }
                    ("input-data", Value::String(text)) => {
                        *text = format!("[secret, {} bytes of base64]", text.len());
                    }
                    ("buf-b64" | "out-data" | "err-data", Value::String(text)) if !data => {
                        *text = format!("[{} bytes of base64]", text.len());
                    }
                    (_, member) => mask(member, data),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, data)),
        _ => {}
    }
}

fn mask_variable(variable: &mut Value) {
    let name = variable.as_str().and_then(|text| Some(text.split_once('=')?.0.to_owned()));
    *variable =
        Value::from(name.map_or_else(|| "[secret]".to_owned(), |name| format!("{name}=[secret]")));
}

impl<S: Read> Read for Traced<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buf)?;
        if read == 0 {
            self.tell('=', "closed by the other end");
        }
        for piece in buf.get(..read).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
            self.incoming.push(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.incoming);
                self.show('<', &line);
            }
        }
        Ok(read)
    }
}

impl<S: Write> Write for Traced<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(buf)?;
        self.outgoing.push(buf.get(..written).unwrap_or_default());
        Ok(written)
    }

    /// A request is complete when it is flushed.
    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()?;
        let line = std::mem::take(&mut self.outgoing);
        self.show('>', &line);
        Ok(())
    }
}

impl<S: Stream> Stream for Traced<S> {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.stream.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.stream.set_write_limit(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_not_shown_wherever_they_are() {
        let mut value = json!({"execute": "x", "arguments": {
            "password": "cGE=", "env": ["A=b", "c"], "input-data": "cGE=", "buf-b64": "cGE=", "path": "/x"}});
        mask(&mut value, true);
        let arguments = &value["arguments"];
        assert_eq!(arguments["password"], "[secret]");
        assert_eq!(arguments["env"], json!(["A=[secret]", "[secret]"]));
        assert_eq!(arguments["input-data"], "[secret, 4 bytes of base64]");
        assert_eq!((&arguments["buf-b64"], &arguments["path"]), (&json!("cGE="), &json!("/x")));
        mask(&mut value, false);
        assert_eq!(value["arguments"]["buf-b64"], "[4 bytes of base64]");
    }
}
