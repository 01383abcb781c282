//! One file to one text of the source map, within limits.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::load::{Loader, MAX_FILE_BYTES, MAX_SCHEMA_BYTES};
use crate::source::Span;
use crate::syntax::quote::quoted;

impl Loader<'_> {
    /// The text of the file at `path`, which is in the source map then; `None` if there was a fault.
    pub(super) fn text(
        &mut self,
        path: &Path,
        included_at: Option<Span>,
    ) -> Option<(Arc<str>, Span)> {
        let text = match self.read_limited(path, included_at) {
            Ok(bytes) => String::from_utf8(bytes),
            Err(fault) => {
                self.diagnostics.push(*fault);
                return None;
            }
        };
        let name = path.to_string_lossy().into_owned();
        match text {
            Ok(text) => self.add(name, text, included_at),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                self.reject_bytes(name, error.as_bytes(), valid, included_at);
                None
            }
        }
    }

    fn read_limited(
        &mut self,
        path: &Path,
        included_at: Option<Span>,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        let name = quoted(&path.to_string_lossy());
        let fault = |code, message| {
            Box::new(match included_at {
                Some(at) => Diagnostic::error(code, at, message),
                None => Diagnostic::without_place(code, message),
            })
        };
        let limit = MAX_FILE_BYTES.min(self.bytes_left);
        let bytes = self.files.open(path).and_then(|file| read_at_most(file, limit + 1));
        let bytes = bytes.map_err(|error| {
            let fault = fault(Code::Unreadable, format!("cannot read {name}: {error}"));
            Box::new(match included_at {
                Some(_) => {
                    fault.help("the path is taken from the folder of the file that includes it")
                }
                None => fault.help("the path is taken from the folder of this process"),
            })
        })?;
        let size = bytes.len() as u64;
        if size > MAX_FILE_BYTES {
            let limit = MAX_FILE_BYTES >> 20;
            let message = format!("{name} is larger than {limit} MiB, so it is hardly a schema");
            let fault = fault(Code::FileTooLarge, message);
            return Err(Box::new(fault.help("QEMU's largest has 200 kB: is this the right file?")));
        }
        if size > self.bytes_left {
            let limit = MAX_SCHEMA_BYTES >> 20;
            let message = format!("with {name} the schema is larger than {limit} MiB");
            let fault = fault(Code::SchemaTooLarge, message);
            return Err(Box::new(fault.help("QEMU's own has 800 kB: is all of this one schema?")));
        }
        self.bytes_left -= size;
        Ok(bytes)
    }

    fn add(&mut self, name: String, text: String, at: Option<Span>) -> Option<(Arc<str>, Span)> {
        // The limits keep the map far from full; should it be shared and full all the same, say so.
        let Ok(id) = self.sources.add(name, text, at) else {
            let message = "all schemas together are too large";
            self.diagnostics.push(Diagnostic::without_place(Code::SchemaTooLarge, message));
            return None;
        };
        let file = self.sources.file(id)?;
        Some((file.shared_text(), file.span()))
    }

    /// Shows the first byte that is not UTF-8 in its line; what follows is of no use.
    fn reject_bytes(&mut self, name: String, bytes: &[u8], valid: usize, at: Option<Span>) {
        let (before, after) = bytes.split_at_checked(valid).unwrap_or((bytes, &[]));
        let line_end = after.iter().take(80).position(|&byte| byte == b'\n' || byte == b'\r');
        let shown = after.get(..line_end.unwrap_or(after.len().min(80))).unwrap_or_default();
        let byte = after.first().copied().unwrap_or_default();
        let mut text = String::from_utf8_lossy(before).into_owned();
        let start = crate::source::normalised_len(&text);
        text.push_str(&String::from_utf8_lossy(shown));
        let Some((_, file)) = self.add(name, text, at) else { return };
        // The mark that stands for a byte that is not UTF-8 takes three bytes itself.
        let place = Span::new(file.start + start, file.start + start + 3);
        let fault = Diagnostic::error(
            Code::InvalidUtf8,
            place,
            format!("the byte 0x{byte:02x} is not UTF-8"),
        );
        self.diagnostics.push(fault.help("save the file as UTF-8"));
    }
}

/// All bytes of `file`, or the first `limit`.
fn read_at_most(file: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
