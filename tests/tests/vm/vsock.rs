//! A virtual socket: from the host, and from inside the guest, by its address.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use qga_bindings::blocking::Helpers as _;
use qga_bindings::{Cause, Commands as _, Error, commands};
use qga_tests::agent::skip;
use qga_tests::folder::Folder;
use qga_tests::vm::{PATIENCE, Vm, until};
use xtask::lab::machine::{Channel, Machine};
use xtask::lab::vsock::PORT;

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] =
    tests![an_agent_on_a_virtual_socket_serves_the_host_and_programs_of_the_guest];

/// Both in one, since it takes a machine of its own.
fn an_agent_on_a_virtual_socket_serves_the_host_and_programs_of_the_guest(slot: &mut Slot) {
    if slot.guest.vsock.is_none() {
        // Not required: the device may have left the mirror.
        let agent = slot.guest.agent.release;
        skip(
            "",
            &format!(
                "the lab has no virtual socket for agent {agent}: `cargo xtask lab vm SUITE --vsock`"
            ),
        );
        return;
    }
    slot.vm = None;
    let files = Folder::new().expect("a folder");
    let words = put_program(&files);
    let machine =
        Machine { channel: Channel::Vsock, files: Some(files.to_owned()), ..Machine::default() };
    let mut vm = Vm::boot_on(&slot.guest, machine);
    serves_the_host(&mut vm);
    let mut program = |address: &str| vm.shell.run(&format!("{words} {address}"), PATIENCE);
    let served = program(&format!("vsock:1:{PORT}"));
    assert_eq!((served.text.as_str(), served.code), ("both clients are served", 0));
    let refused = program("vsock:1:9");
    assert_eq!(refused.code, 1);
    assert!(refused.text.contains("guest-ping was not sent"), "{}", refused.text);
}

fn serves_the_host(vm: &mut Vm) {
    let mut client = vm.client();
    // Until then the device hangs up.
    vm.wait_until_agent_listens();
    until("the agent answers", || client.guest_ping().is_ok());
    let bytes: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    client.files().write("/mnt/copy", &bytes).expect("written");
    assert!(client.files().read("/mnt/copy", 2 << 20).expect("read") == bytes);
    // Unlike a port of virtio-serial, the socket tells that its agent is gone.
    vm.run("touch /run/agent.off");
    vm.kill_agent();
    let error =
        client.execute(&commands::GuestExec::new("/bin/true")).expect_err("nobody is there");
    let closed = matches!(error, Error::NotSent { cause: Cause::Closed | Cause::Io(_), .. });
    assert!(closed, "{error}");
    vm.run("rm /run/agent.off");
    vm.wait_until_agent_listens();
    until("the new agent answers", || client.guest_ping().is_ok());
    client.release(PATIENCE);
}

/// Puts our program into a folder, with the libraries it is linked to, and returns the words that run it in the guest.
fn put_program(files: &Folder) -> String {
    let program = env!("CARGO_BIN_EXE_vsock");
    let output = Command::new("ldd").arg(program).output().expect("ldd runs");
    // `NAME => PATH (ADDRESS)`, or `PATH (ADDRESS)` for the loader.
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let libraries = listed.split_whitespace().filter(|word| word.starts_with('/'));
    let mut loader = String::new();
    for library in libraries.chain([program]).map(PathBuf::from) {
        let name = library.file_name().expect("a file").to_string_lossy().into_owned();
        fs::copy(&library, files.join(&name)).expect("copied");
        if name.starts_with("ld-linux") {
            loader = name;
        }
    }
    format!("/mnt/{loader} --library-path /mnt /mnt/vsock")
}
