//! One form of a command, tried on one agent: whatever comes back must fit what is known of the agent's release.

use qapi_codegen::schema::Schema;
use qga_bindings::protocol::{Reply, Request};
use qga_bindings::{Command, CommandVisitor, Error, Refusal, Release, info};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Outcome;
use super::form::Form;
use super::subject::Subject;
use crate::values::{check, same};

/// Tries a form on an agent of this release, which has this schema.
///
/// # Errors
/// What does not fit: a reply and the schema, or what the bindings say is needed and what the agent says.
pub(super) fn attempt(
    form: &Form,
    subject: &mut Subject,
    release: Release,
    schema: &Schema,
) -> Result<Outcome, String> {
    let arguments = subject.arguments(form).map_err(|error| error.to_string())?;
    let attempt = Attempt { form, subject, release, schema, arguments };
    let outcome = info::visit(form.command.name, attempt).ok_or("the bindings do not know it")?;
    outcome.map_err(|error| format!("{} ({}): {error}", form.command.name, form.name()))
}

struct Attempt<'a> {
    form: &'a Form,
    subject: &'a mut Subject,
    release: Release,
    schema: &'a Schema,
    arguments: Value,
}

impl CommandVisitor for Attempt<'_> {
    type Output = Result<Outcome, String>;

    fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
        let command: C = serde_json::from_value(self.arguments.clone())
            .map_err(|error| format!("{}: {error}", self.arguments))?;
        let needed = command.required_release().ok_or("no release is known for it")?;
        let result = if C::SUCCESS_RESPONSE {
            let request = Request::new(&command).map_err(|error| error.to_string())?;
            self.subject.client.request(&request, None)
        } else {
            self.subject.client.execute(&command).map(|_| None)
        };
        let is_old_enough = needed <= self.release;
        match result {
            Ok(_) if !is_old_enough => Err(format!("it needs {needed}, and works")),
            Ok(Some(reply)) => {
                self.check_reply::<C>(&reply).map(|raw| effect(C::NAME, &self.arguments, &raw))
            }
            Ok(None) => Ok(Outcome::Works),
            Err(error) => self.explain(&error, needed),
        }
    }
}

impl Attempt<'_> {
    /// The reply must fit the schema member by member, and be understood without loss. What it returns is returned.
    fn check_reply<C: Command<Output: Serialize>>(&self, reply: &Reply) -> Result<Value, String> {
        let raw = reply.value().map_err(|error| error.to_string())?.get();
        let raw: Value = serde_json::from_str(raw).map_err(|error| error.to_string())?;
        let definition = self.schema.command_named(C::NAME).ok_or("the schema does not have it")?;
        match definition.returns {
            Some(ty) => check(self.schema, ty, &raw)?,
            None if raw == json!({}) => {}
            None => return Err(format!("{raw} is not empty")),
        }
        let typed = reply.decode::<C>().map_err(|error| error.to_string())?;
        let again = serde_json::to_value(typed).map_err(|error| error.to_string())?;
        if same(&again, &raw) { Ok(raw) } else { Err(format!("{again} was understood of {raw}")) }
    }

    /// A form that is too new must be refused with the release that it needs, and no other one must.
    fn explain(&self, error: &Error, needed: Release) -> Result<Outcome, String> {
        let told = error.agent_error().and_then(|error| error.needs);
        if told != Some(needed).filter(|needed| *needed > self.release) {
            return Err(format!("it needs {needed}, and the error is: {error}"));
        }
        match error {
            Error::Failed { .. } | Error::Refused { why: Refusal::Unsupported, .. }
                if told.is_some() =>
            {
                Ok(Outcome::Needs(needed))
            }
            Error::Failed { error, .. } => {
                let said = error.desc.as_deref().unwrap_or_default();
                if is_about_arguments(said) {
                    return Err(format!(
                        "it needs {needed}, and does not take these arguments: {said}"
                    ));
                }
                Ok(Outcome::Fails(without_random_names(said)))
            }
            Error::Refused { why: Refusal::Disabled, .. } => Ok(Outcome::Disabled),
            Error::Refused { why: Refusal::Unsupported, .. } if self.may_be_absent() => {
                Ok(Outcome::Absent)
            }
            error => Err(error.to_string()),
        }
    }

    /// Whether there are agents of this release without the command.
    fn may_be_absent(&self) -> bool {
        let command = self.form.command;
        !command.is_in(self.release) || command.condition_in(self.release).is_some()
    }
}

/// How agents begin to say that they do not understand, as opposed to cannot do, what they are asked for.
const NOT_UNDERSTOOD: [&str; 3] = ["Invalid parameter", "Parameter '", "QMP input"];

/// Whether an agent says that arguments are not those that a command takes; some say first where, as in `1:20: `.
pub fn is_about_arguments(said: &str) -> bool {
    let is_place = |text: &str| text.chars().all(|each| each.is_ascii_digit() || each == ':');
    let said = match said.split_once(": ") {
        Some((place, rest)) if is_place(place) => rest,
        _ => said,
    };
    NOT_UNDERSTOOD.iter().any(|beginning| said.starts_with(beginning))
}

