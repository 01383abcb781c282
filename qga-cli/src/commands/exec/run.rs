//! Runs a program to its end, and ends it if we are told to end.

use std::io::IsTerminal as _;

use qga_bindings::blocking::Helpers as _;
use qga_bindings::exec::{Capture, Chunk, Exec, ExecError, Output, Process};
use serde_json::json;

use super::program::Settings;
use super::{report, start};
use crate::agent::Agent;
use crate::context::{Context, Guest, Query};
use crate::failure::{Failure, exit};
use crate::interrupt::Interrupt;
use crate::output::{Report, Text};
use crate::target::Target;

/// What to run, which may depend on the guest.
pub(crate) type Words<'a> = &'a (dyn Fn(&mut Agent) -> Result<Vec<String>, Failure> + Sync);

/// A program for each guest.
struct Job<'a> {
    settings: &'a Settings,
    words: Words<'a>,
    stdin: Option<Vec<u8>>,
    interrupt: Interrupt,
}

/// Runs a program in one guest or in several.
pub(crate) fn everywhere(
    context: &Context,
    settings: &Settings,
    words: Words<'_>,
) -> Result<u8, Failure> {
    run(context, settings, words).map_err(Failure::ours)
}

fn run(context: &Context, settings: &Settings, words: Words<'_>) -> Result<u8, Failure> {
    let targets = context.targets()?;
    let stdin = settings.read_stdin()?;
    let job = Job { settings, words, stdin, interrupt: Interrupt::watch()? };
    match targets.as_slice() {
        [target] if context.output.is_text() => {
            context.with(target, |guest| job.alone(context, guest))
        }
        _ => context.ask(&job),
    }
}

/// Tells how a program has ended, if it has.
pub(super) fn status(context: &Context, pid: i64) -> Result<u8, Failure> {
    let told = context.one().and_then(|target| ask(context, &target, pid));
    told.map_err(Failure::ours)
}

fn ask(context: &Context, target: &Target, pid: i64) -> Result<u8, Failure> {
    context.with(target, |guest| {
        let mut process = Process::new(pid, Capture::Separated);
        if guest.agent.processes().try_wait(&mut process)? {
            let output = process.into_output();
            return tell(context, &output.ok_or_else(|| Failure::new("the program has no end"))?);
        }
        let text = Text::line(format!("process {pid} is running"));
        context.output.report(&Report::new(&json!({ "running": true }), text)?)?;
        Ok(exit::DONE)
    })
}

impl Job<'_> {
    /// In one guest, whose program's output becomes ours.
    fn alone(&self, context: &Context, guest: &mut Guest<'_>) -> Result<u8, Failure> {
        let program = self.program(guest)?;
        if self.settings.detach {
            context.output.report(&detach(guest, &program)?)?;
            return Ok(exit::DONE);
        }
        // In pieces, output of any length comes through where a long reply does not.
        let in_pieces = std::io::stdout().is_terminal() || guest.target.place.limits_replies();
        if self.settings.streams(in_pieces) {
            match self.stream(context, guest, &program) {
                // The guest has not the means, so nothing has been run yet.
                Err(ExecError::NotStreamable | ExecError::NoRoom { .. })
                    if !self.settings.stream => {}
                result => return result.map_err(|error| self.stop(guest, error)),
            }
        }
        match self.finish(guest, &program) {
            Ok(output) => tell(context, &output),
            Err(ExecError::Deadline { limit, process, killed }) => {
                // What it wrote until then may say why it took so long.
                if let Some(output) = process.output() {
                    tell(context, output)?;
                }
                Err(self.stop(guest, ExecError::Deadline { limit, process, killed }))
            }
            Err(error) => Err(self.stop(guest, error)),
        }
    }

    fn program(&self, guest: &mut Guest<'_>) -> Result<Exec, Failure> {
        let words = (self.words)(&mut guest.agent)?;
        self.settings.program(&words, self.stdin.as_deref())
    }

    /// Runs a program and shows its output when it has ended.
    fn finish(&self, guest: &mut Guest<'_>, program: &Exec) -> Result<Output, ExecError> {
        guest.agent.interrupted_by(&self.interrupt);
        guest.agent.exec(program)
    }

    /// Runs a program and shows its output as it comes.
    fn stream(
        &self,
        context: &Context,
        guest: &mut Guest<'_>,
        program: &Exec,
    ) -> Result<u8, ExecError> {
        guest.agent.interrupted_by(&self.interrupt);
        let mut streams = context.output.guest_writers();
        let ended = guest.agent.exec_streaming(program, |chunk| match chunk {
            Chunk::Stdout(bytes) => streams.stdout(bytes),
            Chunk::Stderr(bytes) => {
                streams.stderr(bytes);
                Ok(())
            }
            _ => Ok(()),
        })?;
        Ok(report::code(ended))
    }

    /// Ends a program whose end was not waited for, if we were told to end, and says why there is no more of it.
    fn stop(&self, guest: &mut Guest<'_>, error: ExecError) -> Failure {
        let Some(exit) = self.interrupt.exit() else {
            return start::failure(error);
        };
        let Some(mut process) = error.into_process() else {
            return Failure::with_exit("interrupted before the program was started", exit);
        };
        let pid = process.pid();
        match guest.agent.processes().kill(&mut process) {
            Ok(()) => Failure::with_exit(format!("interrupted; process {pid} was killed"), exit),
            Err(error) => Failure::with_exit(format!("interrupted, and {error}"), exit)
                .next(format!("process {pid} may still run in the guest: end it there")),
        }
    }
}

impl Query for Job<'_> {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let program = self.program(guest)?;
        if self.settings.detach {
            return detach(guest, &program);
        }
        let output = match self.finish(guest, &program) {
            Ok(output) => output,
            Err(error) => return Err(self.stop(guest, error)),
        };
        let report = report::report(&output)?;
        match report::code(output.exit) {
            exit::DONE => Ok(report),
            // Its output is the result, also of a program that failed.
            code => {
                guest.emit(&report)?;
                Err(Failure::silent(code))
            }
        }
    }
}

fn detach(guest: &mut Guest<'_>, program: &Exec) -> Result<Report, Failure> {
    let pid = guest.agent.processes().spawn(program).map_err(start::failure)?.pid();
    Report::new(&json!({ "pid": pid }), Text::line(pid.to_string()))
}

/// Shows what a program wrote, and returns the exit code that says how it ended.
fn tell(context: &Context, output: &Output) -> Result<u8, Failure> {
    if context.output.is_text() {
        context.output.guest_stderr(&output.stderr);
        context.output.guest_stdout(&output.stdout)?;
        for remark in report::remarks(output) {
            context.output.remark(&remark);
        }
    } else {
        context.output.report(&report::report(output)?)?;
    }
    Ok(report::code(output.exit))
}
