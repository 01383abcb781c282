//! What has to be done in the guest with its own programs: small scripts, whose every input is a parameter.

use std::time::Duration;

use super::run::finish;
use super::{Exec, ExecError, Output};
use crate::guest::Guest;
use crate::{Error, commands};

/// Kills process `$1`, and before it what it has started, as far as the system tells. Each is stopped first, so that it starts
/// nothing more. The shell has its own `kill`, so that no program need be installed.
pub(crate) const KILL: &str = r#"
end() {
    kill -s STOP "$1" 2>/dev/null
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do end "$child"; done
    kill -s KILL "$1"
}
end "$1""#;

/// Makes a directory that nobody else can look into, with two empty files, and prints its path.
pub(crate) const MAKE_ROOM: &str = r#"
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/qga.XXXXXX") && : >"$dir/out" && : >"$dir/err" && printf %s "$dir""#;

/// Runs the program `$4` with the parameters that follow, its outputs appended to `$2` and `$3`, and removes directory `$1`
/// before. The environment may be any, so that `rm` is looked for where the system has it.
pub(crate) const REDIRECT: &str = r#"
exec >>"$2" 2>>"$3"
command -p rm -rf -- "$1"
shift 3
exec "$@""#;

/// Removes directory `$1`.
pub(crate) const CLEAR: &str = r#"exec rm -rf -- "$1""#;

/// A script with its parameters, as a program.
#[inline]
pub(crate) fn script(text: &str, parameters: &[&str]) -> Exec {
    Exec::new("/bin/sh").args(["-c", text, "sh"]).args(parameters.iter().copied())
}

/// Runs a script. It is not killed when its time is over.
pub(crate) async fn run_script(
    guest: &mut impl Guest,
    text: &str,
    parameters: &[&str],
    limit: Duration,
) -> Result<Output, ExecError> {
    finish(guest, &script(text, parameters).within(limit)).await
}

/// Whether the guest runs Windows, if the agent says so.
pub(crate) async fn is_windows(guest: &mut impl Guest) -> Result<bool, Error> {
    match guest.execute(&commands::GuestGetOsinfo::new(), None).await {
        Ok(os) => Ok(os.id.as_deref() == Some("mswindows")),
        // Agents before QEMU 2.10 cannot say.
        Err(Error::Refused { .. } | Error::Failed { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
