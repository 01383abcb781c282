//! How a real agent is run on this machine: without privileges, and with every command disabled that changes the machine.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::process;

/// What a confined agent must not do, even where it could.
pub const DISABLED: &[&str] = &[
    "guest-shutdown",
    "guest-suspend-disk",
    "guest-suspend-ram",
    "guest-suspend-hybrid",
    "guest-set-time",
    "guest-set-vcpus",
    "guest-set-memory-blocks",
    "guest-set-user-password",
    "guest-fsfreeze-freeze",
    "guest-fsfreeze-freeze-list",
    "guest-fsfreeze-thaw",
    "guest-fstrim",
    "guest-ssh-add-authorized-keys",
    "guest-ssh-remove-authorized-keys",
];

/// The socket that a confined agent listens on, in its folder.
pub const SOCKET: &str = "agent.sock";

/// What a confined agent says, in its folder.
pub const LOG: &str = "log";

/// Nobody, in every distribution that has an agent.
pub(super) const NOBODY: u32 = 65_534;

/// The command that runs the agent `words` on a socket in `folder`, with more commands disabled than [`DISABLED`].
///
/// Where the folder is root's, it becomes nobody's, and so does the agent.
///
/// # Errors
/// When the folder cannot be written to.
pub fn command(words: &[String], folder: &Path, disabled: &[&str]) -> io::Result<Command> {
    let mut command = process::tied(words);
    command
        .args(["-m", "unix-listen", "-p"])
        .arg(folder.join(SOCKET))
        .arg("-t")
        .arg(folder)
        .args(["-b", &[DISABLED, disabled].concat().join(",")])
        // What its programs leave goes with the folder.
        .env("TMPDIR", folder)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join(LOG))?);
    if is_roots(folder)? {
        give_away(folder)?;
        command.uid(NOBODY).gid(NOBODY);
    }
    Ok(command)
}

/// Whether it is root's: then so is who made it.
pub(super) fn is_roots(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.uid() == 0)
}

/// Makes it nobody's.
pub(super) fn give_away(path: &Path) -> io::Result<()> {
    chown(path, Some(NOBODY), Some(NOBODY))
}
