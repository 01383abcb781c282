//! What has to be done in the guest with its own programs: small scripts, whose every input is a parameter.

use std::time::Duration;

use super::run::finish;
use super::{Exec, ExecError, Output};
use crate::guest::Guest;
use crate::{Error, commands};

/// Kills process `$1`. The shell has its own `kill`, so that no program need be installed.
pub(crate) const KILL: &str = r#"kill -s KILL "$1""#;

/// A script with its parameters, as a program.
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
