//! What a guest starts from: a kernel, and a first file system with the agent of one suite.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::agents::{self, Fetched};
use super::apt::Apt;
use super::bundle::{Bundle, entries};
use super::cpio::Archive;
use super::{Lab, modules, vsock};

/// The suites that the kernel, the emulator and the tools may be from: the first that the mirror has.
const BASE_SUITES: [&str; 3] = ["bookworm", "trixie", "sid"];

const BASE_PACKAGES: [&str; 6] = [
    "linux-image-cloud-amd64",
    "qemu-system-x86",
    "seabios",
    "ipxe-qemu",
    "busybox-static",
    "e2fsprogs",
];

/// Packages of [`BASE_PACKAGES`] that those depend on and that are no libraries.
const BASE_DATA: [&str; 2] = ["qemu-system-common", "qemu-system-data"];

const MODULES: [&str; 7] = [
    "virtio_pci",
    "virtio_console",
    "virtio_blk",
    "crc32c_generic",
    "ext4",
    "vmw_vsock_virtio_transport",
    "vsock_loopback",
];

/// Libraries that the agent loads only when it looks up a user, in older suites.
const LATE_LIBRARIES: [&str; 2] = ["libnss_files.so.2", "libresolv.so.2"];

/// What a guest is started with.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The agent in it.
    pub agent: Fetched,
    /// The kernel's image.
    pub kernel: PathBuf,
    /// The first file system.
    pub initramfs: PathBuf,
    /// The emulator and the tools of the host.
    pub base: Bundle,
    /// The device for virtual sockets, if it has been fetched.
    pub vsock: Option<Bundle>,
}

/// The guests that can be started: one for each agent, oldest first; none without the emulator and a kernel.
pub fn fetched(lab: &Lab) -> Vec<Guest> {
    let base = Bundle::at(lab.join("base"));
    let Some(kernel) = kernel(&base) else { return Vec::new() };
    let guest = |agent: Fetched| {
        let initramfs = initramfs_path(lab, &agent.suite);
        let (kernel, base, vsock) = (kernel.clone(), base.clone(), vsock::fetched(lab));
        initramfs.is_file().then_some(Guest { agent, kernel, initramfs, base, vsock })
    };
    agents::fetched(lab).into_iter().filter_map(guest).collect()
}

/// Fetches what a guest with the agent of `suite` needs.
///
/// # Errors
/// What is not to be had, and why.
pub fn fetch(lab: &Lab, suite: &str) -> Result<Guest> {
    ensure!(
        cfg!(target_arch = "x86_64"),
        "guests have the agent of this machine's packages, and the machine that is emulated is an x86-64"
    );
    agents::known(suite)?;
    let base = Bundle::at(lab.join("base"));
    if kernel(&base).is_none() || !agents::is_there(lab, suite) {
        let _alone = lab.lock(&format!("what a guest of {suite} needs"))?;
        agents::fetch_one(lab, suite)?;
        fetch_base(lab)?;
    }
    let agent = agents::fetched(lab).into_iter().find(|agent| agent.suite == suite);
    let agent = agent.with_context(|| format!("the agent of {suite} does not run here"))?;
    let kernel = kernel(&base).context("the kernel's package has no image")?;
    let initramfs = initramfs_path(lab, suite);
    let content = compose(&base, &agent).context("composing the guest's file system")?;
    if fs::read(&initramfs).ok().as_ref() != Some(&content) {
        let _alone = lab.lock(&format!("the guest of {suite} as it is composed now"))?;
        let unfinished = initramfs.with_extension("unfinished");
        fs::write(&unfinished, content)
            .with_context(|| format!("writing {}", unfinished.display()))?;
        fs::rename(&unfinished, &initramfs)?;
    }
    Ok(Guest { agent, kernel, initramfs, base, vsock: vsock::fetched(lab) })
}

/// Fetches what is needed for two guests: with the oldest agent of those that are there, and with the newest. Their
/// machines may have any channel, but for a virtual socket if its device is not to be had, which is told.
///
/// # Errors
/// What is not to be had, and why.
pub fn fetch_oldest_and_newest(lab: &Lab) -> Result<()> {
    let agents = agents::fetched(lab);
    for agent in [agents.first(), agents.last()].into_iter().flatten() {
        fetch(lab, &agent.suite)?;
    }
    // One suite has the device, and may lose it.
    if let Err(error) = vsock::fetch(lab) {
        eprintln!("missing: the device for virtual sockets ({error:#})");
    }
    Ok(())
}

fn initramfs_path(lab: &Lab, suite: &str) -> PathBuf {
    lab.join(format!("{suite}.initramfs"))
}

fn kernel(base: &Bundle) -> Option<PathBuf> {
    let is_kernel = |path: &PathBuf| path.to_string_lossy().contains("/vmlinuz-");
    entries(&base.path("boot")).into_iter().find(is_kernel)
}

fn fetch_base(lab: &Lab) -> Result<()> {
    let folder = std::path::absolute(lab.join("base"))?;
    if kernel(&Bundle::at(&folder)).is_some() {
        return Ok(());
    }
    let packages = [&BASE_PACKAGES[..], &BASE_DATA].concat();
    let mut problems = Vec::new();
    for suite in BASE_SUITES {
        match Apt::of(lab, suite)?.unpack(&packages, &folder) {
            Ok(()) => return Ok(()),
            Err(error) => problems.push(format!("{error:#}")),
        }
    }
    anyhow::bail!("no emulator and kernel: {}", problems.join("; "))
}

