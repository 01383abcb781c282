//! A fake agent's file system: in memory, with the habits of real agents.

mod disk;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine};
pub(super) use disk::Disk;
use serde_json::{Value, json};

use super::{Agent, Answer, Call};

/// How many bytes a read gives if it does not say how many it wants.
const DEFAULT_COUNT: i64 = 4096;

/// How many bytes a read can give at most.
const MAX_COUNT: i64 = 48 << 20;

/// The files of a fake agent. Clones are handles of the same files.
///
/// [`Agent::add_files`] makes them, and with them `guest-file-open` and its kin, which do as real agents do: handles count
/// from 1000 and die when the agent [restarts](Agent::restart); a read that ends exactly at the end of the file does not
/// say so yet; what is written can be seen by others only after a flush, a seek or the close; a failed close leaves a dead
/// handle behind, and closing that once more ends the agent. There is no need to make directories.
///
/// ```
/// use qga_bindings::blocking::Client;
/// use qga_bindings::{Commands, commands, fake};
///
/// let agent = fake::Agent::new();
/// let files = agent.add_files();
/// files.insert("/etc/hostname", "web-1\n");
///
/// let mut client = Client::new(agent.connect());
/// let handle = client.guest_file_open(commands::GuestFileOpen::new("/etc/hostname"))?;
/// let read = client.guest_file_read(commands::GuestFileRead::new(handle))?;
/// assert_eq!(read.buf_b64, b"web-1\n");
/// assert_eq!(files.open_handles(), [handle]);
/// # Ok::<(), qga_bindings::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Files {
    disk: Arc<Mutex<Disk>>,
}

impl Agent {
    /// Gives the agent files, none at first, and the commands to work with them.
    pub fn add_files(&self) -> Files {
        let files = Files::default();
        files.answer(self, "guest-file-open", Disk::open);
        files.answer(self, "guest-file-close", Disk::close);
        files.answer(self, "guest-file-read", Disk::read);
        files.answer(self, "guest-file-write", Disk::write);
        files.answer(self, "guest-file-seek", Disk::seek);
        files.answer(self, "guest-file-flush", Disk::flush);
        let restarted = files.clone();
        self.on_restart(move || restarted.lock().forget_handles());
        files
    }
}

impl Files {
    /// Puts a file there, in place of what was there.
    pub fn insert(&self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> &Self {
        self.lock().insert(path.into(), bytes.into());
        self
    }

    /// What is in a file, if there is one.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.lock().get(path)
    }

    /// Takes a file away. Who has it open can go on with it.
    pub fn remove(&self, path: &str) -> Option<Vec<u8>> {
        self.lock().remove(path)
    }

    /// The paths of all files.
    pub fn paths(&self) -> Vec<String> {
        self.lock().paths()
    }

    /// The handles that were opened and not closed.
    pub fn open_handles(&self) -> Vec<i64> {
        self.lock().handles()
    }

    /// Says how many bytes the files may have in all, as if the disk were that small. It is a gibibyte otherwise.
    pub fn set_capacity(&self, bytes: usize) -> &Self {
        self.lock().capacity = bytes;
        self
    }

    /// Gives at most so many bytes to a read, and takes at most so many from a write, whatever it asks for.
    pub fn set_transfer_limit(&self, bytes: usize) -> &Self {
        self.lock().transfer_limit = bytes;
        self
    }

    /// How often a dead handle was closed again, which ends real agents.
    pub fn crashes(&self) -> usize {
        self.lock().crashes
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, agent: &Agent, name: &str, run: fn(&mut Disk, &Call) -> Result<Value, Fault>) {
        let files = self.clone();
        agent.on(name, move |call| match run(&mut files.lock(), call) {
            Ok(value) => Answer::value(&value),
            Err(Fault::Error(desc)) => Answer::error("GenericError", &desc),
            Err(Fault::Crash) => Answer::silence().then_hang_up(),
        });
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let disk = self.lock();
        let sizes: BTreeMap<String, usize> = disk.sizes().collect();
        f.debug_struct("Files").field("sizes", &sizes).field("open", &disk.handles()).finish()
    }
}

