//! Guests of this host, found by where their channels usually are.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use qga_bindings::Address;

use super::libvirt::Domain;
use super::{Place, Source, Target, qemu};

/// The guests of this host whose agents have a channel, by name.
pub(super) fn guests() -> Vec<Target> {
    let mut guests = Vec::new();
    for (name, socket) in proxmox(Path::new("/var/run/qemu-server")) {
        guests.push(Target { name, place: socket_at(socket), source: Source::Proxmox });
    }
    for folder in ["/run/libvirt/qemu/channel", "/var/lib/libvirt/qemu/channel/target"] {
        for domain in libvirt(Path::new(folder)) {
            let place = Place::Libvirt(Domain { uri: None, name: domain.clone() });
            guests.push(Target { name: domain, place, source: Source::Libvirt });
        }
    }
    for (name, socket) in qemu::guests(Path::new("/proc")) {
        let place = socket_at(socket);
        // Proxmox's guests are processes too.
        if !guests.iter().any(|guest| guest.place == place) {
            guests.push(Target { name, place, source: Source::Qemu });
        }
    }
    guests.sort_by(|a, b| a.name.cmp(&b.name));
    guests
}

fn socket_at(path: PathBuf) -> Place {
    Place::Address(Address::Unix(path))
}

/// Proxmox: a socket for each guest, named after its number.
fn proxmox(folder: &Path) -> Vec<(String, PathBuf)> {
    let named = |path: PathBuf| {
        let is_agent = path.extension()? == "qga" && is_socket(&path);
        let name = format!("pve:{}", path.file_stem()?.to_str()?);
        is_agent.then_some((name, path))
    };
    entries(folder).filter_map(named).collect()
}

/// libvirt: a folder for each guest that runs, named after its number and name, with sockets named after channels.
fn libvirt(folder: &Path) -> Vec<String> {
    let named = |path: PathBuf| {
        if !is_socket(&path.join("org.qemu.guest_agent.0")) {
            return None;
        }
        let name = path.file_name()?.to_str()?;
        let name = name.strip_prefix("domain-").unwrap_or(name);
        let (number, domain) = name.split_once('-')?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| domain.to_owned())
    };
    entries(folder).filter_map(named).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn is_socket(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_socket())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn channels_are_found_where_managers_put_them_and_nothing_else_is() {
        let folder = std::env::temp_dir().join(format!("qga-discover-{}", std::process::id()));
        let bind = |path: &str| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            UnixListener::bind(path).unwrap()
        };
        let _sockets = [
            bind("pve/100.qga"),
            bind("pve/100.qmp"),
            bind("libvirt/3-my-vm/org.qemu.guest_agent.0"),
            bind("libvirt/domain-12-b/org.qemu.guest_agent.0"),
            bind("libvirt/4-c/com.redhat.spice.0"),
        ];
        fs::write(folder.join("pve/101.qga"), "").unwrap();
        let proxmox = proxmox(&folder.join("pve"));
        let mut libvirt = libvirt(&folder.join("libvirt"));
        libvirt.sort();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(proxmox, [("pve:100".to_owned(), folder.join("pve/100.qga"))]);
        assert_eq!(libvirt, ["b", "my-vm"]);
        assert!(super::libvirt(&folder).is_empty());
    }
}
