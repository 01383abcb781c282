//! An agent to try commands on: what has to be there before, and the values that commands are given.

use std::os::unix::net::UnixStream;
use std::time::{SystemTime, UNIX_EPOCH};

use qga_bindings::blocking::Client;
use qga_bindings::{ArgumentInfo, Commands as _, Error, ValueKind, commands};
use serde_json::{Map, Value, json};

use super::form::{Form, first};

/// An agent.
pub(super) struct Subject {
    /// A client of it.
    pub(super) client: Client<UnixStream>,
    /// A file that it can write to.
    pub(super) file: String,
}

impl Subject {
    /// The arguments of a form. What they refer to is made: files are opened, programs started.
    pub(super) fn arguments(&mut self, form: &Form) -> Result<Value, Error> {
        let mut arguments = Map::new();
        for argument in form.command.arguments {
            let is_special = form.argument.is_some_and(|special| special.name == argument.name);
            let decided = if is_special { form.value.clone() } else { first(argument) };
            if is_special || !argument.optional {
                let value = match decided {
                    Some(value) => value,
                    None => self.value(form.command.name, argument)?,
                };
                arguments.insert(argument.name.to_owned(), value);
            }
        }
        Ok(Value::Object(arguments))
    }

    /// A value for which a command can succeed.
    fn value(&mut self, command: &str, argument: &ArgumentInfo) -> Result<Value, Error> {
        Ok(match (command, argument.name) {
            ("guest-exec", "path") => json!("/bin/true"),
            ("guest-file-open", "path") => {
                let handle = self.open()?;
                self.client.guest_file_close(commands::GuestFileClose::new(handle))?;
                json!(self.file)
            }
            ("guest-file-open", "mode") => json!("w+"),
            ("guest-set-time", "time") => json!(now()),
            (_, "handle") => json!(self.open()?),
            (_, "pid") => json!(self.client.guest_exec(commands::GuestExec::new("/bin/true"))?.pid),
            (_, "username") => json!("alice"),
            (_, "keys") => json!(["ssh-ed25519 AAAA alice"]),
            (_, "env") => json!(["A=1"]),
            (_, "mountpoints") => json!(["/mnt"]),
            (_, "vcpus") => json!([{ "logical-id": 1, "online": true }]),
            (_, "mem-blks") => json!([{ "phys-index": 0, "online": true }]),
            _ => of_kind(&argument.kind),
        })
    }

    /// Freezes what can be frozen, for a command that thaws it.
    pub(super) fn freeze(&mut self) -> Result<(), Error> {
        self.client.guest_fsfreeze_freeze().map(drop)
    }

    fn open(&mut self) -> Result<i64, Error> {
        let open = commands::GuestFileOpen::new(self.file.as_str()).mode("w+");
        self.client.guest_file_open(open)
    }
}

/// In nanoseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// Any value of a kind.
fn of_kind(kind: &ValueKind) -> Value {
    match kind {
        ValueKind::String => json!("text"),
        ValueKind::Bytes => json!("dGV4dA=="),
        ValueKind::Boolean => json!(true),
        ValueKind::Integer | ValueKind::Number => json!(2),
        ValueKind::Enum(names) => json!(names.first()),
        ValueKind::List(element) => json!([of_kind(element)]),
        ValueKind::Object => json!({}),
        ValueKind::Alternate(branches) => branches.first().map_or(Value::Null, of_kind),
        _ => Value::Null,
    }
}
