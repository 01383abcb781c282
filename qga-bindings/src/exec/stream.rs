//! Output while a program runs: redirected to files in the guest, and followed there.
//!
//! The files are removed from their directory as soon as the program and the agent have them open, so that nothing is left
//! behind whatever happens later.

use std::io;
use std::time::Duration;

use super::run::{ask, end_late, start};
use super::script::{self, is_windows, run_script};
use super::{Capture, Exec, ExecError, Exit, Process};
use crate::client::Deadline;
use crate::commands::{GuestFileRead, GuestFileSeek};
use crate::files::Handles;
use crate::guest::Guest;

/// How many bytes of output are read at once.
const PIECE: i64 = 512 << 10;

/// How long the pauses are while nothing is written. They grow with the silence.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(100));

/// How long it may take to make room for output, or to clear it up.
const LIMIT: Duration = Duration::from_secs(30);

/// Where there is no interest in output.
const NOWHERE: &str = "/dev/null";

/// A piece of what a program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chunk<'a> {
    /// To standard output, or with [`Capture::Merged`] to either.
    Stdout(&'a [u8]),
    /// To standard error.
    Stderr(&'a [u8]),
}

/// Runs a program to its end and hands on what it writes in the meantime.
pub(crate) async fn stream(
    guest: &mut impl Guest,
    program: &Exec,
    sink: &mut impl FnMut(Chunk<'_>) -> io::Result<()>,
) -> Result<Exit, ExecError> {
    program.check()?;
    let deadline = program.limit.map(|limit| Deadline::after(guest.now(), limit));
    if is_windows(guest).await? {
        return Err(ExecError::NotStreamable);
    }
    let dir = make_room(guest, time_left(guest, deadline).unwrap_or(LIMIT)).await?;
    let mut handles = Handles::default();
    let begun = begin(guest, program, &dir, deadline, &mut handles).await;
    let (mut process, mut outputs) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            // If this fails too there is nothing left to do about it.
            let _ = run_script(guest, script::CLEAR, &[&dir], LIMIT).await;
            handles.close_left(guest).await;
            return Err(error);
        }
    };
    let mut result = follow(guest, &mut process, &mut outputs, deadline, sink).await;
    if let Err(ExecError::Deadline { limit, .. }) = result {
        result = Err(end_late(guest, process.clone(), limit).await);
        // What it wrote last may be of use. That the deadline has passed is the better error.
        let _ = drain(guest, &mut outputs, Some(LIMIT), sink).await;
    } else if let Err(ExecError::Local { error, .. }) = result {
        let killed = super::kill(guest, &mut process).await.is_ok();
        result = Err(ExecError::Local { error, killed });
    }
    handles.close_left(guest).await;
    result.map_err(|error| error.of_started(process, handles.leaked()))
}

/// Makes a directory with two empty files, and gives its path.
async fn make_room(guest: &mut impl Guest, limit: Duration) -> Result<String, ExecError> {
    let output = run_script(guest, script::MAKE_ROOM, &[], limit.min(LIMIT)).await?;
    match String::from_utf8(output.stdout.clone()) {
        Ok(dir) if output.exit.success() => Ok(dir),
        _ => Err(ExecError::NoRoom { attempt: Box::new(output) }),
    }
}

/// One output that is followed.
struct Followed {
    handle: i64,
    is_stderr: bool,
    /// How much of it was read.
    offset: i64,
}

/// Opens what is to be followed, and then starts the program.
async fn begin(
    guest: &mut impl Guest,
    program: &Exec,
    dir: &str,
    deadline: Option<Deadline>,
    handles: &mut Handles,
) -> Result<(Process, Vec<Followed>), ExecError> {
    let [out, err] = ["out", "err"].map(|name| format!("{dir}/{name}"));
    let (stdout, stderr) = match program.capture {
        Capture::Nothing => (NOWHERE, NOWHERE),
        Capture::Separated => (out.as_str(), err.as_str()),
        Capture::Merged => (out.as_str(), out.as_str()),
        Capture::Stdout => (out.as_str(), NOWHERE),
        Capture::Stderr => (NOWHERE, err.as_str()),
    };
    let mut outputs = Vec::new();
    for (path, is_stderr) in [(stdout, false), (stderr, true)] {
        if path != NOWHERE && !(is_stderr && stderr == stdout) {
            let handle = handles.open(guest, path, "r").await?;
            outputs.push(Followed { handle, is_stderr, offset: 0 });
        }
    }
    let mut redirected = script::script(script::REDIRECT, &[dir, stdout, stderr])
        .arg(&program.program)
        .args(&program.args)
        .capture(Capture::Nothing);
    redirected.env.clone_from(&program.env);
    redirected.stdin.clone_from(&program.stdin);
    let process = start(guest, &redirected, deadline).await?;
    Ok((process, outputs))
}

