//! Guests of QEMU processes that run on this host, by their command lines.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What the agent's channel is called in every guest.
const CHANNEL: &str = "org.qemu.guest_agent.0";

/// The guests of running QEMU processes whose agents have a socket: names and sockets.
pub(super) fn guests(proc: &Path) -> Vec<(String, PathBuf)> {
    let processes = fs::read_dir(proc).into_iter().flatten().flatten();
    processes
        .filter_map(|process| {
            let folder = process.path();
            // Other users' processes, and those that are ending, cannot be read.
            let text = fs::read(folder.join("cmdline")).ok()?;
            let arguments: Vec<String> = text
                .split(|byte| *byte == 0)
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect();
            let (name, socket) = agent(&arguments)?;
            let name =
                name.unwrap_or_else(|| format!("qemu:{}", process.file_name().to_string_lossy()));
            let home = fs::read_link(folder.join("cwd")).unwrap_or_default();
            Some((name, home.join(socket)))
        })
        .collect()
}

/// The guest's name, if it has one, and the socket of its agent's channel, if the arguments are QEMU's.
fn agent(arguments: &[String]) -> Option<(Option<String>, PathBuf)> {
    let program = Path::new(arguments.first()?).file_name()?.to_str()?;
    if !["qemu", "kvm"].iter().any(|start| program.starts_with(start)) {
        return None;
    }
    let values = |option: &str| {
        let given = arguments.windows(2).filter_map(move |pair| match pair {
            [name, value] if name.trim_start_matches('-') == option => Some(value),
            _ => None,
        });
        given.map(|value| members(value)).collect::<Vec<_>>()
    };
    let devices = values("device");
    let channel =
        devices.iter().find(|device| device.get("name").is_some_and(|name| name == CHANNEL))?;
    let id = channel.get("chardev")?;
    let chardevs = values("chardev");
    let chardev = chardevs.iter().find(|chardev| chardev.get("id") == Some(id))?;
    let path = chardev.get("path")?;
    let name =
        values("name").pop().and_then(|name| name.get("guest").or_else(|| name.get("")).cloned());
    Some((name, PathBuf::from(std::ffi::OsString::from_vec(path.clone().into_bytes()))))
}

/// The members of an option's value: JSON, or `NAME=VALUE` with commas between them, where a doubled comma is part of the
/// value. What has no name is the member with the empty one.
fn members(value: &str) -> BTreeMap<String, String> {
    if let Ok(Value::Object(members)) = serde_json::from_str(value) {
        let text = |value: Value| value.as_str().map(str::to_owned);
        return members
            .into_iter()
            .filter_map(|(name, value)| Some((name, text(value)?)))
            .collect();
    }
    // No option has this character in it, and it keeps doubled commas apart from single ones.
    let single = value.replace(",,", "\0");
    let words = single.split(',').map(|word| word.replace('\0', ","));
    let member = |word: String| match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (String::new(), word),
    };
    words.map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<(Option<String>, PathBuf)> {
        agent(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_socket_of_the_agents_channel_is_found_among_others() {
        let line = "/usr/bin/qemu-system-x86_64 -name guest=vm1,debug-threads=on -chardev socket,id=mon,path=/run/mon.sock \
                    -chardev socket,id=ch0,path=/run/a,,b.sock,server=on,wait=off \
                    -device virtserialport,chardev=ch0,name=org.qemu.guest_agent.0";
        assert_eq!(found(line), Some((Some("vm1".to_owned()), "/run/a,b.sock".into())));
    }

    #[test]
    fn options_in_json_and_names_without_a_key_are_read() {
        let line = r#"kvm -name vm2 -chardev socket,path=qga.sock,server=on,id=q --device {"driver":"virtserialport","nr":1,"chardev":"q","name":"org.qemu.guest_agent.0"}"#;
        assert_eq!(found(line), Some((Some("vm2".to_owned()), "qga.sock".into())));
    }

    #[test]
    fn what_is_no_qemu_or_has_no_such_socket_is_no_guest() {
        let rest = "-chardev socket,id=c,fd=30 -device virtserialport,chardev=c,name=org.qemu.guest_agent.0";
        assert_eq!(found(&format!("qemu-kvm {rest}")), None);
        assert_eq!(found(&format!("grep {}", rest.replace("fd=30", "path=/x"))), None);
        assert_eq!(found(""), None);
    }
}