/// Why a command is not answered with a value.
enum Fault {
    /// The agent says so.
    Error(String),
    /// The agent is gone.
    Crash,
}

impl From<String> for Fault {
    fn from(desc: String) -> Self {
        Self::Error(desc)
    }
}

impl Disk {
    fn open(&mut self, call: &Call) -> Result<Value, Fault> {
        let path = text(call, "path")?;
        let mode = call.arguments.get("mode").map_or(Ok("r"), |_| text(call, "mode"))?;
        Ok(json!(self.open_file(path, mode)?))
    }

    fn close(&mut self, call: &Call) -> Result<Value, Fault> {
        let handle = integer(call, "handle")?;
        if self.is_dead(handle) {
            self.crashes += 1;
            self.forget_handles();
            return Err(Fault::Crash);
        }
        self.close_file(handle)?;
        Ok(json!({}))
    }

    fn read(&mut self, call: &Call) -> Result<Value, Fault> {
        let handle = integer(call, "handle")?;
        let count =
            call.arguments.get("count").map_or(Ok(DEFAULT_COUNT), |_| integer(call, "count"))?;
        let wanted = usize::try_from(count).ok().filter(|_| count <= MAX_COUNT);
        let wanted = wanted.ok_or_else(|| invalid_count(count))?;
        let (bytes, eof) = self.read_file(handle, wanted)?;
        Ok(json!({"count": bytes.len(), "buf-b64": BASE64_STANDARD.encode(bytes), "eof": eof}))
    }

    fn write(&mut self, call: &Call) -> Result<Value, Fault> {
        let handle = integer(call, "handle")?;
        let bytes = decode(text(call, "buf-b64")?)?;
        let all = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let count = call.arguments.get("count").map_or(Ok(all), |_| integer(call, "count"))?;
        let wanted = usize::try_from(count).ok().and_then(|count| bytes.get(..count));
        let written = self.write_file(handle, wanted.ok_or_else(|| invalid_count(count))?)?;
        Ok(json!({"count": written, "eof": false}))
    }

    fn seek(&mut self, call: &Call) -> Result<Value, Fault> {
        let offset = integer(call, "offset")?;
        let whence = match call.arguments.get("whence") {
            Some(Value::String(name)) => match name.as_str() {
                "set" => 0,
                "cur" => 1,
                "end" => 2,
                _ => return Err(bad("whence", "a name of a position").into()),
            },
            _ => integer(call, "whence")?,
        };
        let position = self.seek_file(integer(call, "handle")?, offset, whence)?;
        Ok(json!({"position": position, "eof": false}))
    }

    fn flush(&mut self, call: &Call) -> Result<Value, Fault> {
        self.flush_file(integer(call, "handle")?)?;
        Ok(json!({}))
    }
}

pub(super) fn text<'a>(call: &'a Call, name: &str) -> Result<&'a str, String> {
    call.arguments.get(name).and_then(Value::as_str).ok_or_else(|| bad(name, "string"))
}

pub(super) fn integer(call: &Call, name: &str) -> Result<i64, String> {
    call.arguments.get(name).and_then(Value::as_i64).ok_or_else(|| bad(name, "integer"))
}

fn bad(name: &str, expected: &str) -> String {
    format!("Invalid parameter type for '{name}', expected: {expected}")
}

fn invalid_count(count: i64) -> String {
    format!("value '{count}' is invalid for argument count")
}

/// Base64 as agents read it: what does not make up a whole group at the end is dropped without a word.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim_end();
    let whole = text.get(..text.len() / 4 * 4).unwrap_or_default();
    BASE64_STANDARD.decode(whole).map_err(|error| format!("invalid base64: {error}"))
}
