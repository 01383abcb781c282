//! A fake agent's programs: functions, with the habits of processes behind `guest-exec`.

mod shell;
mod table;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use table::{Capture, Table};

use super::files::{Files, decode, integer, text};
use super::{Agent, Answer, Call};

/// How a program was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invocation {
    /// The program, as the request names it.
    pub path: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its whole environment, as `NAME=value`, if the request has one.
    pub env: Option<Vec<String>>,
    /// What it can read.
    pub stdin: Vec<u8>,
}

/// What a program did, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    exitcode: Option<i64>,
    signal: Option<i64>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    time: Duration,
}

impl Run {
    /// It ended by itself.
    pub fn exit(code: i64) -> Self {
        Self { exitcode: Some(code), ..Self::default() }
    }

    /// A signal ended it, or in a Windows guest an exception with this code.
    pub fn signal(number: i64) -> Self {
        Self { signal: Some(number), ..Self::default() }
    }

    /// It ended, and the agent does not know how.
    pub fn lost() -> Self {
        Self::default()
    }

    /// It wrote this to standard output.
    #[must_use]
    pub fn stdout(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdout = bytes.into();
        self
    }

    /// It wrote this to standard error.
    #[must_use]
    pub fn stderr(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stderr = bytes.into();
        self
    }

    /// It ended after so much time.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }
}

/// The programs of a fake agent. Clones are handles of the same programs.
///
/// [`Agent::add_programs`] makes them, and with them `guest-exec` and `guest-exec-status`, which do as real agents do: a
/// program's end is told once and then forgotten, all of its output comes with it or none, no more than 16 MiB of each kind
/// are kept, and everything is forgotten when the agent [restarts](Agent::restart).
///
/// ```
/// use qga_bindings::blocking::{Client, Helpers};
/// use qga_bindings::exec::Exec;
/// use qga_bindings::fake::{Agent, Run};
///
/// let agent = Agent::new();
/// let programs = agent.add_programs(&agent.add_files());
/// programs.insert("/bin/echo", |start| Run::exit(0).stdout(start.args.join(" ") + "\n"));
///
/// let mut client = Client::new(agent.connect());
/// let output = client.exec(&Exec::new("echo").args(["hello", "world"]))?;
/// assert_eq!(output.stdout, b"hello world\n");
/// # Ok::<(), qga_bindings::exec::ExecError>(())
/// ```
#[derive(Clone)]
pub struct Programs {
    table: Arc<Mutex<Table>>,
}

impl Agent {
    /// Gives the agent programs, none at first, and the commands to run them. Programs that the helpers of this crate use in a
    /// guest work on `files`.
    pub fn add_programs(&self, files: &Files) -> Programs {
        let programs = Programs { table: Arc::new(Mutex::new(Table::new(files.clone()))) };
        programs.answer(self, "guest-exec", Table::exec);
        programs.answer(self, "guest-exec-status", Table::exec_status);
        let restarted = programs.clone();
        self.on_restart(move || restarted.lock().forget_processes());
        programs
    }
}

impl Programs {
    /// Says what a program does. It is found by its path, and by the last part of its path. The function runs inside of the
    /// agent and must not call its methods, nor those of its programs.
    pub fn insert(
        &self,
        path: impl Into<String>,
        program: impl FnMut(&Invocation) -> Run + Send + 'static,
    ) -> &Self {
        self.lock().insert(path.into(), Box::new(program));
        self
    }

    /// Ends a process with a signal. Returns whether it was running.
    pub fn kill(&self, pid: i64, signal: i64) -> bool {
        self.lock().kill(pid, signal)
    }

    /// The processes whose end was not told to anybody yet, whether they run or not.
    pub fn processes(&self) -> Vec<i64> {
        self.lock().processes()
    }

    /// Says whether `capture-output` can be a name, as it can in agents since QEMU 8.1. It can unless told otherwise.
    pub fn set_knows_modes(&self, yes: bool) -> &Self {
        self.lock().knows_modes = yes;
        self
    }

    /// Says whether truncated output is told as some agents do (5.2 and 10.0.2 were seen doing so): with the value `false`, and
    /// only then.
    pub fn set_truncation_defect(&self, yes: bool) -> &Self {
        self.lock().truncation_defect = yes;
        self
    }

    /// Says whether the modes `stdout` and `stderr` do what they do in agents from 10.0 to 11.1: of the programs that are
    /// started afterwards, the first never seems to end, and how the others end is lost together with their output.
    pub fn set_capture_defect(&self, yes: bool) -> &Self {
        self.lock().capture_defect = yes;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(
        &self,
        agent: &Agent,
        name: &str,
        run: fn(&mut Table, &Call) -> Result<Value, String>,
    ) {
        let programs = self.clone();
        agent.on(name, move |call| match run(&mut programs.lock(), call) {
            Ok(value) => Answer::value(&value),
            Err(desc) => Answer::error("GenericError", &desc),
        });
    }
}

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.lock();
        f.debug_struct("Programs")
            .field("paths", &table.paths())
            .field("processes", &table.processes())
            .field("files", &table.files)
            .finish()
    }
}

impl Table {
    fn exec(&mut self, call: &Call) -> Result<Value, String> {
        let capture = match call.arguments.get("capture-output") {
            None | Some(Value::Bool(false)) => Capture::None,
            Some(Value::Bool(true)) => Capture::Separated,
            Some(Value::String(mode)) if self.knows_modes => mode.parse()?,
            Some(_) => {
                return Err(
                    "Invalid parameter type for 'capture-output', expected: boolean".to_owned()
                );
            }
        };
        let stdin = call.arguments.get("input-data").map(|_| decode(text(call, "input-data")?));
        let invocation = Invocation {
            path: text(call, "path")?.to_owned(),
            args: texts(call, "arg")?.unwrap_or_default(),
            env: texts(call, "env")?,
            stdin: stdin.transpose()?.unwrap_or_default(),
        };
        Ok(json!({"pid": self.start(&invocation, capture)?}))
    }

    fn exec_status(&mut self, call: &Call) -> Result<Value, String> {
        self.status(integer(call, "pid")?).ok_or_else(|| "PID ld does not exist".to_owned())
    }
}

fn texts(call: &Call, name: &str) -> Result<Option<Vec<String>>, String> {
    let Some(value) = call.arguments.get(name) else { return Ok(None) };
    let list = value
        .as_array()
        .map(|list| list.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    match list.flatten() {
        Some(list) => Ok(Some(list)),
        None => Err(format!("Invalid parameter type for '{name}', expected: array of strings")),
    }
}
