//! The modules of a kernel, in the order in which they can be loaded.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::bundle::entries;

/// The modules `wanted` and those they need, each with its name and content, in an order in which they can be loaded. What
/// is not there is built into the kernel, or does without.
///
/// # Errors
/// When a module cannot be read.
pub(super) fn in_order(folder: &Path, wanted: &[&str]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = BTreeMap::new();
    collect(folder, &mut files);
    let mut loaded = Vec::new();
    for name in wanted {
        load(name, &mut files, &mut loaded)?;
    }
    Ok(loaded)
}

/// Every file of a module below `folder`, by the module's name.
fn collect(folder: &Path, into: &mut BTreeMap<String, PathBuf>) {
    for path in entries(folder) {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, into);
        } else if let Some((name, _)) = file.split_once(".ko") {
            // File names use either character, dependencies only this one.
            into.insert(name.replace('-', "_"), path);
        }
    }
}

fn load(
    name: &str,
    files: &mut BTreeMap<String, PathBuf>,
    loaded: &mut Vec<(String, Vec<u8>)>,
) -> Result<()> {
    // Taken out, so that no circle of dependencies goes on for ever.
    let Some(path) = files.remove(name) else { return Ok(()) };
    let content = read(&path)?;
    for needed in dependencies(&content) {
        load(&needed, files, loaded)?;
    }
    loaded.push((name.to_owned(), content));
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let program = match path.extension().and_then(|kind| kind.to_str()) {
        Some("xz") => "xz",
        Some("zst") => "zstd",
        _ => return fs::read(path).with_context(|| format!("reading {}", path.display())),
    };
    let output = Command::new(program).arg("-dc").arg(path).output();
    let output = output.with_context(|| {
        format!("there is no {program} here, which reads {}: install it", path.display())
    })?;
    ensure!(output.status.success(), "{program} cannot read {}", path.display());
    Ok(output.stdout)
}

/// What a module says that it needs: the entry `depends=` among those that end with NUL.
fn dependencies(module: &[u8]) -> Vec<String> {
    let entry = module.split(|&byte| byte == 0).find_map(|entry| entry.strip_prefix(b"depends="));
    let names = String::from_utf8_lossy(entry.unwrap_or_default());
    names.split(',').filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_needs_is_loaded_before_it_and_once() {
        let folder = std::env::temp_dir().join(format!("qga-lab-modules-{}", std::process::id()));
        fs::create_dir_all(folder.join("kernel/fs")).unwrap();
        fs::write(folder.join("kernel/fs/top.ko"), b"\x7fELF\0depends=left-one,right\0name=top\0")
            .unwrap();
        fs::write(folder.join("kernel/left-one.ko"), b"\0depends=right\0").unwrap();
        fs::write(folder.join("kernel/right.ko"), b"\0depends=\0").unwrap();
        let loaded = in_order(&folder, &["top", "right", "built_in"]).unwrap();
        let names: Vec<_> = loaded.iter().map(|(name, _)| name.as_str()).collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, ["right", "left_one", "top"]);
    }
}
