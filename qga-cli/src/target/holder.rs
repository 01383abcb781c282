//! Who else is connected to a socket that serves one client at a time.

use std::path::Path;
use std::process::{Command, Stdio};

use qga_bindings::Address;

/// What to do about those who hold the agent's socket, if they can be found.
pub(super) fn advice(address: &Address) -> Option<String> {
    let Address::Unix(path) = address else { return None };
    let output = Command::new("ss")
        .args(["-x", "-p", "-H"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let clients = clients(&String::from_utf8_lossy(&output.stdout), path);
    if clients.is_empty() {
        return None;
    }
    Some(format!(
        "the agent serves one client at a time, and it is connected to: {}; end that program, or reach the guest through it \
         (libvirt: -c libvirt:DOMAIN)",
        clients.join(", ")
    ))
}

/// The programs at the other ends of a socket's connections, as `ss` tells them.
fn clients(sockets: &str, path: &Path) -> Vec<String> {
    let connections: Vec<Vec<&str>> = sockets
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<_>| words.len() >= 8)
        .collect();
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let is_ours = |words: &&Vec<&str>| {
        let name = words.get(4).map(Path::new).filter(|name| name.file_name() == real.file_name());
        name.is_some_and(|name| name == real || name.canonicalize().is_ok_and(|name| name == real))
    };
    let others = connections.iter().filter(is_ours).filter_map(|words| words.get(7));
    others
        .filter_map(|number| connections.iter().find(|words| words.get(5) == Some(number)))
        .filter_map(|words| words.get(8)?.strip_prefix("users:((")?.strip_suffix("))"))
        .map(|users| users.replace("),(", " and "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_at_the_other_end_is_named() {
        let sockets = "\
u_str ESTAB 0 0 * 171 * 172 users:((\"virtqemud\",pid=77,fd=4))
u_str ESTAB 0 0 /run/a.sock 172 * 171 users:((\"qemu\",pid=9,fd=5))
u_str ESTAB 0 0 /run/b.sock 174 * 173 users:((\"qemu\",pid=9,fd=6))
u_str LISTEN 0 1 /run/a.sock 170 * 0
";
        assert_eq!(clients(sockets, Path::new("/run/a.sock")), ["\"virtqemud\",pid=77,fd=4"]);
        assert!(clients(sockets, Path::new("/run/b.sock")).is_empty());
    }
}
