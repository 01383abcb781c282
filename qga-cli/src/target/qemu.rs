//! Guests of QEMU processes that run on this host, by their command lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use qga_bindings::Address;
use serde_json::Value;

/// What the agent's channel is called in every guest.
const CHANNEL: &str = "org.qemu.guest_agent.0";

/// A guest that a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guest {
    /// What its machine is called, or else `qemu:` and the process.
    pub(super) name: String,
    /// Where QEMU listens for clients of its agent.
    pub(super) address: Address,
}

/// What QEMU listens on.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Path(String),
    Tcp(String, u16),
    /// A socket that QEMU was given when it was started, as libvirt does.
    Fd(String),
}

/// The members of an option's value.
type Members = BTreeMap<String, String>;

/// A process of QEMU.
struct Process {
    /// Where the system tells of it.
    folder: PathBuf,
    /// Its arguments, from the emulator on.
    words: Vec<String>,
}

/// The guests of running QEMU processes whose agents can be connected to.
pub(super) fn guests(proc: &Path) -> Vec<Guest> {
    let guest = |process: Process| {
        let folder = &process.folder;
        let address = match channel(&process.words)? {
            End::Path(path) => Address::Unix(visible(folder, Path::new(&path))),
            End::Tcp(host, port) => Address::Tcp { host, port },
            End::Fd(fd) => Address::Unix(visible(folder, &bound_to(folder, &fd)?)),
        };
        Some(Guest { name: process.name(), address })
    };
    processes(proc).filter_map(guest).collect()
}

/// The names of guests whose QEMU gives an agent no channel that could be connected to.
pub(super) fn without_channel(proc: &Path) -> Vec<String> {
    let lacks = |process: &Process| channel(&process.words).is_none();
    processes(proc).filter(lacks).map(|process| process.name()).collect()
}

fn processes(proc: &Path) -> impl Iterator<Item = Process> {
    let entries = fs::read_dir(proc).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let folder = entry.path();
        // Other users' processes, and those that are ending, cannot be read.
        let text = fs::read(folder.join("cmdline")).ok()?;
        let words = text.split(|byte| *byte == 0);
        let words: Vec<_> = words.map(|word| String::from_utf8_lossy(word).into()).collect();
        Some(Process { folder, words: emulator(words)? })
    })
}

/// The arguments of an emulator. It may have been started through another program, such as a loader or `nice`.
fn emulator(mut words: Vec<String>) -> Option<Vec<String>> {
    let is_emulator = |word: &String| {
        let name = word.rsplit('/').next().unwrap_or_default();
        name == "kvm" || name.starts_with("qemu-system-") || name.starts_with("qemu-kvm")
    };
    let start = words.iter().position(is_emulator)?;
    Some(words.split_off(start))
}

impl Process {
    /// What its machine is called, or else `qemu:` and its number.
    fn name(&self) -> String {
        let given = values(&self.words, "name").next_back().map(members);
        let given = given.and_then(|name| name.get("guest").or_else(|| name.get("")).cloned());
        let number = || self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        given.unwrap_or_else(|| format!("qemu:{}", number()))
    }
}

/// A path of a process as this one sees it: that one may be in another folder, or see other file systems.
fn visible(process: &Path, path: &Path) -> PathBuf {
    let ours = fs::read_link(process.join("cwd")).unwrap_or_default().join(path);
    match ours.strip_prefix("/").map(|path| process.join("root").join(path)) {
        Ok(theirs) if !ours.exists() && theirs.exists() => theirs,
        _ => ours,
    }
}

/// The path that a socket of a process is bound to.
fn bound_to(process: &Path, fd: &str) -> Option<PathBuf> {
    let link = fs::read_link(process.join("fd").join(fd)).ok()?;
    let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
    let sockets = fs::read_to_string(process.join("net/unix")).ok()?;
    let path = sockets.lines().find_map(|line| {
        let mut columns = line.split_whitespace();
        (columns.nth(6)? == inode).then(|| columns.next())?
    })?;
    Some(PathBuf::from(path))
}

/// What the agent's channel is connected to, by an emulator's arguments.
fn channel(words: &[String]) -> Option<End> {
    let chardevs: Vec<Members> = values(words, "chardev").map(members).collect();
    let devices: Vec<Members> = values(words, "device").map(members).collect();
    let port = devices.iter().find(|device| device.get("name").is_some_and(|name| name == CHANNEL));
    if let Some(port) = port {
        let id = port.get("chardev")?;
        return end(chardevs.iter().find(|chardev| chardev.get("id") == Some(id))?);
    }
    serial_lines(words, &devices, &chardevs).iter().find_map(end)
}

