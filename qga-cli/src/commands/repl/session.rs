//! Lines for the guest's shell, each in a process of its own, and what one leaves to the next.

use qga_bindings::blocking::Helpers as _;
use qga_bindings::exec::{Exec, ExecError, Output};
use qga_bindings::{Commands as _, Error};

use crate::agent::Agent;
use crate::commands::exec::report;
use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Takes up the folder `$1` and the variables `$2`, runs the line `$3`, and says behind the mark `$4` what has become of them, also
/// if the line says `exit`.
const SCRIPT: &str = r#"
qga_mark=$4
trap 'qga_code=$?; trap - EXIT; printf "%s" "$qga_mark"; pwd; export -p; exit $qga_code' EXIT
cd -- "$1" 2>/dev/null
eval "$2"
eval "$3""#;

/// What lies between a line's output and what it leaves.
const MARK: &str = "\u{1e}qga-repl\u{1e}";

/// What one line leaves to the next.
#[derive(Debug)]
pub(super) struct Session {
    folder: String,
    /// As commands that set them.
    variables: String,
    ended: bool,
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
                Ok(Self { folder: "/".to_owned(), variables: String::new(), ended: false })
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
        let shell = Exec::new("/bin/sh").args([
            "-c",
            SCRIPT,
            "sh",
            &self.folder,
            &self.variables,
            line,
            MARK,
        ]);
        let mut processes = agent.processes();
        let mut process = processes.spawn(&shell)?;
        let output = loop {
            match processes.wait(&mut process, Some(super::GLANCE)) {
                Err(ExecError::Deadline { .. }) if interrupt.take() => {
                    processes.kill(&mut process)?;
                }
                Err(ExecError::Deadline { .. }) => {}
                result => break result?,
            }
        };
        let output = self.keep(output);
        context.output.guest_stdout(&output.stdout)?;
        context.output.guest_stderr(&output.stderr);
        Ok(report::code(output.exit))
    }

    /// Keeps what a line leaves, and gives the rest. A line that was killed leaves nothing.
    fn keep(&mut self, mut output: Output) -> Output {
        let mark = MARK.as_bytes();
        let found = output.stdout.windows(mark.len()).rposition(|bytes| bytes == mark);
        if let Some(at) = found {
            let left = output.stdout.split_off(at);
            let left =
                String::from_utf8_lossy(left.get(mark.len()..).unwrap_or_default()).into_owned();
            if let Some((folder, variables)) = left.split_once('\n') {
                folder.clone_into(&mut self.folder);
                variables.clone_into(&mut self.variables);
            }
        }
        output
    }
}
