//! Starting programs, waiting for them and ending them.

use std::time::Duration;

use super::script::{self, run_script};
use super::{Exec, ExecError, Output, Process};
use crate::client::{Class, Deadline};
use crate::guest::Guest;
use crate::{Error, commands};

/// How long the pauses between two questions for a process are. They grow with its age.
const PAUSES: (Duration, Duration) = (Duration::from_micros(150), Duration::from_millis(250));

/// How long killing a process may take, and how long its output may then take.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// More input than this takes its time.
const SHORT_STDIN: usize = 64 << 10;

/// Runs a program to its end, and kills it at its deadline.
pub(crate) async fn run(guest: &mut impl Guest, program: &Exec) -> Result<Output, ExecError> {
    match finish(guest, program).await {
        Err(ExecError::Deadline { limit, process, .. }) => {
            Err(end_late(guest, *process, limit).await)
        }
        result => result,
    }
}

/// Runs a program to its end, or to its deadline.
pub(super) async fn finish(guest: &mut impl Guest, program: &Exec) -> Result<Output, ExecError> {
    let deadline = program.limit.map(|limit| Deadline::after(guest.now(), limit));
    let mut process = start(guest, program, deadline).await?;
    match wait_until(guest, &mut process, deadline).await {
        Ok(output) => Ok(output),
        Err(error) => Err(error.of_started(process, Vec::new())),
    }
}

/// Starts a program.
pub(crate) async fn spawn(guest: &mut impl Guest, program: &Exec) -> Result<Process, ExecError> {
    let deadline = program.limit.map(|limit| Deadline::after(guest.now(), limit));
    start(guest, program, deadline).await
}

pub(super) async fn start(
    guest: &mut impl Guest,
    program: &Exec,
    deadline: Option<Deadline>,
) -> Result<Process, ExecError> {
    let command = program.command()?;
    let length = command.input_data.as_ref().map_or(0, Vec::len);
    let limit = match deadline {
        Some(deadline) => Some(deadline.at.saturating_duration_since(guest.now())),
        None => (length > SHORT_STDIN).then(|| transfer_limit(length)),
    };
    match guest.execute(&command, limit).await {
        Ok(started) => Ok(Process::new(started.pid, program.capture)),
        Err(error) if refuses_mode(&error) => Err(ExecError::CannotMerge),
        Err(error) => Err(error.into()),
    }
}

/// How long so many bytes may take on the slowest of channels.
#[inline]
fn transfer_limit(length: usize) -> Duration {
    let mebibytes = u32::try_from(length >> 20).unwrap_or(u32::MAX);
    Class::Transfer.default_limit().saturating_mul(mebibytes.saturating_add(1))
}

/// Whether the agent does not like the value of `capture-output`. Nothing but the text says so, and in it nothing but the
/// argument's name is the same in all releases.
#[inline]
fn refuses_mode(error: &Error) -> bool {
    let desc = |error: &Error| error.agent_error().and_then(|error| error.desc.clone());
    matches!(error, Error::Failed { .. })
        && desc(error).is_some_and(|desc| desc.contains("capture-output"))
}

/// Asks whether a process has ended. What is known is not asked again.
pub(crate) async fn try_wait(
    guest: &mut impl Guest,
    process: &mut Process,
) -> Result<bool, ExecError> {
    ask(guest, process, None).await
}

pub(super) async fn ask(
    guest: &mut impl Guest,
    process: &mut Process,
    limit: Option<Duration>,
) -> Result<bool, ExecError> {
    if process.output.is_none() {
        let pid = process.pid();
        process.output = match guest.execute(&commands::GuestExecStatus::new(pid), limit).await {
            Ok(status) => Output::of(status, process.capture),
            // There is nothing else that can be wrong with the question.
            Err(Error::Failed { error, .. }) => return Err(ExecError::Lost { pid, error }),
            Err(error) => return Err(error.into()),
        };
    }
    Ok(process.output.is_some())
}

/// Waits for the end of a process, for at most the given time. The process goes on if that is over.
pub(crate) async fn wait(
    guest: &mut impl Guest,
    process: &mut Process,
    limit: Option<Duration>,
) -> Result<Output, ExecError> {
    let deadline = limit.map(|limit| Deadline::after(guest.now(), limit));
    wait_until(guest, process, deadline).await
}

async fn wait_until(
    guest: &mut impl Guest,
    process: &mut Process,
    deadline: Option<Deadline>,
) -> Result<Output, ExecError> {
    let start = guest.now();
    loop {
        let left = deadline.map(|deadline| deadline.at.saturating_duration_since(guest.now()));
        match ask(guest, process, left).await {
            // The time of the question is that of the process.
            Err(ExecError::Agent(error)) if error.is_timeout() && deadline.is_some() => {}
            result => _ = result?,
        }
        if let Some(output) = process.output.take() {
            return Ok(output);
        }
        let now = guest.now();
        let left = match deadline {
            Some(Deadline { at, limit }) if at <= now => {
                let process = Box::new(process.clone());
                return Err(ExecError::Deadline { limit, process, killed: false });
            }
            Some(Deadline { at, .. }) => at.saturating_duration_since(now),
            None => PAUSES.1,
        };
        let pause = (now.saturating_duration_since(start) / 8).clamp(PAUSES.0, PAUSES.1);
        guest.pause(pause.min(left)).await;
    }
}

/// Kills a process.
pub(crate) async fn kill(guest: &mut impl Guest, process: &mut Process) -> Result<(), ExecError> {
    if process.output.is_some() {
        return Ok(());
    }
    let pid = process.pid().to_string();
    let attempt = if script::is_windows(guest).await? {
        let taskkill = Exec::new("taskkill").args(["/F", "/T", "/PID", &pid]);
        finish(guest, &taskkill.within(KILL_LIMIT)).await?
    } else {
        run_script(guest, script::KILL, &[&pid], KILL_LIMIT).await?
    };
    // It may have ended in the meantime.
    if attempt.exit.success() || try_wait(guest, process).await? {
        return Ok(());
    }
    Err(ExecError::NotKilled { pid: process.pid(), attempt: Box::new(attempt) })
}

/// Ends a process whose time is over, and collects what it left.
pub(super) async fn end_late(
    guest: &mut impl Guest,
    mut process: Process,
    limit: Duration,
) -> ExecError {
    let killed = kill(guest, &mut process).await.is_ok();
    if killed {
        // A child that holds the output open keeps it from coming; then there is none.
        process.output = wait(guest, &mut process, Some(KILL_LIMIT)).await.ok();
    }
    ExecError::Deadline { limit, process: Box::new(process), killed }
}