/// The values of an option, in their order.
fn values<'a>(
    words: &'a [String],
    option: &'static str,
) -> impl DoubleEndedIterator<Item = &'a str> {
    words.windows(2).filter_map(move |pair| match pair {
        [name, value] if name.trim_start_matches('-') == option => Some(value.as_str()),
        _ => None,
    })
}

/// What serial lines are connected to that are the agent's. They have no names, so that it takes an identifier or a path that
/// speaks of the agent.
fn serial_lines(words: &[String], devices: &[Members], chardevs: &[Members]) -> Vec<Members> {
    let mut ids = Vec::new();
    let mut found = Vec::new();
    for device in devices {
        let driver = device.get("").or_else(|| device.get("driver"));
        if driver.is_some_and(|driver| driver.ends_with("-serial")) {
            ids.extend(device.get("chardev").map(String::as_str));
        }
    }
    for value in values(words, "serial") {
        ids.extend(value.strip_prefix("chardev:"));
        found.extend(
            value.strip_prefix("unix:").map(|rest| members(&format!("socket,path={rest}"))),
        );
    }
    let is_line =
        |chardev: &&Members| chardev.get("id").is_some_and(|id| ids.contains(&id.as_str()));
    found.extend(chardevs.iter().filter(is_line).cloned());
    found.retain(speaks_of_agent);
    found
}

/// What a character device listens on, if clients can connect to it.
fn end(chardev: &Members) -> Option<End> {
    let is_on = |name: &str| {
        chardev.get(name).is_some_and(|value| !["off", "no", "false"].contains(&value.as_str()))
    };
    // Otherwise it is QEMU that connects to somebody.
    if !is_on("server") {
        return None;
    }
    if let Some(path) = chardev.get("path") {
        return Some(End::Path(path.clone()));
    }
    if let Some(fd) = chardev.get("fd").or_else(|| chardev.get("str")) {
        return Some(End::Fd(fd.clone()));
    }
    let host = chardev.get("host").filter(|host| !["", "0.0.0.0", "::"].contains(&host.as_str()));
    let host = host.map_or("localhost", String::as_str);
    Some(End::Tcp(host.to_owned(), chardev.get("port")?.parse().ok()?))
}

fn speaks_of_agent(chardev: &Members) -> bool {
    let file = chardev.get("path").and_then(|path| path.rsplit('/').next());
    let texts = [chardev.get("id").map(String::as_str), file];
    texts.into_iter().flatten().any(|text| {
        ["qga", "guest_agent", "guest-agent", "qemu-ga"].iter().any(|word| text.contains(word))
    })
}

/// The members of an option's value: JSON, or `NAME=VALUE` with commas between them, where a doubled comma is part of the
/// value. What has no name is switched on, but for the first, which is the member with the empty name.
fn members(value: &str) -> Members {
    if let Ok(Value::Object(members)) = serde_json::from_str(value) {
        let mut flat = BTreeMap::new();
        flatten(members, &mut flat);
        return flat;
    }
    // No option has this character in it, and it keeps doubled commas apart from single ones.
    let single = value.replace(",,", "\0");
    let words = single.split(',').map(|word| word.replace('\0', ","));
    let member = |(order, word): (usize, String)| match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None if order == 0 => (String::new(), word),
        None => (word, "on".to_owned()),
    };
    words.enumerate().map(member).collect()
}

