//! Guests of this host, found by where their channels usually are.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use qga_bindings::Address;

use super::{Place, Target};

/// The guests of this host whose agents have a channel, by name.
pub(super) fn guests() -> Vec<Target> {
    let mut guests = proxmox(Path::new("/var/run/qemu-server"));
    guests.sort_by(|a, b| a.name.cmp(&b.name));
    guests
}

/// Proxmox: a socket for each guest, named after its number.
fn proxmox(folder: &Path) -> Vec<Target> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sockets = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()));
    sockets
        .filter_map(|entry| {
            let path = entry.path();
            if path.extension()? != "qga" {
                return None;
            }
            let name = format!("pve:{}", path.file_stem()?.to_str()?);
            Some(Target { name, place: Place::Address(Address::Unix(path)) })
        })
        .collect()
}
