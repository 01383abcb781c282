//! Programs in the guest: started, waited for, and told how they ended.

use std::fmt;
use std::time::Duration;

use crate::guest::Guest;
use crate::{Error, commands};

/// A program to run in the guest, in the manner of [`std::process::Command`].
#[derive(Clone, Debug)]
pub struct Exec {
    command: commands::GuestExec,
}

impl Exec {
    /// A program by its path, or by a name that is looked for in the guest's `PATH`. Its output is captured.
    pub fn new(program: impl Into<String>) -> Self {
        Self { command: commands::GuestExec::new(program).capture_output(true) }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command.arg.get_or_insert_default().extend(args.into_iter().map(Into::into));
        self
    }
}

/// How a program ended, and what it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// The exit code, if the program ended by itself.
    pub code: Option<i64>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// Why there is no [`Output`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecError {
    /// A command failed.
    Agent(Error),
}

impl From<Error> for ExecError {
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
        }
    }
}

pub(crate) async fn run(guest: &mut impl Guest, program: &Exec) -> Result<Output, ExecError> {
    let start = guest.now();
    let pid = guest.execute(&program.command, None).await?.pid;
    loop {
        let status = guest.execute(&commands::GuestExecStatus::new(pid), None).await?;
        if status.exited {
            return Ok(Output {
                code: status.exitcode,
                stdout: status.out_data.unwrap_or_default(),
                stderr: status.err_data.unwrap_or_default(),
            });
        }
        // Short programs are noticed at once, long ones cost little.
        let passed = guest.now().saturating_duration_since(start);
        guest.pause((passed / 8).clamp(Duration::from_millis(1), Duration::from_millis(250))).await;
    }
}
