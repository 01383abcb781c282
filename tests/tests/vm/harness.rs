//! What a test that fails leaves of its machine: nothing, but what the guest said last.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use qga_tests::folder::Folder;
use qga_tests::lab;
use qga_tests::vm::{PATIENCE, Vm};
use xtask::lab::guest::Guest;
use xtask::lab::machine::{Channel, Machine};

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![
    two_guests_are_enough_and_one_is_not,
    a_test_that_fails_leaves_no_process_and_no_folder_and_tells_what_the_guest_said,
];

/// This program again, which only names its tests, where the lab has these guests.
fn list(guests: &[Guest]) -> Output {
    let folder = Folder::new().expect("a folder");
    fs::create_dir(folder.join("agents")).expect("a folder");
    for guest in guests {
        let (agent, initramfs) = (&guest.agent, &guest.initramfs);
        symlink(agent.bundle.folder(), folder.join("agents").join(&agent.suite)).expect("linked");
        symlink(initramfs, folder.join(initramfs.file_name().expect("a file"))).expect("linked");
    }
    symlink(guests[0].base.folder(), folder.join("base")).expect("linked");
    let mut list = Command::new(std::env::current_exe().expect("known"));
    list.arg("--list").env("QGA_LAB", &*folder).output().expect("it runs")
}

fn two_guests_are_enough_and_one_is_not(slot: &mut Slot) {
    let both = list(&lab::guests());
    assert!(both.status.success(), "{}", String::from_utf8_lossy(&both.stderr));
    let one = list(std::slice::from_ref(&slot.guest));
    let said = String::from_utf8_lossy(&one.stderr).into_owned();
    assert!(!one.status.success() && said.contains("fewer than 2 guests"), "{said}");
}

/// The variable that makes this program a child of a test: the suite of the guest that it boots.
pub(super) const CHILD: &str = "QGA_VM_CHILD";

/// In the child: boots a machine, says where it is, and ends badly when it is told to.
#[expect(clippy::panic, reason = "it is meant to")]
pub(super) fn boot_and_panic(suite: &str) {
    let guest = lab::guests().into_iter().find(|guest| guest.agent.suite == suite);
    let guest = guest.expect("the same lab");
    let machine = Machine { channel: channel(&guest), ..Machine::default() };
    let mut vm = Vm::boot_on(&guest, machine);
    vm.shell.run("echo the guest was here >/dev/console", PATIENCE);
    println!("folder {}", vm.socket().parent().expect("a folder").display());
    std::io::stdin().read_line(&mut String::new()).expect("read");
    panic!("as it is meant to");
}

/// The channel whose machine has the most processes.
fn channel(guest: &Guest) -> Channel {
    if guest.vsock.is_some() { Channel::Vsock } else { Channel::default() }
}

/// Those processes of this machine whose arguments have the folder in them.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string();
    let entries = fs::read_dir("/proc").expect("there are processes").flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(&folder)).collect()
}

fn a_test_that_fails_leaves_no_process_and_no_folder_and_tells_what_the_guest_said(
    slot: &mut Slot,
) {
    slot.vm = None;
    let mut child = Command::new(std::env::current_exe().expect("known"))
        .env(CHILD, &slot.guest.agent.suite)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut lines = lines.map_while(Result::ok);
    let folder = lines.find_map(|line| Some(PathBuf::from(line.strip_prefix("folder ")?)));
    let folder = folder.expect("it boots a machine");
    let running = processes_in(&folder);
    let expected: &[&str] = match channel(&slot.guest) {
        Channel::Vsock => &["the emulator", "the device"],
        Channel::VirtioSerial | Channel::IsaSerial => &["the emulator"],
    };
    assert_eq!(running.len(), expected.len(), "{expected:?}, and there are {running:?}");
    drop(child.stdin.take());
    assert!(!child.wait().expect("ends").success());
    assert_eq!(processes_in(&folder), Vec::<String>::new());
    assert!(!folder.exists(), "{}", folder.display());
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("read");
    assert!(said.contains("as it is meant to"), "{said}");
    assert!(
        said.contains("console.log ends with:") && said.contains("the guest was here"),
        "{said}"
    );
}