/// How long a command may take so that the deadline holds.
fn time_left(guest: &impl Guest, deadline: Option<Deadline>) -> Option<Duration> {
    deadline.map(|deadline| deadline.at.saturating_duration_since(guest.now()))
}

/// Hands on output until the program has ended.
async fn follow(
    guest: &mut impl Guest,
    process: &mut Process,
    outputs: &mut [Followed],
    deadline: Option<Deadline>,
    sink: &mut impl FnMut(Chunk<'_>) -> io::Result<()>,
) -> Result<Exit, ExecError> {
    let mut last = guest.now();
    loop {
        match step(guest, process, outputs, deadline, sink).await {
            Ok((Some(exit), _)) => return Ok(exit),
            Ok((None, true)) => last = guest.now(),
            Ok((None, false)) => {}
            // The time of each command is that of the program.
            Err(ExecError::Agent(error)) if error.is_timeout() && deadline.is_some() => {}
            Err(error) => return Err(error),
        }
        let now = guest.now();
        if let Some(Deadline { limit, .. }) = deadline.filter(|deadline| deadline.at <= now) {
            let process = Box::new(process.clone());
            return Err(ExecError::Deadline { limit, process, killed: false });
        }
        let silence = now.saturating_duration_since(last);
        if !silence.is_zero() {
            let pause = (silence / 8).clamp(PAUSES.0, PAUSES.1);
            guest.pause(time_left(guest, deadline).map_or(pause, |left| left.min(pause))).await;
        }
    }
}

/// Looks once: whether the program has ended, and what it has written.
async fn step(
    guest: &mut impl Guest,
    process: &mut Process,
    outputs: &mut [Followed],
    deadline: Option<Deadline>,
    sink: &mut impl FnMut(Chunk<'_>) -> io::Result<()>,
) -> Result<(Option<Exit>, bool), ExecError> {
    // What is written before a program ends can be read once its end is known.
    let limit = time_left(guest, deadline);
    if ask(guest, process, limit).await? {
        let exit = process.output().map(|output| output.exit);
        drain(guest, outputs, time_left(guest, deadline), sink).await?;
        return Ok((exit, true));
    }
    let mut moved = false;
    for output in outputs {
        let limit = time_left(guest, deadline);
        moved |= output.read(guest, limit, sink).await? > 0;
    }
    Ok((None, moved))
}

/// Hands on what there is now. A child that goes on writing does not keep this from ending.
async fn drain(
    guest: &mut impl Guest,
    outputs: &mut [Followed],
    limit: Option<Duration>,
    sink: &mut impl FnMut(Chunk<'_>) -> io::Result<()>,
) -> Result<(), ExecError> {
    const FROM_START: i64 = 0;
    const FROM_END: i64 = 2;
    for output in outputs {
        let end = GuestFileSeek::new(output.handle, 0, FROM_END);
        let end = guest.execute(&end, limit).await?.position;
        let back = GuestFileSeek::new(output.handle, output.offset, FROM_START);
        guest.execute(&back, limit).await?;
        while output.offset < end && output.read(guest, limit, sink).await? > 0 {}
    }
    Ok(())
}

impl Followed {
    /// Hands on one piece, and says how long it is.
    async fn read(
        &mut self,
        guest: &mut impl Guest,
        limit: Option<Duration>,
        sink: &mut impl FnMut(Chunk<'_>) -> io::Result<()>,
    ) -> Result<usize, ExecError> {
        let read = GuestFileRead::new(self.handle).count(PIECE);
        let bytes = guest.execute(&read, limit).await?.buf_b64;
        if !bytes.is_empty() {
            self.offset =
                self.offset.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
            let chunk = if self.is_stderr { Chunk::Stderr(&bytes) } else { Chunk::Stdout(&bytes) };
            sink(chunk).map_err(|error| ExecError::Local { error, killed: false })?;
        }
        Ok(bytes.len())
    }
}
