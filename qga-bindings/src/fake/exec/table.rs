//! Programs by their paths, and processes by their numbers.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Value};

use super::{Invocation, Run};
use crate::fake::Files;

/// How much of each kind of output is kept.
const KEPT: usize = 16 << 20;

/// The number of the first process.
const FIRST_PID: i64 = 4711;

type Program = Box<dyn FnMut(&Invocation) -> Run + Send>;

/// Which output is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capture {
    None,
    Stdout,
    Stderr,
    Separated,
    Merged,
}

impl FromStr for Capture {
    type Err = String;

    fn from_str(mode: &str) -> Result<Self, String> {
        Ok(match mode {
            "none" => Self::None,
            "stdout" => Self::Stdout,
            "stderr" => Self::Stderr,
            "separated" => Self::Separated,
            "merged" => Self::Merged,
            _ => {
                return Err(format!("Parameter 'capture-output' does not accept value '{mode}'"));
            }
        })
    }
}

/// A program that was started.
struct Process {
    started: Instant,
    /// Nothing if it never ends.
    run: Option<Run>,
    capture: Capture,
}

/// Whether a capture mode has damaged the agent.
#[derive(Clone, Copy)]
enum Damage {
    None,
    /// No program was started since.
    Fresh,
    Old,
}

/// All programs and processes.
pub(super) struct Table {
    programs: BTreeMap<String, Program>,
    processes: BTreeMap<i64, Process>,
    next_pid: i64,
    pub(super) files: Files,
    pub(super) knows_modes: bool,
    pub(super) truncation_defect: bool,
    pub(super) capture_defect: bool,
    damage: Damage,
}

impl Table {
    pub(super) fn new(files: Files) -> Self {
        Self {
            programs: BTreeMap::new(),
            processes: BTreeMap::new(),
            next_pid: FIRST_PID,
            files,
            knows_modes: true,
            truncation_defect: false,
            capture_defect: false,
            damage: Damage::None,
        }
    }

    pub(super) fn insert(&mut self, path: String, program: Program) {
        self.programs.insert(path, program);
    }

    pub(super) fn paths(&self) -> Vec<&str> {
        self.programs.keys().map(String::as_str).collect()
    }

    pub(super) fn processes(&self) -> Vec<i64> {
        self.processes.keys().copied().collect()
    }

    pub(super) fn forget_processes(&mut self) {
        self.processes.clear();
        self.damage = Damage::None;
    }

    pub(super) fn kill(&mut self, pid: i64, signal: i64) -> bool {
        let running = self.processes.get_mut(&pid).filter(|process| !process.has_ended());
        let was_running = running.is_some();
        if let Some(process) = running {
            let run = process.run.take().unwrap_or_default();
            process.run =
                Some(Run { stdout: run.stdout, stderr: run.stderr, ..Run::signal(signal) });
        }
        was_running
    }

    pub(super) fn start(
        &mut self,
        invocation: &Invocation,
        capture: Capture,
    ) -> Result<i64, String> {
        let run = self.run(invocation).ok_or_else(|| {
            let path = &invocation.path;
            format!(
                "Failed to execute child process \u{201c}{path}\u{201d} (No such file or directory)"
            )
        })?;
        let strikes = self.capture_defect && matches!(capture, Capture::Stdout | Capture::Stderr);
        let (run, damage) = match self.damage {
            Damage::None if strikes => (Some(run), Damage::Fresh),
            Damage::None => (Some(run), Damage::None),
            Damage::Fresh => (None, Damage::Old),
            Damage::Old => (Some(Run::lost()), Damage::Old),
        };
        self.damage = damage;
        let pid = self.next_pid;
        self.next_pid += 1;
        self.processes.insert(pid, Process { started: Instant::now(), run, capture });
        Ok(pid)
    }

    /// What a program does, if there is such a program.
    pub(super) fn run(&mut self, invocation: &Invocation) -> Option<Run> {
        if let Some(run) = self.run_shell(invocation) {
            return Some(run);
        }
        let called = |path: &str| {
            path == invocation.path || path.rsplit('/').next() == Some(&invocation.path)
        };
        let program = self.programs.iter_mut().find(|(path, _)| called(path));
        program.map(|(_, program)| program(invocation))
    }

    /// How a process is doing. Its end is told once.
    pub(super) fn status(&mut self, pid: i64) -> Option<Value> {
        let process = self.processes.get(&pid)?;
        let mut status = Map::new();
        status.insert("exited".to_owned(), process.has_ended().into());
        if process.has_ended() {
            let process = self.processes.remove(&pid)?;
            process.tell(&mut status, self.truncation_defect);
        }
        Some(status.into())
    }
}

impl Process {
    fn has_ended(&self) -> bool {
        self.run.as_ref().is_some_and(|run| self.started.elapsed() >= run.time)
    }

    fn tell(self, status: &mut Map<String, Value>, truncation_defect: bool) {
        let Some(mut run) = self.run else { return };
        let ending = [("exitcode", run.exitcode), ("signal", run.signal)];
        status.extend(
            ending.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))),
        );
        match self.capture {
            Capture::None => return,
            Capture::Merged => run.stdout.append(&mut run.stderr),
            Capture::Stdout => run.stderr.clear(),
            Capture::Stderr => run.stdout.clear(),
            Capture::Separated => {}
        }
        for (kind, bytes) in [("out", run.stdout), ("err", run.stderr)] {
            if bytes.is_empty() {
                continue;
            }
            let kept = bytes.get(..KEPT).unwrap_or(&bytes);
            let truncated = kept.len() < bytes.len();
            status.insert(format!("{kind}-data"), BASE64_STANDARD.encode(kept).into());
            if !truncation_defect || truncated {
                status
                    .insert(format!("{kind}-truncated"), (truncated && !truncation_defect).into());
            }
        }
    }
}
