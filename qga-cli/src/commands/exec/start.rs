//! Why a program could not be started, in the manner of shells.

use qga_bindings::Error;
use qga_bindings::exec::ExecError;

use crate::failure::Failure;

/// The exit code of a program that is not there.
const NOT_FOUND: u8 = 127;

/// The exit code of something that is there and is no program.
const NO_PROGRAM: u8 = 126;

/// Says why a program did not run to its end, and if it was not even started, whether it is there.
pub(super) fn failure(error: ExecError) -> Failure {
    let ExecError::Agent(Error::Failed { error: said, .. }) = &error else { return error.into() };
    let desc = said.desc.clone().unwrap_or_default();
    let (exit, next) = if desc.contains("No such file") || desc.contains("cannot find the") {
        (
            NOT_FOUND,
            "give its whole path, or see with `qga sh 'echo $PATH'` where programs are looked for",
        )
    } else {
        (NO_PROGRAM, "see in the guest that it is a program and may be run")
    };
    Failure::from(error).exiting(exit).next(next)
}
