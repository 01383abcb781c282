//! How a program ended, told to people and programs.

use qga_bindings::exec::{Exit, Output, Truncation};
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, exit};
use crate::output::{Report, Text, bytes};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Ended {
    /// Ours, and the shell's.
    exit: u8,
    code: Option<i64>,
    signal: Option<i64>,
    exception: Option<u32>,
    /// A string, or an object with `base64` if it is no text.
    stdout: Value,
    stderr: Value,
    stdout_truncated: bool,
    stderr_truncated: bool,
}

/// The exit code that says how a program ended. Those that no shell can tell become 125, for they are not to be taken for
/// success.
pub(crate) fn code(exit: Exit) -> u8 {
    exit.shell_code().unwrap_or(exit::OURS)
}

/// How it ended and what it wrote, as one record.
pub(super) fn report(output: &Output) -> Result<Report, Failure> {
    let (code, signal, exception) = match output.exit {
        Exit::Code(code) => (Some(code), None, None),
        Exit::Signal(number) => (None, Some(number), None),
        Exit::Exception(number) => (None, None, Some(number)),
        _ => (None, None, None),
    };
    let json = Ended {
        exit: self::code(output.exit),
        code,
        signal,
        exception,
        stdout: bytes::json(&output.stdout),
        stderr: bytes::json(&output.stderr),
        stdout_truncated: output.stdout_truncated != Truncation::No,
        stderr_truncated: output.stderr_truncated != Truncation::No,
    };
    let text = Text::default()
        .and_lines(&String::from_utf8_lossy(&output.stdout))
        .and_lines(&String::from_utf8_lossy(&output.stderr));
    Report::new(&json, text)
}

/// What else there is to say of it.
pub(super) fn remarks(output: &Output) -> Vec<String> {
    let mut remarks = Vec::new();
    for (name, truncation) in
        [("stdout", output.stdout_truncated), ("stderr", output.stderr_truncated)]
    {
        if truncation != Truncation::No {
            remarks.push(format!(
                "{name} is cut off after the 16 MiB that agents keep; redirect it to a file in the guest, and `qga cp` that"
            ));
        }
    }
    if output.exit.shell_code().is_none() {
        remarks.push(format!("the program {}", output.exit));
    }
    remarks
}
