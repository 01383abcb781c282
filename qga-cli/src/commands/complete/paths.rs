//! Paths in guests and on this host that begin with what is typed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use qga_bindings::blocking::Helpers as _;
use qga_bindings::exec::Exec;

use crate::agent::Agent;
use crate::target::Target;

/// How long a guest may take for each thing it is asked; somebody waits with a finger on the key.
const PATIENCE: Duration = Duration::from_millis(600);

/// Prints every path that begins with `$1`, each ended by a NUL, and folders by a slash before it.
const LIST: &str = r#"
for path in "$1"*; do
    if [ -d "$path" ]; then printf '%s/\0' "$path"; elif [ -e "$path" ]; then printf '%s\0' "$path"; fi
done"#;

/// The paths in a guest; none if it does not tell them in time, or is not of POSIX.
pub(super) fn in_guest(target: &Target, typed: &str) -> Vec<String> {
    let mut agent = Agent::new(target.client(0), Some(PATIENCE));
    let list = Exec::new("/bin/sh").args(["-c", LIST, "sh", typed]).within(PATIENCE);
    let Ok(output) = agent.exec(&list) else { return Vec::new() };
    let paths = output.stdout.split(|byte| *byte == 0);
    paths
        .filter(|path| !path.is_empty())
        .filter_map(|path| Some(std::str::from_utf8(path).ok()?.to_owned()))
        .collect()
}

/// The paths on this host.
pub(super) fn on_host(typed: &str) -> Vec<String> {
    let (folder, start) = match typed.rfind('/') {
        Some(slash) => typed.split_at(slash + 1),
        None => ("", typed),
    };
    let entries = fs::read_dir(if folder.is_empty() { Path::new(".") } else { Path::new(folder) });
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let is_hidden = name.starts_with('.') && !start.starts_with('.');
        let end = if entry.path().is_dir() { "/" } else { "" };
        (name.starts_with(start) && !is_hidden).then(|| format!("{folder}{name}{end}"))
    };
    entries.into_iter().flatten().flatten().filter_map(name).collect()
}
