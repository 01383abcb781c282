//! Where libvirt's daemon runs: it sees its own suite's data where it would be installed, and the machines that it starts
//! end with it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::super::{confine, process};

/// Process 1: its arguments are a folder for `/usr/share`, and a command.
const INIT: &str = "mount --bind \"$1\" /usr/share || exit; shift; \"$@\" & wait $!";

/// A command that runs `words` there, as nobody if this is root, and that ends with this program.
pub(super) fn command(words: &[String], share: &Path, as_root: bool) -> Command {
    let mut unshare = vec!["unshare".to_owned()];
    let mut drop_privileges = vec!["setpriv".to_owned(), "--no-new-privs".to_owned()];
    if as_root {
        let nobody = confine::NOBODY.to_string();
        drop_privileges
            .extend(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"].map(str::to_owned));
    } else {
        // Whoever makes a namespace of users may mount in it.
        unshare.extend(["--user", "--map-current-user", "--keep-caps"].map(str::to_owned));
        drop_privileges.extend(["--inh-caps", "-all", "--ambient-caps", "-all"].map(str::to_owned));
    }
    unshare.extend(
        ["--mount", "--pid", "--mount-proc", "--fork", "--kill-child=KILL"].map(str::to_owned),
    );
    let mut command = process::ending(&unshare);
    command.args(["sh", "-c", INIT, "init"]).arg(share).args(drop_privileges).args(words);
    command
}

/// Whether processes can be set apart here as libvirt's daemon has to be.
///
/// # Errors
/// Why not, and what can be done.
pub fn usable() -> Result<()> {
    let as_root = confine::is_roots(Path::new("/proc/self"))?;
    let output = command(&["true".to_owned()], Path::new("/usr/share"), as_root)
        .stdin(Stdio::null())
        .output()
        .context("libvirt's daemon is started with setpriv and unshare, which do not start here: install util-linux")?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    ensure!(
        output.status.success(),
        "libvirt's daemon needs namespaces of its own, which cannot be made here ({said}): run this as root, or where \
         users may make them (the sysctl user.max_user_namespaces is not 0, and no policy forbids it)"
    );
    Ok(())
}
