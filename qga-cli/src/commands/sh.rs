//! `qga sh`: a line for the guest's own shell.

use clap::{Args, ValueEnum};
use qga_bindings::{Commands as _, Error};

use super::exec::program::Settings;
use super::exec::run;
use crate::agent::Agent;
use crate::context::Context;
use crate::failure::Failure;

/// Run a line in the guest's own shell: sh, or cmd on Windows.
#[derive(Args, Debug)]
pub(crate) struct Sh {
    #[command(flatten)]
    settings: Settings,

    /// Which shell to use instead of the guest's own.
    #[arg(long, value_name = "SHELL")]
    shell: Option<Shell>,

    /// The line.
    line: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// The shell of POSIX guests.
    Sh,
    /// The old shell of Windows.
    Cmd,
    /// The new shell of Windows.
    Powershell,
}

impl Sh {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        run::everywhere(context, &self.settings, &|agent| {
            let shell = match self.shell {
                Some(shell) => shell,
                None => own_shell(agent)?,
            };
            let words: &[&str] = match shell {
                Shell::Sh => &["/bin/sh", "-c"],
                Shell::Cmd => &["cmd.exe", "/d", "/s", "/c"],
                Shell::Powershell => {
                    &["powershell.exe", "-NoProfile", "-NonInteractive", "-Command"]
                }
            };
            Ok(words.iter().copied().chain([self.line.as_str()]).map(str::to_owned).collect())
        })
    }
}

/// The guest's own shell. An agent that does not tell its operating system is older than those for which it matters.
fn own_shell(agent: &mut Agent) -> Result<Shell, Failure> {
    match agent.guest_get_osinfo() {
        Ok(os) if os.id.as_deref() == Some("mswindows") => Ok(Shell::Cmd),
        Ok(_) | Err(Error::Refused { .. } | Error::Failed { .. }) => Ok(Shell::Sh),
        Err(error) => Err(error.into()),
    }
}
