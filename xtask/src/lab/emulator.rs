//! The emulator that guests run on, with its firmware.

use anyhow::Result;

use super::bundle::Bundle;

/// Where its package has it.
const PROGRAM: &str = "usr/bin/qemu-system-x86_64";

/// The words that run the emulator in `base`.
///
/// # Errors
/// When it is incomplete.
pub(super) fn command(base: &Bundle) -> Result<Vec<String>> {
    let mut words = vec!["env".to_owned()];
    // Parts of it are libraries that it looks for where it would be installed.
    let mut parts = base.library_folders().into_iter().map(|folder| folder.join("qemu"));
    if let Some(parts) = parts.find(|folder| folder.is_dir()) {
        words.push(format!("QEMU_MODULE_DIR={}", parts.display()));
    }
    words.extend(base.command(PROGRAM)?);
    for folder in ["usr/share/qemu", "usr/share/seabios"] {
        words.extend(["-L".to_owned(), base.path(folder).display().to_string()]);
    }
    Ok(words)
}
