//! Faults of documentation: errors today, overlooked in schemas of older releases.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Allowance, Dialect};
use crate::source::Span;

/// Passes faults of documentation on, or counts them where the dialect allows old documentation.
#[derive(Debug)]
pub(crate) struct DocFaults {
    overlook: bool,
    /// The place of the first one overlooked.
    first: Option<Span>,
    count: usize,
}

impl DocFaults {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { overlook: dialect.allows(Allowance::LegacyDocs), first: None, count: 0 }
    }

    /// Reports `faults` to `diagnostics`, as errors or not at all.
    pub(crate) fn report(
        &mut self,
        faults: impl IntoIterator<Item = Diagnostic>,
        diagnostics: &mut Diagnostics,
    ) {
        if !self.overlook {
            return diagnostics.extend(faults);
        }
        for fault in faults {
            self.first = self.first.or(fault.at);
            self.count = self.count.saturating_add(1);
        }
    }

    /// One warning for everything that was overlooked.
    pub(crate) fn summary(&self) -> Option<Diagnostic> {
        let places = match self.count {
            1 => "one place".to_owned(),
            count => format!("{count} places"),
        };
        let message = format!("documentation breaks the rules of QEMU 10.2 in {places}");
        let help =
            "it is read as well as possible; read the schema in strict mode to see every place";
        let warning = Diagnostic::error(Code::LegacyDocs, self.first?, message).as_warning();
        Some(warning.help(help))
    }
}