/// Whether a command that succeeded did anything, as far as what it returned tells.
fn effect(command: &str, arguments: &Value, returned: &Value) -> Outcome {
    let entries = |list: &'static str| returned[list].as_array().into_iter().flatten();
    match command {
        "guest-fsfreeze-freeze" | "guest-fsfreeze-freeze-list" | "guest-fsfreeze-thaw"
            if *returned == json!(0) =>
        {
            Outcome::NoEffect
        }
        "guest-fstrim" => {
            let error = entries("paths").find_map(|path| path["error"].as_str());
            match error {
                Some(error) => Outcome::Fails(error.to_owned()),
                None if entries("paths").next().is_none() => Outcome::NoEffect,
                None => Outcome::Works,
            }
        }
        // It is how many were switched before the first that could not be.
        "guest-set-vcpus" if returned.as_u64() != length(&arguments["vcpus"]) => Outcome::NoEffect,
        "guest-set-memory-blocks" => {
            let blocks = returned.as_array().into_iter().flatten();
            let failed = blocks.into_iter().find(|block| block["response"] != json!("success"));
            match failed {
                Some(block) => Outcome::Fails(block.to_string()),
                None if length(returned) != length(&arguments["mem-blks"]) => Outcome::NoEffect,
                None => Outcome::Works,
            }
        }
        _ => Outcome::Works,
    }
}

fn length(list: &Value) -> Option<u64> {
    list.as_array().map(|list| list.len() as u64)
}

/// What an agent says, the same each time: temporary files have six random characters at the end of their names.
fn without_random_names(said: &str) -> String {
    let parts = said.split('\u{201d}').map(|part| match part.rsplit_once('.') {
        Some((name, random))
            if random.len() == 6 && random.chars().all(|each| each.is_ascii_alphanumeric()) =>
        {
            format!("{name}.XXXXXX")
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("\u{201d}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Outcome, effect, is_about_arguments, without_random_names};

    #[test]
    fn words_about_arguments_are_told_from_those_about_what_was_to_be_done() {
        for said in [
            "Invalid parameter type for 'capture-output', expected: boolean",
            "Invalid parameter 'nowhere'",
            "Parameter 'no-such-argument' is unexpected",
            "QMP input member 'arg' is unexpected",
            "1:52: Parameter 'id' is missing",
        ] {
            assert!(is_about_arguments(said), "{said}");
        }
        for said in
            ["failed to open file 'x': Parameter 'y'", "Guest agent: Parameter 'y'", "", "no user"]
        {
            assert!(!is_about_arguments(said), "{said}");
        }
    }

    #[test]
    fn what_was_returned_tells_of_commands_that_succeed_whether_they_did_anything() {
        let (none, works) = (json!({}), Outcome::Works);
        for (name, did, did_not) in [
            ("guest-fsfreeze-freeze", json!(1), json!(0)),
            ("guest-fsfreeze-freeze-list", json!(1), json!(0)),
            ("guest-fsfreeze-thaw", json!(1), json!(0)),
            ("guest-fstrim", json!({"paths": [{"path": "/", "trimmed": 0}]}), json!({"paths": []})),
        ] {
            assert_eq!(effect(name, &none, &did), works, "{name}");
            assert_eq!(effect(name, &none, &did_not), Outcome::NoEffect, "{name}");
        }
        let vcpus = json!({"vcpus": [{}, {}]});
        assert_eq!(effect("guest-set-vcpus", &vcpus, &json!(2)), works);
        assert_eq!(effect("guest-set-vcpus", &vcpus, &json!(1)), Outcome::NoEffect);
        let refused =
            json!({"paths": [{"path": "/", "trimmed": 1}, {"path": "/a", "error": "no"}]});
        assert_eq!(effect("guest-fstrim", &none, &refused), Outcome::Fails("no".to_owned()));
        let blocks = json!({"mem-blks": [{}]});
        let answered = |response| json!([{"phys-index": 0, "response": response}]);
        let of = |response| effect("guest-set-memory-blocks", &blocks, &answered(response));
        assert_eq!(of("success"), works);
        assert!(matches!(of("operation-failed"), Outcome::Fails(_)));
        let skipped = effect("guest-set-memory-blocks", &blocks, &json!([]));
        assert_eq!(skipped, Outcome::NoEffect);
    }

    #[test]
    fn names_of_temporary_files_are_told_without_what_is_random_in_them() {
        let said =
            "Failed to create file \u{201c}/sys/power/state.QHY8Y3\u{201d}: Permission denied";
        assert_eq!(without_random_names(said), said.replace("QHY8Y3", "XXXXXX"));
        assert_eq!(without_random_names("no such user. Really"), "no such user. Really");
    }
}
