//! Why something of this crate failed, ready to be shown.

use std::fmt;

use crate::diagnostic::Diagnostic;

/// Why a schema could not be read, or not be made into bindings.
///
/// Displays as the full report, source lines included; [`Error::diagnostics`] has the same as data.
#[derive(Clone, Debug)]
pub struct Error {
    diagnostics: Vec<Diagnostic>,
    report: String,
}

impl Error {
    pub(crate) fn new(diagnostics: Vec<Diagnostic>, report: String) -> Self {
        Self { diagnostics, report }
    }

    /// Everything that was found, in order, warnings included.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.report.trim_end())
    }
}

impl std::error::Error for Error {}
