//! How programs end, and what they leave.

use std::fmt;

use super::Capture;
use crate::types::GuestExecStatus;

/// How much of each kind of output agents keep.
const KEPT: usize = 16 << 20;

/// How a program ended, and what it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote to standard output, if that was captured; with [`Capture::Merged`] also what it wrote to standard error.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, if that was captured.
    pub stderr: Vec<u8>,
    /// Whether `stdout` is all it wrote.
    pub stdout_truncated: Truncation,
    /// Whether `stderr` is all it wrote.
    pub stderr_truncated: Truncation,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exit {
    /// By itself, with this exit code.
    Code(i64),
    /// A signal with this number ended it.
    Signal(i64),
    /// An exception with this code ended it, as happens on Windows: 0xC0000005 is an access violation.
    Exception(u32),
    /// It ended, and the agent does not know how, which is a defect of some agents.
    Unknown,
}

/// Whether output is all that the program wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Truncation {
    /// It is all.
    #[default]
    No,
    /// It may be: exactly as much came as agents keep, and this one does not say clearly whether there was more.
    Possibly,
    /// It is not: agents keep 16 MiB.
    Yes,
}

impl Output {
    /// What is left of a program that failed.
    #[inline]
    pub(crate) fn failed(exit: Exit, stderr: Vec<u8>) -> Self {
        let (stdout_truncated, stderr_truncated) = (Truncation::No, Truncation::No);
        Self { exit, stdout: Vec::new(), stderr, stdout_truncated, stderr_truncated }
    }

    /// What a status says, if it is a last one.
    #[inline]
    pub(super) fn of(status: GuestExecStatus, capture: Capture) -> Option<Self> {
        let exit = Exit::of(&status);
        let keep = |kind: bool, data: Option<Vec<u8>>, flag| {
            let bytes = data.filter(|_| kind).unwrap_or_default();
            let truncated = Truncation::of(flag, bytes.len());
            (bytes, truncated)
        };
        let (stdout, stdout_truncated) = keep(
            !matches!(capture, Capture::Nothing | Capture::Stderr),
            status.out_data,
            status.out_truncated,
        );
        let (stderr, stderr_truncated) = keep(
            !matches!(capture, Capture::Nothing | Capture::Stdout),
            status.err_data,
            status.err_truncated,
        );
        let output = Self { exit, stdout, stderr, stdout_truncated, stderr_truncated };
        status.exited.then_some(output)
    }
}

impl Exit {
    /// Whether the program ended by itself with exit code 0.
    #[inline]
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }

    /// What a shell would tell: the code, or 128 and the signal's number. Nothing where a shell could not tell either.
    #[inline]
    pub fn shell_code(self) -> Option<u8> {
        match self {
            Self::Code(code) => u8::try_from(code).ok(),
            Self::Signal(number) => u8::try_from(number.checked_add(128)?).ok(),
            Self::Exception(_) | Self::Unknown => None,
        }
    }

    #[inline]
    fn of(status: &GuestExecStatus) -> Self {
        match (status.exitcode, status.signal) {
            (Some(code), None | Some(0)) => Self::Code(code),
            // Agents written by others send -1 as exit code beside a signal.
            // Agents for Windows send the exception's code here, as a signed number.
            (_, Some(number)) => match (i32::try_from(number), u32::try_from(number)) {
                (_, Ok(0..=255)) | (Err(_), Err(_)) => Self::Signal(number),
                (_, Ok(code)) => Self::Exception(code),
                (Ok(code), Err(_)) => Self::Exception(u32::from_ne_bytes(code.to_ne_bytes())),
            },
            (None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for Exit {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(number) => write!(f, "ended by signal {number}"),
            Self::Exception(code) => write!(f, "ended by exception 0x{code:08X}"),
            Self::Unknown => f.write_str("ended in an unknown way"),
        }
    }
}

impl Truncation {
    /// What the agent's flag means. Some agents send it only for truncated output, and then with the wrong value.
    #[inline]
    fn of(flag: Option<bool>, length: usize) -> Self {
        match flag {
            Some(true) => Self::Yes,
            Some(false) if length == KEPT => Self::Possibly,
            Some(false) | None => Self::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(exitcode: Option<i64>, signal: Option<i64>) -> Exit {
        let mut status = GuestExecStatus::new(true);
        (status.exitcode, status.signal) = (exitcode, signal);
        Exit::of(&status)
    }

    #[test]
    fn a_code_a_signal_and_an_exception_are_told_apart() {
        assert_eq!(exit(Some(3), None), Exit::Code(3));
        assert_eq!(exit(None, Some(9)), Exit::Signal(9));
        assert_eq!(exit(None, Some(-1_073_741_819)), Exit::Exception(0xC000_0005));
        assert_eq!(exit(None, Some(0xC000_0005)), Exit::Exception(0xC000_0005));
        assert_eq!(exit(None, Some(i64::MAX)), Exit::Signal(i64::MAX));
        assert_eq!(exit(None, None), Exit::Unknown);
    }

    #[test]
    fn an_end_that_a_shell_could_not_tell_has_no_shell_code() {
        let codes = [Exit::Code(255), Exit::Signal(9), Exit::Exception(5), Exit::Code(256)];
        assert_eq!(codes.map(Exit::shell_code), [Some(255), Some(137), None, None]);
    }

    #[test]
    fn truncation_is_doubtful_only_where_it_is() {
        assert_eq!(Truncation::of(Some(true), 5), Truncation::Yes);
        assert_eq!(Truncation::of(Some(false), KEPT), Truncation::Possibly);
        assert_eq!(Truncation::of(Some(false), KEPT - 1), Truncation::No);
        assert_eq!(Truncation::of(None, KEPT), Truncation::No);
    }
}
