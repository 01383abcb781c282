//! Guests of this host, found by where their channels usually are.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use qga_bindings::Address;

use super::libvirt::Domain;
use super::{Place, Source, Target, qemu};

/// A guest whose channel was found where a manager of guests puts it.
#[derive(Debug, PartialEq, Eq)]
struct Managed {
    target: Target,
    socket: PathBuf,
}

/// The guests of this host whose agents have a channel, by name.
pub(super) fn guests() -> Vec<Target> {
    let mut managed = proxmox(Path::new("/var/run/qemu-server"));
    for folder in ["/run/libvirt/qemu/channel", "/var/lib/libvirt/qemu/channel/target"] {
        managed.extend(libvirt(Path::new(folder), "qemu:///system"));
    }
    for folder in of_session() {
        managed.extend(libvirt(&folder, "qemu:///session"));
    }
    let mut guests = together(managed, qemu::guests(Path::new("/proc")));
    guests.sort_by(|a, b| a.name.cmp(&b.name));
    guests
}

/// The guests that run on this host without a channel for an agent.
pub(super) fn without_channel() -> Vec<String> {
    qemu::without_channel(Path::new("/proc"))
}

/// Where libvirt keeps channels of guests that users run for themselves.
fn of_session() -> Vec<PathBuf> {
    let Ok(folders) = etcetera::choose_base_strategy() else { return Vec::new() };
    let running = folders.runtime_dir().map(|folder| folder.join("libvirt/qemu/run/channel"));
    let configured = folders.config_dir().join("libvirt/qemu/channel/target");
    running.into_iter().chain([configured]).collect()
}

/// Each guest once: guests of managers are processes too, which know their whole names.
fn together(managed: Vec<Managed>, running: Vec<qemu::Guest>) -> Vec<Target> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut taken: Vec<PathBuf> = Vec::new();
    let mut guests: Vec<Target> = Vec::new();
    for Managed { mut target, socket } in managed {
        let socket = real(&socket);
        let is_same = |guest: &&qemu::Guest| matches!(&guest.address, Address::Unix(path) if real(path) == socket);
        if let (Place::Libvirt(domain), Some(guest)) =
            (&mut target.place, running.iter().find(is_same))
        {
            domain.name.clone_from(&guest.name);
            target.name.clone_from(&guest.name);
        }
        if !taken.contains(&socket) {
            taken.push(socket);
            guests.push(target);
        }
    }
    for qemu::Guest { name, address } in running {
        let place = Place::Address(address);
        let is_taken = match &place {
            Place::Address(Address::Unix(path)) => taken.contains(&real(path)),
            _ => false,
        };
        // A process may have started the one that runs the guest, with the same words.
        if !is_taken && !guests.iter().any(|guest| guest.place == place) {
            guests.push(Target { name, place, source: Source::Qemu });
        }
    }
    guests
}

/// Proxmox: a socket for each guest, named after its number.
fn proxmox(folder: &Path) -> Vec<Managed> {
    let named = |socket: PathBuf| {
        let is_agent = socket.extension()? == "qga" && is_socket(&socket);
        let name = format!("pve:{}", socket.file_stem()?.to_str()?);
        let place = Place::Address(Address::Unix(socket.clone()));
        let target = Target { name, place, source: Source::Proxmox };
        is_agent.then_some(Managed { target, socket })
    };
    entries(folder).filter_map(named).collect()
}

/// How long a name is that libvirt has cut off, perhaps.
const CUT_OFF: usize = 20;

/// libvirt: a folder for each guest that runs, named after its number and name, with sockets named after channels.
fn libvirt(folder: &Path, uri: &str) -> Vec<Managed> {
    let named = |folder: PathBuf| {
        let socket = folder.join("org.qemu.guest_agent.0");
        let name = folder.file_name()?.to_str()?;
        let (number, name) = name.strip_prefix("domain-").unwrap_or(name).split_once('-')?;
        if !is_socket(&socket) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // It is known by its number as well, as long as it runs.
        let domain = if name.chars().count() < CUT_OFF { name } else { number };
        let place = Place::Libvirt(Domain { uri: Some(uri.to_owned()), name: domain.to_owned() });
        let target = Target { name: name.to_owned(), place, source: Source::Libvirt };
        Some(Managed { target, socket })
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

    fn places(guests: &[Target]) -> Vec<(&str, String)> {
        guests.iter().map(|guest| (guest.name.as_str(), guest.place.to_string())).collect()
    }

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
            bind("libvirt/5-a-name-of-20-letters/org.qemu.guest_agent.0"),
        ];
        fs::write(folder.join("pve/101.qga"), "").unwrap();
        let mut managed = libvirt(&folder.join("libvirt"), "qemu:///system");
        managed.extend(proxmox(&folder.join("pve")));
        managed.extend(libvirt(&folder, "qemu:///system"));
        let running = |name: &str, path: &str| {
            let address = Address::Unix(folder.join(path));
            qemu::Guest { name: name.to_owned(), address }
        };
        let mut guests = together(
            managed,
            vec![
                running("my-vm", "libvirt/3-my-vm/org.qemu.guest_agent.0"),
                running("vm100", "pve/100.qga"),
                running("own", "own.sock"),
                running("own", "own.sock"),
            ],
        );
        fs::remove_dir_all(&folder).unwrap();
        guests.sort_by(|a, b| a.name.cmp(&b.name));
        let socket = |path: &str| format!("unix:{}", folder.join(path).display());
        assert_eq!(
            places(&guests),
            [
                ("a-name-of-20-letters", "libvirt:qemu:///system/5".to_owned()),
                ("b", "libvirt:qemu:///system/b".to_owned()),
                ("my-vm", "libvirt:qemu:///system/my-vm".to_owned()),
                ("own", socket("own.sock")),
                ("pve:100", socket("pve/100.qga")),
            ]
        );
    }

    #[test]
    fn a_process_knows_the_name_that_libvirt_has_cut_off() {
        let socket = PathBuf::from(
            "/run/libvirt/qemu/channel/5-a-name-of-more-than-/org.qemu.guest_agent.0",
        );
        let place = Place::Libvirt(Domain { uri: None, name: "5".to_owned() });
        let target =
            Target { name: "a-name-of-more-than-".to_owned(), place, source: Source::Libvirt };
        let whole = "a-name-of-more-than-20-letters";
        let running =
            qemu::Guest { name: whole.to_owned(), address: Address::Unix(socket.clone()) };
        let guests = together(vec![Managed { target, socket }], vec![running]);
        assert_eq!(places(&guests), [(whole, format!("libvirt:{whole}"))]);
    }
}