/// The first file system of a guest with this agent.
fn compose(base: &Bundle, agent: &Fetched) -> Result<Vec<u8>> {
    let mut archive = Archive::default();
    for folder in [
        "bin",
        "sbin",
        "usr",
        "usr/bin",
        "usr/sbin",
        "lib",
        "lib/x86_64-linux-gnu",
        "lib64",
        "etc",
        "dev",
        "proc",
        "sys",
        "run",
        "var",
        "tmp",
        "root",
        "home",
        "home/alice",
        "modules",
    ] {
        archive.folder(folder);
    }
    archive.link("var/run", "../run");
    add_busybox(&mut archive, base)?;
    add_agent(&mut archive, &agent.bundle)?;
    add_modules(&mut archive, base)?;
    archive.file("init", 0o755, include_bytes!("init.sh"));
    archive.file("sbin/shutdown", 0o755, include_bytes!("shutdown.sh"));
    archive.file("bin/systemctl", 0o755, include_bytes!("systemctl.sh"));
    archive.file("usr/sbin/chpasswd", 0o755, include_bytes!("chpasswd.sh"));
    add_users(&mut archive);
    archive.link("etc/mtab", "/proc/mounts");
    let system =
        format!("ID=lab\nNAME=Lab\nPRETTY_NAME=\"Lab guest ({})\"\nVERSION_ID=1\n", agent.suite);
    archive.file("etc/os-release", 0o644, system.as_bytes());
    Ok(archive.finish())
}

fn add_users(archive: &mut Archive) {
    let users = "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n";
    archive.file("etc/passwd", 0o644, users.as_bytes());
    archive.file("etc/shadow", 0o600, b"root:*:19000:0:99999:7:::\nalice:*:19000:0:99999:7:::\n");
    archive.file("etc/group", 0o644, b"root:x:0:\nalice:x:1000:\n");
    archive.file("etc/nsswitch.conf", 0o644, b"passwd: files\ngroup: files\nshadow: files\n");
}

fn add_busybox(archive: &mut Archive, base: &Bundle) -> Result<()> {
    let busybox = ["bin/busybox", "usr/bin/busybox"].map(|path| base.path(path));
    let busybox = busybox.iter().find(|path| path.is_file()).context("no busybox")?;
    archive.file("bin/busybox", 0o755, &fs::read(busybox)?);
    let output = Command::new(busybox).arg("--list").output().context("starting busybox")?;
    for applet in String::from_utf8_lossy(&output.stdout).lines().filter(|name| *name != "busybox")
    {
        archive.link(&format!("bin/{applet}"), "busybox");
    }
    // The agent asks for it by its path.
    archive.link("sbin/hwclock", "../bin/busybox");
    Ok(())
}

/// The agent, its loader, and those of its suite's libraries that it needs.
fn add_agent(archive: &mut Archive, bundle: &Bundle) -> Result<()> {
    archive.file("usr/sbin/qemu-ga", 0o755, &fs::read(bundle.path(agents::PROGRAM))?);
    let words = bundle.command(agents::PROGRAM)?;
    let (loader, arguments) = words.split_first().context("no loader")?;
    archive.file("lib64/ld-linux-x86-64.so.2", 0o755, &fs::read(loader)?);
    let output = Command::new(loader).arg("--list").args(arguments).output()?;
    // `NAME => PATH (ADDRESS)`
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let libraries = listed.lines().filter_map(|line| line.split_once(" => ")?.1.split(' ').next());
    let late = bundle
        .library_folders()
        .into_iter()
        .flat_map(|folder| LATE_LIBRARIES.map(|name| folder.join(name)));
    let libraries = libraries.map(PathBuf::from).chain(late.filter(|path| path.exists()));
    let mut added = Vec::new();
    for library in libraries {
        let name = library.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !added.contains(&name) {
            let content =
                fs::read(&library).with_context(|| format!("reading {}", library.display()))?;
            archive.file(&format!("lib/x86_64-linux-gnu/{name}"), 0o644, &content);
            added.push(name);
        }
    }
    Ok(())
}

fn add_modules(archive: &mut Archive, base: &Bundle) -> Result<()> {
    let roots = ["lib/modules", "usr/lib/modules"].map(|path| base.path(path));
    let root: &Path = roots.iter().find(|path| path.is_dir()).context("no modules")?;
    let loaded = modules::in_order(root, &MODULES)?;
    let order: Vec<&str> = loaded.iter().map(|(name, _)| name.as_str()).collect();
    archive.file("modules/order", 0o644, (order.join("\n") + "\n").as_bytes());
    for (name, content) in loaded {
        archive.file(&format!("modules/{name}.ko"), 0o644, &content);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_do_without_a_device_for_virtual_sockets_that_is_not_to_be_had() {
        // Where nothing can be written, nothing can be fetched.
        let lab = Lab { folder: "/dev/null/lab".into() };
        assert!(vsock::fetch(&lab).is_err());
        assert!(fetch_oldest_and_newest(&lab).is_ok());
    }
}
