//! The value of an `if` key to a condition.

use std::fmt::Display;

use super::{Checker, shape};
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::schema::Condition;
use crate::syntax::quote::quoted;
use crate::syntax::tree::{Value, ValueKind};

/// How deep conditions may nest; the parser's own limit on nesting is not far above.
const DEPTH: usize = 64;

const FORMS: &str =
    "write `'NAME'`, `{ 'all': [ 'A', 'B' ] }`, `{ 'any': [ 'A', 'B' ] }` or `{ 'not': 'A' }`";

impl Checker<'_> {
    /// The condition that `object` has under its `if` key. `of` says whose condition this is.
    pub(super) fn condition(&mut self, object: &Value, of: &dyn Display) -> Option<Condition> {
        self.condition_of(object.get("if")?, of, 0)
    }

    fn condition_of(&mut self, value: &Value, of: &dyn Display, depth: usize) -> Option<Condition> {
        if depth > DEPTH {
            let message = format!("the condition of {of} nests deeper than {DEPTH} levels");
            self.report(
                self.fault(Code::ConditionInvalid, message)
                    .label(value.span, "at this level")
                    .help(
                        "write it with fewer levels: `all` and `any` take any number of conditions",
                    ),
            );
            return None;
        }
        match &value.kind {
            ValueKind::String(text) => self.condition_name(value, text, of),
            ValueKind::Object(_) => self.condition_operation(value, of, depth),
            ValueKind::Array(parts) if self.dialect.allows(Allowance::TextConditions) => {
                self.operands(value, parts, of, depth).map(Condition::All)
            }
            _ => {
                let message = format!("the condition of {of} must be a name or an object");
                let found = format!("this is {}", shape::describe(value));
                let fault = self.fault(Code::ConditionInvalid, message).label(value.span, found);
                self.report(fault.help(FORMS));
                None
            }
        }
    }

    fn condition_name(&mut self, value: &Value, text: &str, of: &dyn Display) -> Option<Condition> {
        if is_macro(text) {
            return Some(Condition::Defined(text.to_owned()));
        }
        if self.dialect.allows(Allowance::TextConditions) {
            match super::condition_text::parse(text) {
                Ok(condition) => return Some(condition),
                Err(complaint) => {
                    let message = format!("the condition of {of} is not understood: {complaint}");
                    let help = "C text may use `defined(NAME)`, `!`, `&&`, `||` and parentheses";
                    let fault = self.fault(Code::ConditionInvalid, message).label(value.span, "");
                    self.report(fault.help(help));
                    return None;
                }
            }
        }
        let message =
            format!("{}, the condition of {of}, is not the name of a macro", quoted(text));
        let fault = self.fault(Code::ConditionInvalid, message).label(value.span, "");
        self.report(fault.help(if text.contains("defined") {
            "since QEMU 6.2 the name stands alone, and objects with `all`, `any` and `not` join names"
        } else {
            "such a name has capital letters, digits and `_`, a letter first"
        }));
        None
    }

    fn condition_operation(
        &mut self,
        value: &Value,
        of: &dyn Display,
        depth: usize,
    ) -> Option<Condition> {
        let owner = format!("the condition of {of}");
        if !self.check_keys(value, &owner, &[], &["all", "any", "not"]) {
            return None;
        }
        let [entry] = value.as_object()? else {
            let message = format!("{owner} needs exactly one of `all`, `any` and `not`");
            let fault = self.fault(Code::ConditionInvalid, message).label(value.span, "");
            self.report(fault.help(FORMS));
            return None;
        };
        let key = entry.key.value.as_str();
        if key == "not" {
            let negated = self.condition_of(&entry.value, of, depth + 1)?;
            return Some(Condition::Not(Box::new(negated)));
        }
        let Some(parts) = entry.value.as_array() else {
            let message = format!("`{key}` in {owner} must be an array");
            let found = format!("this is {}", shape::describe(&entry.value));
            let fault = self.fault(Code::ConditionInvalid, message).label(entry.value.span, found);
            self.report(fault.help(FORMS));
            return None;
        };
        let parts = self.operands(&entry.value, parts, of, depth)?;
        Some(if key == "all" { Condition::All(parts) } else { Condition::Any(parts) })
    }

    fn operands(
        &mut self,
        list: &Value,
        parts: &[Value],
        of: &dyn Display,
        depth: usize,
    ) -> Option<Vec<Condition>> {
        if parts.is_empty() {
            let message = format!("the condition of {of} has an empty list, which says nothing");
            let fault = self.fault(Code::ConditionInvalid, message).label(list.span, "");
            self.report(fault.help("name what it depends on, or remove `if`"));
            return None;
        }
        // Every part is looked at, also after a faulty one.
        let parsed: Vec<_> =
            parts.iter().map(|part| self.condition_of(part, of, depth + 1)).collect();
        parsed.into_iter().collect()
    }
}

fn is_macro(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
