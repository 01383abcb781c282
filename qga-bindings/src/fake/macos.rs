//! A fake agent like the one that others wrote for macOS, as far as a client notices.

use serde_json::{Map, Value, json};

use super::dialect::{Dialect, ErrorStyle};
use super::{Agent, Answer, Call};
use crate::Release;

/// How long a line may be.
const LINE: usize = 4096;

/// How much a read gives at most, in bytes.
const READ: i64 = 48 << 10;

impl Agent {
    /// An agent written for macOS by others. It acts at the end of a line and not at a closing brace, throws away lines of 4096
    /// bytes and more without a word, and takes 0xFF for nothing but the beginning of a line. Numbers are floating point to
    /// it; errors have a class that QEMU has given up. It gives at most 48 KiB at a time, opens files for reading only where a
    /// mode says that they are binary, and takes the names of places to seek from for the beginning. Programs get no input, and
    /// those that are to have their outputs merged have none.
    pub fn of_macos() -> Self {
        let release = Release::new(10, 0);
        let agent = Self::of_release(release);
        agent.set_version("2.4.0");
        agent.lock().read_lines(LINE);
        agent.lock().dialect = Dialect { errors: ErrorStyle::OwnClass, ..Dialect::of(release) };
        agent.on("guest-sync-id", |_| Answer::empty());
        agent.on("guest-get-hostname", |_| Answer::json(r#"{"host-name": "mac"}"#));
        for name in ["guest-sync", "guest-sync-delimited"] {
            agent.amend(name, |arguments| edit(arguments, "id", |id| json!(rounded(id))), |_| ());
        }
        agent.amend("guest-file-open", |arguments| edit(arguments, "mode", only_read), |_| ());
        agent.amend("guest-file-read", |arguments| edit(arguments, "count", at_most), |_| ());
        agent.amend("guest-file-seek", |arguments| edit(arguments, "whence", numbered), |_| ());
        agent.amend("guest-exec", take_less, |_| ());
        agent.amend("guest-exec-status", |_| (), tell_more);
        agent
    }

    /// Has a command executed with other arguments, and its value told differently.
    fn amend(
        &self,
        name: &str,
        mut before: impl FnMut(&mut Map<String, Value>) + Send + 'static,
        mut after: impl FnMut(&mut Value) + Send + 'static,
    ) {
        let Some(mut handler) = self.lock().handlers.remove(name) else { return };
        self.on(name, move |call| {
            let mut call: Call = call.clone();
            if let Value::Object(arguments) = &mut call.arguments {
                before(arguments);
            }
            let mut answer = handler(&call);
            if let Ok(mut reply) = serde_json::from_slice::<Value>(&answer.bytes)
                && let Some(value) = reply.get_mut("return")
            {
                after(value);
                answer.bytes = Answer::value(value).bytes;
            }
            answer
        });
    }
}

/// Changes an argument, if there is one of this name.
fn edit(arguments: &mut Map<String, Value>, name: &str, change: impl FnOnce(&Value) -> Value) {
    if let Some(value) = arguments.get_mut(name) {
        *value = change(value);
    }
}

/// What is left of a whole number that was floating point in between.
#[expect(clippy::cast_possible_truncation, reason = "that is what the agent does")]
fn rounded(number: &Value) -> i64 {
    number.as_f64().unwrap_or_default() as i64
}

fn only_read(mode: &Value) -> Value {
    match mode.as_str() {
        Some(text) if text.contains('b') => json!("r"),
        _ => mode.clone(),
    }
}

fn at_most(count: &Value) -> Value {
    json!(rounded(count).min(READ))
}

fn numbered(whence: &Value) -> Value {
    if whence.is_string() { json!(0) } else { whence.clone() }
}

fn take_less(arguments: &mut Map<String, Value>) {
    arguments.remove("input-data");
    edit(arguments, "capture-output", |capture| json!(capture.as_bool().unwrap_or(false)));
}

/// A program that a signal ended has an exit code as well.
fn tell_more(status: &mut Value) {
    if let Some(status) = status.as_object_mut().filter(|status| status.contains_key("signal")) {
        status.insert("exitcode".to_owned(), json!(-1));
    }
}
