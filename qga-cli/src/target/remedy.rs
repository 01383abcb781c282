//! What to do where there is no way to an agent.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use qga_bindings::ready::Reason;
use qga_bindings::{Address, Stranger};

use super::{Place, holder, probe};

/// What to do about what keeps an agent from being reached, as far as it can be known from here.
pub(crate) fn remedy(place: &Place, reason: &Reason) -> String {
    let address = match place {
        Place::Address(address) => address,
        Place::Libvirt(_) if *reason == Reason::Unreachable => {
            return "`virsh list --all` shows the domains; those of qemu:///session and of qemu:///system differ"
                .to_owned();
        }
        _ => return reason.to_string(),
    };
    match (reason, address) {
        (Reason::NotFound, Address::Unix(path)) => missing(path),
        (Reason::NotFound, Address::Serial(path)) => {
            format!("there is no {}: check its name", path.display())
        }
        (Reason::NotFound, Address::Tcp { host, .. }) => {
            format!("check the name `{host}`, and this host's name service")
        }
        (Reason::PermissionDenied, Address::Unix(path) | Address::Serial(path)) => permission(path),
        (Reason::Refused, Address::Unix(path)) if !is_socket(path) => {
            "give the socket that QEMU makes for the agent's channel; `qga targets` lists what there is"
                .to_owned()
        }
        (Reason::Refused, Address::Unix(path)) => format!(
            "nobody listens at {}: start the guest again; a socket outlives the QEMU that made it",
            path.display()
        ),
        (Reason::Stranger(Stranger::Qmp | Stranger::Hmp | Stranger::Vnc), _) => {
            "use the socket of the chardev that the virtserialport named org.qemu.guest_agent.0 is connected to; \
             `qga targets` finds it"
                .to_owned()
        }
        (Reason::Stranger(_), _) => "check the address".to_owned(),
        (Reason::Busy | Reason::Silent, _) => {
            holder::advice(address).unwrap_or_else(|| reason.to_string())
        }
        (Reason::HungUp, _) => match probe::who_hangs_up(address) {
            Some(stranger) => Reason::Stranger(stranger).to_string(),
            None => reason.to_string(),
        },
        (Reason::Unreachable, Address::Vsock { cid, .. }) => format!(
            "see that a guest runs with `-device vhost-vsock-pci,guest-cid={cid}` and that its agent listens there"
        ),
        (Reason::Unreachable, _) => "see that the address is right and can be reached from here".to_owned(),
        _ => reason.to_string(),
    }
}

/// What QEMU has to be given for there to be a socket.
fn missing(path: &Path) -> String {
    format!(
        "start the guest; its QEMU needs the agent's channel: {}; `qga targets` lists what there is",
        channel_at(path)
    )
}

/// The arguments that give an agent a channel.
pub(super) fn channel_at(path: &Path) -> String {
    format!(
        "-chardev socket,path={},server=on,wait=off,id=qga0 -device virtio-serial -device \
         virtserialport,chardev=qga0,name=org.qemu.guest_agent.0",
        path.display()
    )
}

fn is_socket(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_socket())
}

/// Who may use a socket or a device.
fn permission(path: &Path) -> String {
    // A folder on the way may be what is closed: then nothing can be known of what is in it.
    let closed = path.ancestors().find_map(|path| match path.metadata() {
        Ok(found) => Some(Ok((path, found))),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
        Err(error) => Some(Err(error)),
    });
    let Some(Ok((closed, found))) = closed else {
        return "run as its owner or as root".to_owned();
    };
    let mode = found.mode() & 0o777;
    let owner = name_of(found.uid(), Path::new("/etc/passwd"));
    let group = name_of(found.gid(), Path::new("/etc/group"));
    // What is used has to be written to, and a folder only entered.
    let needed = if found.is_dir() { 0o010 } else { 0o020 };
    let or = match (mode & needed, found.is_dir()) {
        (0, true) => "have it opened to a group of yours: chmod g+x".to_owned(),
        (0, false) => "have it opened to a group of yours: chmod g+rw".to_owned(),
        _ => format!("join the group: usermod -aG {group} USER"),
    };
    let closed = closed.display();
    format!(
        "{closed} is for user {owner} and group {group} (mode {mode:o}): run as {owner}, or {or}"
    )
}

/// The name of a user or group, as a file of the host says, or its number.
fn name_of(id: u32, file: &Path) -> String {
    let id = id.to_string();
    let text = fs::read_to_string(file).unwrap_or_default();
    let name = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.unwrap_or(id)
}
