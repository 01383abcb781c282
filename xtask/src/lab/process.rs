//! Programs that end when the one that started them does, however that ends.

use std::path::Path;
use std::process::Command;

const SETPRIV: &str = "/usr/bin/setpriv";

/// A command that is killed when the thread that starts it ends, and cannot gain privileges.
///
/// That takes `setpriv` of util-linux. Elsewhere it is a command like any other.
pub(super) fn tied(words: &[String]) -> Command {
    with(&["--no-new-privs"], words)
}

/// A command that is killed when the thread that starts it ends.
pub(super) fn ending(words: &[String]) -> Command {
    with(&[], words)
}

fn with(options: &[&str], words: &[String]) -> Command {
    let mut words = words.iter();
    // Where it is a link, it is one to a program of the same name that can do less.
    let mut command = if Path::new(SETPRIV).is_file() && !Path::new(SETPRIV).is_symlink() {
        let mut command = Command::new(SETPRIV);
        command.args(["--pdeathsig", "KILL"]).args(options).arg("--");
        command
    } else {
        Command::new(words.next().map_or("", String::as_str))
    };
    command.args(words);
    command
}
