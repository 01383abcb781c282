//! The rules on commands and events: what they may take and return.

use super::{Facts, Rules, fault};
use crate::check::definition::TypeRef;
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::schema::draft::{Draft, DraftKind};
use crate::syntax::quote::quoted;

impl<'a> Rules<'a> {
    pub(super) fn check_arguments(
        &mut self,
        draft: &'a Draft,
        arguments: Option<&TypeRef>,
        boxed: bool,
    ) -> Option<Facts> {
        let Some(arguments) = arguments else { return Some(Facts::default()) };
        let (at, found) = self.resolve(draft, arguments, &"the arguments")?;
        let DraftKind::Object { branches, .. } = &found.kind else {
            let message = format!("the arguments of {} must be an object", quoted(&draft.name));
            let label = format!("this is {}", found.describe());
            let help = "name a struct, or write the members here: `{ 'NAME': 'TYPE' }`";
            let fault = fault(draft, Code::ArgumentsType, message).label(arguments.span, label);
            self.report(fault.help(help));
            return None;
        };
        if branches.is_some() && !boxed {
            let message =
                format!("the arguments of {} are a union, but not boxed", quoted(&draft.name));
            let fault = fault(draft, Code::ArgumentsUnion, message);
            self.report(fault.label(arguments.span, "").help("add `'boxed': true`"));
            return None;
        }
        if self.check(at, 0)?.conditional && !boxed {
            let message =
                format!("{} has conditional arguments, but is not boxed", quoted(&draft.name));
            let fault = fault(draft, Code::ArgumentsConditional, message);
            let fault = fault.label(arguments.span, "").help("add `'boxed': true`");
            self.report_unless(Allowance::LooseArguments, fault)?;
        }
        Some(Facts::default())
    }

    pub(super) fn check_returns(
        &mut self,
        at: usize,
        draft: &'a Draft,
        returns: Option<&TypeRef>,
    ) -> Option<Facts> {
        let Some(returns) = returns else { return Some(Facts::default()) };
        let (found_at, found) = self.resolve(draft, returns, &"what is returned")?;
        if self.free_returns.contains(draft.name.as_str()) {
            return Some(Facts::default());
        }
        let element = match &found.kind {
            // An array that only a later definition brings into being is not there yet for QEMU's front end.
            DraftKind::Array { element } if found_at < at => {
                self.drafts.type_named(element).map_or(found, |(_, element)| element)
            }
            _ => found,
        };
        if !matches!(element.kind, DraftKind::Object { .. }) {
            let message =
                format!("{} must return an object or an array of objects", quoted(&draft.name));
            let help = "only commands that the pragma `command-returns-exceptions` lists may return others";
            let fault = fault(draft, Code::ReturnsType, message)
                .label(returns.span, format!("this is {}", found.describe()))
                .help(help);
            self.report_unless(Allowance::LooseReturns, fault)?;
        }
        Some(Facts::default())
    }
}
