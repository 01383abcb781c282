//! Words of the command line to the arguments of a command.

use qga_bindings::{CommandInfo, ValueKind};
use serde_json::{Map, Value};

use crate::failure::Failure;

/// Reads arguments: one JSON object, or a word for each. What is known of the command says what type they have.
pub(super) fn read(
    words: &[String],
    command: Option<&CommandInfo>,
) -> Result<Map<String, Value>, Failure> {
    if let [word] = words
        && word.trim_start().starts_with('{')
    {
        return serde_json::from_str(word)
            .map_err(|error| wrong(format!("the arguments are no JSON object: {error}")));
    }
    let mut arguments = Map::new();
    for word in words {
        let (name, value, is_json) = split(word)?;
        let kind = match command {
            Some(command) => Some(kind(command, name)?),
            None => None,
        };
        let value = if is_json {
            json(name, value)?
        } else {
            let item = match &kind {
                Some(ValueKind::List(item)) => Some(*item),
                kind => kind.as_ref(),
            };
            typed(name, value, item)?
        };
        add(&mut arguments, name, value, !is_json && matches!(kind, Some(ValueKind::List(_))))?;
    }
    Ok(arguments)
}

/// The name and the text of the value, and whether that is JSON.
fn split(word: &str) -> Result<(&str, &str, bool), Failure> {
    match word.split_once('=') {
        Some((name, value)) => Ok(match name.strip_suffix(':') {
            Some(name) => (name, value, true),
            None => (name, value, false),
        }),
        None => Err(wrong(format!("`{word}` is not an argument"))),
    }
}

fn kind(command: &CommandInfo, name: &str) -> Result<ValueKind, Failure> {
    let argument = command.arguments.iter().find(|argument| argument.name == name);
    argument.map(|argument| argument.kind).ok_or_else(|| {
        let names: Vec<&str> = command.arguments.iter().map(|argument| argument.name).collect();
        let takes = match names.as_slice() {
            [] => "it takes none".to_owned(),
            names => format!("it takes {}", names.join(", ")),
        };
        Failure::usage(format!("{} has no argument `{name}`", command.name))
            .next(format!("{takes}; a JSON object is sent whatever is in it"))
    })
}

/// A value as its kind is written; where that is not known, JSON if it is JSON, and text otherwise.
fn typed(name: &str, text: &str, kind: Option<&ValueKind>) -> Result<Value, Failure> {
    match kind {
        Some(ValueKind::String | ValueKind::Bytes | ValueKind::Enum(_)) => Ok(Value::from(text)),
        Some(
            ValueKind::Boolean
            | ValueKind::Integer
            | ValueKind::Number
            | ValueKind::Null
            | ValueKind::Object,
        ) => json(name, text),
        _ => Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
    }
}

fn json(name: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text)
        .map_err(|error| wrong(format!("the value of {name} is not right: {error}")))
}

/// Adds an argument. A list collects its items.
fn add(
    arguments: &mut Map<String, Value>,
    name: &str,
    value: Value,
    is_item: bool,
) -> Result<(), Failure> {
    match arguments.get_mut(name) {
        Some(Value::Array(items)) if is_item => items.push(value),
        Some(_) => return Err(wrong(format!("{name} is given twice"))),
        None => {
            let value = if is_item { Value::Array(vec![value]) } else { value };
            arguments.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

fn wrong(message: String) -> Failure {
    Failure::usage(message).next(
        "write path=/etc/hosts, a list as arg=a arg=b, JSON as count:=5, or everything as one object: '{\"path\": \"/etc/hosts\"}'",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arguments(command: &str, words: &[&str]) -> Result<Value, String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let map = read(&words, super::super::find(command)).map_err(|failure| failure.message)?;
        Ok(Value::Object(map))
    }

    #[test]
    fn words_become_values_of_the_type_that_the_command_takes() {
        assert_eq!(
            arguments("guest-exec", &["path=007", "arg=-c", "arg=1", "capture-output=true"]),
            Ok(json!({"path": "007", "arg": ["-c", "1"], "capture-output": true}))
        );
        assert_eq!(
            arguments("guest-file-read", &["handle=1", "count=5"]),
            Ok(json!({"handle": 1, "count": 5}))
        );
    }

    #[test]
    fn values_of_unknown_commands_are_json_where_they_can_be() {
        assert_eq!(
            arguments("guest-x", &["a=1", "b=text", "c=[1]", "d:=\"1\""]),
            Ok(json!({"a": 1, "b": "text", "c": [1], "d": "1"}))
        );
    }

    #[test]
    fn an_object_is_taken_as_it_is() {
        assert_eq!(arguments("guest-ping", &["{\"whatever\": [1]}"]), Ok(json!({"whatever": [1]})));
    }

    #[test]
    fn what_cannot_be_right_is_told() {
        for (words, message) in [
            (
                &["handle=x"][..],
                "the value of handle is not right: expected value at line 1 column 1",
            ),
            (&["handle"], "`handle` is not an argument"),
            (&["handel=1"], "guest-file-read has no argument `handel`"),
            (&["handle=1", "handle=2"], "handle is given twice"),
            (
                &["{"],
                "the arguments are no JSON object: EOF while parsing an object at line 1 column 1",
            ),
        ] {
            assert_eq!(arguments("guest-file-read", words), Err(message.to_owned()));
        }
    }
}
