//! Documentation comments against the definitions they stand before, as far as that takes no look at members.

use super::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Allowance;
use crate::source::Spanned;
use crate::syntax::doc::{Doc, SectionKind};
use crate::syntax::quote::quoted;
use crate::syntax::tree::Value;

impl Checker<'_> {
    /// Checks that the comment is there if it has to be, and that it is for this definition.
    /// Whether it is.
    pub(super) fn check_doc(
        &mut self,
        doc: Option<&Doc>,
        name: &Spanned<String>,
        object: &Value,
    ) -> bool {
        let Some(doc) = doc else {
            if self.exempt.doc_required {
                let message = format!("{} lacks a documentation comment", quoted(&name.value));
                let help = "the pragma `doc-required` asks for one before every definition";
                let fault = self.fault(Code::DocMissing, message).label(name.span, "");
                self.report_unless(Allowance::LegacyDocs, fault.help(help));
            }
            return false;
        };
        if let Some(symbol) = doc.symbol.as_ref().filter(|symbol| symbol.value != name.value) {
            let message = format!(
                "the comment before {} documents {}",
                quoted(&name.value),
                quoted(&symbol.value)
            );
            let fault = self
                .fault(Code::DocSymbol, message)
                .label(name.span, "this is defined")
                .related(symbol.span, "this is documented")
                .help("correct one of the names, or put the comment above what it documents");
            self.report_unless(Allowance::LegacyDocs, fault);
            return false;
        }
        self.check_answers(doc, object);
        true
    }

    /// Only commands answer.
    fn check_answers(&mut self, doc: &Doc, object: &Value) {
        let is_command = object.get("command").is_some();
        for section in &doc.sections {
            let (message, help) = match section.kind {
                SectionKind::Returns if !is_command => {
                    ("only a command can have a `Returns` section", "remove it")
                }
                SectionKind::Errors if !is_command => {
                    ("only a command can have an `Errors` section", "remove it")
                }
                SectionKind::Returns if object.get("returns").is_none() => (
                    "there is a `Returns` section, but the command returns nothing",
                    "remove it, or say under `returns` what the command returns",
                ),
                _ => continue,
            };
            let fault = Diagnostic::error(Code::DocSection, section.span, message)
                .related(self.at, "the definition")
                .help(help);
            self.report_unless(Allowance::LegacyDocs, fault);
        }
    }
}
