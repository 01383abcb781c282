//! What to run.

use std::fmt;
use std::time::Duration;

use super::ExecError;
use crate::commands;
use crate::types::{GuestExecCaptureOutput, GuestExecCaptureOutputMode};

/// How many bytes a program can be given to read: agents take requests of 64 MiB of text, in which bytes are base64.
pub const MAX_STDIN: usize = 47 << 20;

/// A program to run in the guest, in the manner of [`std::process::Command`].
///
/// Needs `guest-exec`, which agents have since QEMU 2.5 and administrators often disable.
#[derive(Clone)]
pub struct Exec {
    pub(super) program: String,
    pub(super) args: Vec<String>,
    pub(super) env: Option<Vec<String>>,
    pub(super) stdin: Option<Vec<u8>>,
    pub(super) capture: Capture,
    pub(super) limit: Option<Duration>,
}

impl Exec {
    /// A program by its path, or by a name that is looked for in the guest's `PATH`. Both of its outputs are captured.
    ///
    /// It starts in the guest's root directory.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: None,
            stdin: None,
            capture: Capture::default(),
            limit: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the program's environment.
    ///
    /// Unlike that of [`std::process::Command`], an environment that is set at all **replaces** the one that the program would
    /// get from the agent: nothing is in it but what was set, and a name of a program is looked for in the `PATH` that was
    /// set, if there is one.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let variable = [name.as_ref(), "=", value.as_ref()].concat();
        self.env.get_or_insert_default().push(variable);
        self
    }

    /// Sets variables of the program's environment, which **replaces** the agent's; see [`env`](Self::env).
    #[must_use]
    pub fn envs<N: AsRef<str>, V: AsRef<str>>(
        self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        variables.into_iter().fold(self.empty_env(), |exec, (name, value)| exec.env(name, value))
    }

    /// Gives the program an empty environment, unless variables are set.
    #[must_use]
    #[inline]
    pub fn empty_env(mut self) -> Self {
        self.env.get_or_insert_default();
        self
    }

    /// Gives the program something to read on its standard input, at most [`MAX_STDIN`] bytes. Otherwise it reads nothing.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Says which output is wanted.
    #[must_use]
    #[inline]
    pub fn capture(mut self, capture: Capture) -> Self {
        self.capture = capture;
        self
    }

    /// Says how long all of it may take, from starting the program to knowing how it ended. A program that takes longer is
    /// killed, where the guest has the means. Without a limit only the agent's answers have to come in time.
    #[must_use]
    #[inline]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Whether the program can be started as far as that is known here.
    #[inline]
    pub(super) fn check(&self) -> Result<(), ExecError> {
        let mut variables = self.env.iter().flatten();
        if let Some(variable) = variables.find(|variable| variable.starts_with('=')) {
            return Err(ExecError::UnnamedVariable { variable: variable.clone() });
        }
        let length = self.stdin.as_ref().map_or(0, Vec::len);
        if length > MAX_STDIN {
            return Err(ExecError::StdinTooLong { length });
        }
        Ok(())
    }

    /// The command that starts the program.
    #[inline]
    pub(super) fn command(&self) -> Result<commands::GuestExec, ExecError> {
        self.check()?;
        let mut command = commands::GuestExec::new(&self.program);
        command.arg = Some(self.args.clone()).filter(|args| !args.is_empty());
        command.env.clone_from(&self.env);
        command.input_data.clone_from(&self.stdin);
        command.capture_output = Some(self.capture.for_agent());
        Ok(command)
    }
}

impl fmt::Debug for Exec {
    /// Names variables without their values, and does not show what is to be read: both are where secrets go.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |variable: &String| variable.split('=').next().map(str::to_owned);
        let env: Option<Vec<_>> =
            self.env.as_ref().map(|env| env.iter().filter_map(name).collect());
        f.debug_struct("Exec")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &env)
            .field("stdin", &self.stdin.as_ref().map(Vec::len))
            .field("capture", &self.capture)
            .field("limit", &self.limit)
            .finish()
    }
}

/// Which output of a program is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capture {
    /// None. Then the end of the program is told as soon as it ends, whatever its children do.
    Nothing,
    /// Both, apart.
    #[default]
    Separated,
    /// Both in [`Output::stdout`](super::Output::stdout), in the order in which they were written. Needs an agent since QEMU 8.1
    /// that is not on Windows; others give [`ExecError::CannotMerge`].
    Merged,
    /// Standard output; standard error is thrown away.
    Stdout,
    /// Standard error; standard output is thrown away.
    Stderr,
}

impl Capture {
    /// What the agent is asked for. Its own modes for one of both damage agents from 10.0 to 11.1, and the flag for both is
    /// understood by every agent.
    #[inline]
    fn for_agent(self) -> GuestExecCaptureOutput {
        match self {
            Self::Nothing => false.into(),
            Self::Merged => GuestExecCaptureOutputMode::Merged.into(),
            Self::Separated | Self::Stdout | Self::Stderr => true.into(),
        }
    }
}
