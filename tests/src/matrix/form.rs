//! The forms of a command: with its mandatory arguments alone, with each optional one, and with each kind of value that an
//! argument can have. They follow from what the bindings know of a command, so that new ones are tried without being listed.

use qga_bindings::{ArgumentInfo, CommandInfo, ValueKind, info};
use serde_json::{Value, json};

/// A form of a command.
#[derive(Clone, Debug)]
pub struct Form {
    /// The command.
    pub command: &'static CommandInfo,
    /// The argument that makes it special, if one does.
    pub argument: Option<&'static ArgumentInfo>,
    /// The value of that argument, where its kind decides it.
    pub value: Option<Value>,
}

/// Every form of every command.
pub fn forms() -> impl Iterator<Item = Form> {
    info::COMMANDS.iter().flat_map(forms_of)
}

fn forms_of(command: &'static CommandInfo) -> impl Iterator<Item = Form> {
    let plain = Form { command, argument: None, value: None };
    let special = command.arguments.iter().flat_map(move |argument| {
        // The first kind of value of a mandatory argument is in the plain form.
        let tried = usize::from(!argument.optional);
        kinds(&argument.kind).into_iter().skip(tried).map(move |value| Form {
            command,
            argument: Some(argument),
            value,
        })
    });
    std::iter::once(plain).chain(special)
}

/// The kinds of values that an argument can have: each a value of its own where that is what they differ in.
fn kinds(kind: &ValueKind) -> Vec<Option<Value>> {
    match kind {
        ValueKind::Boolean => vec![Some(json!(true)), Some(json!(false))],
        ValueKind::Enum(names) => names.iter().map(|name| Some(json!(name))).collect(),
        ValueKind::Alternate(branches) => branches
            .iter()
            .flat_map(kinds)
            .map(|value| Some(value.unwrap_or_else(|| json!(0))))
            .collect(),
        _ => vec![None],
    }
}

/// The first kind of value of an argument.
pub(super) fn first(argument: &ArgumentInfo) -> Option<Value> {
    kinds(&argument.kind).into_iter().next().flatten()
}

impl Form {
    /// What is special about it: `plain`, `time`, `mode: "halt"`.
    pub fn name(&self) -> String {
        match (self.argument, &self.value) {
            (None, _) => "plain".to_owned(),
            (Some(argument), None) => argument.name.to_owned(),
            (Some(argument), Some(value)) => format!("{}: {value}", argument.name),
        }
    }

    /// Whether it makes the agent close its own standard input, which spoils later programs: a fault of agents since 8.1.
    pub(super) fn spoils_agent(&self) -> bool {
        self.argument.is_some_and(|argument| argument.name == "capture-output")
            && matches!(self.value.as_ref().and_then(Value::as_str), Some("stdout" | "stderr"))
    }
}