/// All members at whatever depth; those further out come first.
fn flatten(members: serde_json::Map<String, Value>, flat: &mut Members) {
    let mut inner = Vec::new();
    for (name, value) in members {
        match value {
            Value::Object(members) => inner.push(members),
            Value::Bool(on) => {
                flat.entry(name).or_insert(if on { "on" } else { "off" }.to_owned());
            }
            Value::String(text) => {
                flat.entry(name).or_insert(text);
            }
            value => {
                flat.entry(name).or_insert(value.to_string());
            }
        }
    }
    for members in inner {
        flatten(members, flat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: &str = "-device virtserialport,chardev=q,name=org.qemu.guest_agent.0";

    /// The guest's name and the channel's path, address or number, if the line is an emulator's.
    fn found(line: &str) -> Option<(String, End)> {
        let words = emulator(line.split(' ').map(str::to_owned).collect())?;
        let end = channel(&words)?;
        Some((Process { folder: "/proc/7".into(), words }.name(), end))
    }

    fn at(name: &str, path: &str) -> (String, End) {
        (name.to_owned(), End::Path(path.to_owned()))
    }

    #[test]
    fn the_socket_of_the_agents_channel_is_found_among_others() {
        let line = "/usr/bin/qemu-system-x86_64 -name guest=vm1,debug-threads=on -chardev socket,id=mon,path=/run/mon.sock \
                    -chardev socket,id=ch0,path=/run/a,,b.sock,server=on,wait=off \
                    -device virtserialport,chardev=ch0,name=org.qemu.guest_agent.0";
        assert_eq!(found(line), Some(at("vm1", "/run/a,b.sock")));
    }

    #[test]
    fn every_spelling_of_a_socket_is_read() {
        for chardev in [
            "socket,path=/q,server=on,wait=off,id=q",
            "socket,id=q,server,nowait,path=/q",
            "socket,server=yes,path=/q,id=q,reconnect=0",
            r#"{"id":"q","backend":{"type":"socket","data":{"addr":{"type":"unix","data":{"path":"/q"}},"server":true}}}"#,
        ] {
            assert_eq!(
                found(&format!("kvm -name vm2 -chardev {chardev} {PORT}")),
                Some(at("vm2", "/q"))
            );
        }
        let json =
            r#"{"driver":"virtserialport","nr":1,"chardev":"q","name":"org.qemu.guest_agent.0"}"#;
        let line = format!("kvm -chardev socket,path=qga.sock,server=on,id=q --device {json}");
        assert_eq!(found(&line), Some(at("qemu:7", "qga.sock")));
    }

    #[test]
    fn ports_and_sockets_that_were_handed_over_are_found_too() {
        let end = |chardev: &str| {
            found(&format!("kvm -chardev {chardev},id=q {PORT}")).map(|(_, end)| end)
        };
        let tcp = |host: &str| Some(End::Tcp(host.to_owned(), 4444));
        assert_eq!(end("socket,host=10.0.0.1,port=4444,server=on"), tcp("10.0.0.1"));
        assert_eq!(end("socket,host=0.0.0.0,port=4444,server"), tcp("localhost"));
        assert_eq!(end("socket,port=4444,server"), tcp("localhost"));
        assert_eq!(end("socket,fd=35,server=on"), Some(End::Fd("35".to_owned())));
    }

    #[test]
    fn a_serial_line_is_the_agents_if_it_is_called_so() {
        let line = "kvm -chardev socket,path=/run/qemu-server/100.qga,server=on,id=qga0 -device isa-serial,chardev=qga0";
        assert_eq!(found(line), Some(at("qemu:7", "/run/qemu-server/100.qga")));
        assert_eq!(
            found("kvm -serial unix:/run/vm.qga,server,nowait"),
            Some(at("qemu:7", "/run/vm.qga"))
        );
        let line = "kvm -chardev socket,path=/run/guest-agent,server=on,id=s -serial chardev:s";
        assert_eq!(found(line), Some(at("qemu:7", "/run/guest-agent")));
        assert_eq!(found("kvm -serial unix:/run/console,server,nowait"), None);
    }

    #[test]
    fn an_emulator_that_was_started_through_another_program_is_one() {
        let line = format!(
            "/lib/ld.so --library-path /lib ./qemu-system-arm -chardev socket,server,path=/q,id=q {PORT}"
        );
        assert_eq!(found(&line), Some(at("qemu:7", "/q")));
    }

    #[test]
    fn what_is_no_emulator_or_connects_itself_or_has_no_channel_is_no_guest() {
        let rest = format!("-chardev socket,id=q,server=on,path=/x {PORT}");
        assert_eq!(found(&format!("grep {rest}")), None);
        assert_eq!(found(&format!("qemu-kvm {}", rest.replace("server=on,", ""))), None);
        assert_eq!(found(&format!("qemu-kvm {}", rest.replace("server=on", "server=off"))), None);
        assert_eq!(found(&format!("qemu-kvm {}", rest.replace("id=q", "id=r"))), None);
        assert_eq!(found("qemu-system-x86_64 -chardev socket,id=q,server=on,path=/x"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn processes_tell_where_the_sockets_are_that_they_were_given() {
        let proc = std::env::temp_dir().join(format!("qga-proc-{}", std::process::id()));
        let process = proc.join("7");
        fs::create_dir_all(process.join("fd")).unwrap();
        fs::create_dir_all(process.join("net")).unwrap();
        let line = format!("kvm -chardev socket,server,fd=35,id=q {PORT}").replace(' ', "\0");
        fs::write(process.join("cmdline"), line).unwrap();
        fs::write(
            process.join("net/unix"),
            "Num RefCount Protocol Flags Type St Inode Path\n0: 2 0 10000 1 01 99 /run/other\n0: 2 0 10000 1 01 42 /run/q.sock\n",
        )
        .unwrap();
        std::os::unix::fs::symlink("socket:[42]", process.join("fd/35")).unwrap();
        std::os::unix::fs::symlink("/", process.join("cwd")).unwrap();
        let found = guests(&proc);
        fs::remove_dir_all(&proc).unwrap();
        let address = Address::Unix("/run/q.sock".into());
        assert_eq!(found, [Guest { name: "qemu:7".to_owned(), address }]);
    }
}
