//! Lines for the guest's shell, each in a process of its own, and what one leaves to the next.

use std::time::{SystemTime, UNIX_EPOCH};

use qga_bindings::blocking::Helpers as _;
use qga_bindings::exec::{Chunk, Exec, ExecError, Exit};
use qga_bindings::{Commands as _, Error};

use super::split::Split;
use crate::agent::Agent;
use crate::commands::exec::report;
use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How long what a line leaves may be: systems take no longer words.
const LONGEST: usize = 120_000;

/// The exit code of a line that Ctrl-C ended, as of shells.
const INTERRUPTED: u8 = 130;

/// Takes up the folder `$1` and the variables `$2`, runs the line `$3`, and says behind the mark `$4` what has become of them, also
/// if the line says `exit`.
const SCRIPT: &str = r#"
qga_mark=$4
trap 'qga_code=$?; trap - EXIT; printf "%s" "$qga_mark"; pwd; export -p; exit $qga_code' EXIT
cd -- "$1" 2>/dev/null
eval "$2"
eval "$3""#;

/// What one line leaves to the next.
#[derive(Debug)]
pub(super) struct Session {
    folder: String,
    /// As commands that set them.
    variables: String,
    ended: bool,
    /// What lies between a line's output and what it leaves. Nothing in the guest knows it beforehand.
    mark: String,
}

impl Session {
    /// Sees that the guest has a shell that can be talked to.
    pub(super) fn begin(agent: &mut Agent) -> Result<Self, Failure> {
        match agent.guest_get_osinfo() {
            Ok(os) if os.id.as_deref() == Some("mswindows") => {
                Err(Failure::new("a prompt needs a POSIX guest")
                    .next("`qga sh LINE` runs single lines on Windows, too"))
            }
            Ok(_) | Err(Error::Refused { .. } | Error::Failed { .. }) => {
                let folder = "/".to_owned();
                Ok(Self { folder, variables: String::new(), ended: false, mark: mark() })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// Whether the last line was to end the prompt.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Runs a line, shows what it writes, and returns its exit code.
    pub(super) fn run(
        &mut self,
        agent: &mut Agent,
        line: &str,
        context: &Context,
        interrupt: &Interrupt,
    ) -> Result<u8, Failure> {
        self.ended =
            ["exit", "logout"].contains(&line.split_whitespace().next().unwrap_or_default());
        let words = ["-c", SCRIPT, "sh", &self.folder, &self.variables, line, &self.mark]
            .map(str::to_owned);
        let shell = Exec::new("/bin/sh").args(words);
        // What was pressed before is not meant for this line.
        interrupt.take();
        agent.interrupted_by(interrupt);
        let mut output = Split::at(&self.mark);
        let mut ended = follow(agent, &shell, context, &mut output);
        if let Err(ExecError::NoRoom { .. }) = ended {
            // Then there is nothing to see of it before its end.
            ended = agent.exec(&shell).map(|whole| {
                context.output.guest_stderr(&whole.stderr);
                drop(context.output.guest_stdout(output.before(&whole.stdout)));
                whole.exit
            });
        }
        match ended {
            Ok(exit) => {
                let left = output.behind;
                self.keep(left, context);
                Ok(report::code(exit))
            }
            // A line that was killed leaves nothing.
            Err(error) if interrupt.take() => {
                if let Some(mut process) = error.into_process() {
                    agent.processes().kill(&mut process)?;
                }
                Ok(INTERRUPTED)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what a line leaves.
    fn keep(&mut self, left: Option<Vec<u8>>, context: &Context) {
        let left = left.unwrap_or_default();
        if left.len() > LONGEST {
            context
                .output
                .remark("there are too many variables to keep what this line has changed");
            return;
        }
        if let Some((folder, variables)) = String::from_utf8_lossy(&left).split_once('\n') {
            folder.clone_into(&mut self.folder);
            variables.clone_into(&mut self.variables);
        }
    }
}

/// Runs a line and shows what it writes as it comes.
fn follow(
    agent: &mut Agent,
    shell: &Exec,
    context: &Context,
    output: &mut Split<'_>,
) -> Result<Exit, ExecError> {
    let mut streams = context.output.guest_writers();
    agent.exec_streaming(shell, |chunk| match chunk {
        Chunk::Stdout(bytes) => streams.stdout(output.before(bytes)),
        Chunk::Stderr(bytes) => {
            streams.stderr(bytes);
            Ok(())
        }
        _ => Ok(()),
    })
}

/// A mark that is another one each time.
fn mark() -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("\u{1e}qga-{time:x}-{:x}\u{1e}", std::process::id())
}
