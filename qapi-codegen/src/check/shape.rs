//! The right keys, and values of the right kind.

use std::fmt::Display;

use super::Checker;
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::source::Spanned;
use crate::syntax::quote::quoted;
use crate::syntax::tree::{Value, ValueKind};

/// What a value is, in words.
pub(super) fn describe(value: &Value) -> &'static str {
    match &value.kind {
        ValueKind::Object(_) => "an object",
        ValueKind::Array(_) => "an array",
        ValueKind::String(_) => "a string",
        ValueKind::Bool(true) => "`true`",
        ValueKind::Bool(false) => "`false`",
        ValueKind::Null => "`null`",
    }
}

impl Checker<'_> {
    /// Checks that `value` is an object with all `required` keys and none but those and the `optional` ones.
    /// Whether it is.
    pub(super) fn check_keys(
        &mut self,
        value: &Value,
        owner: &dyn Display,
        required: &[&str],
        optional: &[&str],
    ) -> bool {
        let Some(entries) = value.as_object() else {
            self.wrong_value(value, owner, "an object");
            return false;
        };
        let missing: Vec<_> = required.iter().filter(|&&key| value.get(key).is_none()).collect();
        if !missing.is_empty() {
            let names = missing.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let message = format!("{owner} lacks {names}");
            let entries: Vec<_> = missing.iter().map(|key| format!("`'{key}': ...`")).collect();
            let help = format!("add {}", entries.join(" and "));
            self.report(self.fault(Code::KeyMissing, message).label(value.span, "").help(help));
        }
        let known = |key: &str| required.contains(&key) || optional.contains(&key);
        let unknown: Vec<_> = entries.iter().filter(|entry| !known(&entry.key.value)).collect();
        if let Some(first) = unknown.first() {
            let message = format!("{owner} has an unknown key {}", quoted(&first.key.value));
            let mut keys: Vec<_> =
                required.iter().chain(optional).map(|key| format!("`{key}`")).collect();
            keys.sort_unstable();
            let mut fault = self
                .fault(Code::KeyUnknown, message)
                .help(format!("keys that may stand here: {}", keys.join(", ")));
            for entry in unknown.iter().take(10) {
                fault = fault.label(entry.key.span, "");
            }
            self.report_unless(Allowance::RetiredKeys, fault);
        }
        missing.is_empty()
    }

    /// The text of `value`, which must be a string.
    pub(super) fn string(&mut self, value: &Value, owner: &dyn Display) -> Option<Spanned<String>> {
        let text = value.as_str();
        if text.is_none() {
            self.wrong_value(value, owner, "a string");
        }
        text.map(|text| Spanned::new(text.to_owned(), value.span))
    }

    /// The elements of `value`, which must be an array.
    pub(super) fn array<'v>(
        &mut self,
        value: &'v Value,
        owner: &dyn Display,
    ) -> Option<&'v [Value]> {
        let elements = value.as_array();
        if elements.is_none() {
            self.wrong_value(value, owner, "an array");
        }
        elements
    }

    /// Reports that `owner` is not what it must be.
    pub(super) fn wrong_value(&mut self, value: &Value, owner: &dyn Display, expected: &str) {
        let found = format!("this is {}", describe(value));
        let message = format!("{owner} must be {expected}");
        let help = match expected {
            "a string" => "write `'TEXT'`",
            "an array" => "write `[ VALUE, ... ]`",
            "an object" => "write `{ 'NAME': VALUE, ... }`",
            _ => "write `{ 'NAME': 'TYPE', ... }` or `'TYPE'`",
        };
        let fault = self.fault(Code::ValueInvalid, message).label(value.span, found);
        self.report(fault.help(help));
    }

    /// The flag under `key` of `object`, which may only be used to switch from `default` to the opposite.
    pub(super) fn flag(&mut self, object: &Value, key: &str, default: bool) -> bool {
        let Some(value) = object.get(key) else { return default };
        let given = match &value.kind {
            ValueKind::Bool(given) => *given,
            // For releases that wrote `'no'`, the presence of `gen` was enough.
            ValueKind::String(text) if self.dialect.allows(Allowance::NoFlags) => {
                default && text != "no" && key != "gen"
            }
            _ => default,
        };
        if given == default {
            let message = format!("flag `{key}` can only be `{}`", !default);
            let fault = self.fault(Code::FlagInvalid, message).label(value.span, "");
            let help = format!("leave it out for `{default}`");
            self.report_unless(Allowance::NoFlags, fault.help(help));
        }
        given
    }
}
