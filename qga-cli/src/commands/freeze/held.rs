//! A command of this host, while the guest is frozen.

use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use qga_bindings::blocking::{Frozen, Helpers as _};
use qga_bindings::freeze::{Freeze, FreezeError, Thawed};
use rustix::process::{Pid, Signal, kill_process};

use crate::agent::Agent;
use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::interrupt::Interrupt;
use crate::output::warn;

/// How often it is looked whether the command has ended, or we were told to.
const GLANCE: Duration = Duration::from_millis(20);

/// What is done before this much time has passed needs no words.
const MOMENT: Duration = Duration::from_secs(2);

/// How long the command may take to end when it is told to.
const PATIENCE: Duration = Duration::from_secs(10);

/// Freezes, runs the command, thaws whatever came of it, and returns the command's exit code.
pub(super) fn run(context: &Context, freeze: &Freeze, command: &[String]) -> Result<u8, Failure> {
    // From here on, no signal that can be caught ends this program without the guest being thawed.
    let interrupt = Interrupt::patient()?;
    let target = context.one()?;
    // Nobody else could thaw while we hold the connection.
    let agent = context.agent(&target).sharing();
    let frozen = agent.freeze(freeze).map_err(|not_frozen| {
        let (agent, error) = not_frozen.into_parts();
        drop(agent);
        Failure::from(error).at(&target)
    })?;
    context.output.remark(&format!("{} file systems frozen", frozen.file_systems()));
    let ended = watch(command, &interrupt);
    let (_, thawed) = thaw(frozen);
    let thawed = thawed.map_err(|error| Failure::from(error).at(&target));
    match &thawed {
        Ok(thawed) => context.output.remark(&format!("thawed after {:.1?}", thawed.held)),
        Err(failure) if ended.is_err() => context.output.fail(None, failure),
        Err(_) => {}
    }
    let ended = ended?;
    thawed?;
    Ok(ended)
}

/// Thaws, and says so if that takes its time.
fn thaw(frozen: Frozen<Agent>) -> (Agent, Result<Thawed, FreezeError>) {
    let (done, is_done) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                warn("the guest is still frozen: the agent does not answer; trying on");
            }
        });
        let thawed = frozen.thaw();
        drop(done);
        thawed
    })
}

/// Runs a command of this host to its end, or ends it if we are told to end.
fn watch(command: &[String], interrupt: &Interrupt) -> Result<u8, Failure> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Failure::usage("there is no command to run"))?;
    let mut child = Command::new(program).args(arguments).spawn().map_err(|error| {
        let exit = if error.kind() == ErrorKind::NotFound { 127 } else { 126 };
        Failure::with_exit(format!("`{program}` cannot be run: {error}"), exit)
    })?;
    let mut told = None;
    loop {
        let ended = child
            .try_wait()
            .map_err(|error| Failure::new(format!("`{program}` cannot be waited for: {error}")))?;
        if let Some(status) = ended {
            return Ok(interrupt.exit().unwrap_or_else(|| code(status)));
        }
        if interrupt.exit().is_some() && told.is_none() {
            end(&child);
            told = Some(Instant::now());
        }
        if told.is_some_and(|told: Instant| told.elapsed() > PATIENCE) {
            // It has ended in the meantime if it cannot be killed.
            drop(child.kill());
        }
        thread::sleep(GLANCE);
    }
}

/// Tells a process to end.
fn end(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It has ended in the meantime if it cannot be told.
        let _ = kill_process(pid, Signal::TERM);
    }
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::OURS)
}
