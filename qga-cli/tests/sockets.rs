//! Addresses at which there is no agent, as far as a transcript cannot show it: who may open them, and how long it takes. What is
//! said about each is in `transcripts/cases/sockets.txt`.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use qga_tests::folder::Folder;

const NOBODY: u32 = 65534;

fn qga(program: &Path, address: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("-c").arg(address).env_clear();
    command
}

/// Runs the program as somebody who may do little.
fn as_nobody(folder: &Folder, address: &Path) -> Output {
    // Folders on the way to where it was built may be closed.
    let program = folder.join("qga");
    fs::copy(env!("CARGO_BIN_EXE_qga"), &program).expect("copied");
    let mut command = qga(&program, address);
    command.arg("hostname");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn close(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions can be set");
}

#[test]
fn one_who_may_not_open_a_socket_is_told_who_may() {
    let folder = Folder::new().expect("made");
    let socket = folder.join("agent.sock");
    let _agent = UnixListener::bind(&socket).expect("bound");
    for (mode, remedy) in [(0o400, "chmod g+rw"), (0o460, "join the group: usermod -aG ")] {
        close(&socket, mode);
        let output = as_nobody(&folder, &socket);
        assert_eq!(output.status.code(), Some(3));
        let said = said(&output);
        assert!(said.contains("Permission denied") && said.contains(remedy), "{said}");
        assert!(said.contains("agent.sock is for user "), "{said}");
    }
}

#[test]
fn one_who_may_not_enter_a_folder_is_told_which_and_who_may() {
    let folder = Folder::new().expect("made");
    let closed = folder.join("closed");
    fs::create_dir(&closed).expect("made");
    close(&closed, 0o600);
    let output = as_nobody(&folder, &closed.join("vm/agent.sock"));
    assert_eq!(output.status.code(), Some(3));
    let said = said(&output);
    assert!(said.contains("/closed is for user ") && said.contains("chmod g+x"), "{said}");
}

/// Runs a program's commands at a socket, where each client is served so, and sees that they end soon after their deadline.
fn ends_in_time(service: fn(UnixStream), expected: i32) {
    const LIMIT: Duration = Duration::from_millis(300);
    // A busy machine takes its time to start programs.
    const SLACK: Duration = Duration::from_secs(3);
    let folder = Folder::new().expect("made");
    let socket = folder.join("agent.sock");
    let listener = UnixListener::bind(&socket).expect("bound");
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || service(client));
        }
    });
    for arguments in
        [&["hostname"][..], &["doctor"], &["wait", "--within", "300ms"], &["cat", "/x"]]
    {
        let start = Instant::now();
        let mut command = qga(Path::new(env!("CARGO_BIN_EXE_qga")), &socket);
        let output =
            command.args(["--timeout", "300ms"]).args(arguments).output().expect("it runs");
        assert!(start.elapsed() < LIMIT + SLACK, "{arguments:?} took {:?}", start.elapsed());
        let code = if arguments[0] == "doctor" { 3 } else { expected };
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    }
}

#[test]
fn silence_ends_with_the_deadline() {
    ends_in_time(|mut client| while let Ok(1..) = client.read(&mut [0; 100]) {}, 124);
}

#[test]
fn a_flood_ends_with_the_deadline_whatever_it_looks_like() {
    ends_in_time(|mut client| while client.write_all(&[b'x'; 4096]).is_ok() {}, 124);
    ends_in_time(|mut client| while client.write_all(b"{\"a\": [\n\xff{").is_ok() {}, 124);
    ends_in_time(|mut client| while client.write_all(b"{\"return\": {}}\n").is_ok() {}, 124);
}

#[test]
fn one_who_waits_for_a_word_to_be_completed_waits_for_a_second_and_reads_nothing() {
    let folder = Folder::new().expect("made");
    let _silent = UnixListener::bind(folder.join("agent.sock")).expect("bound");
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_qga"));
    command.args(["complete", "zsh", "--", "qga", "-c"]).arg(folder.join("agent.sock"));
    let output = command.args(["cat", "/e"]).output().expect("it runs");
    assert!(start.elapsed() < Duration::from_secs(3), "it took {:?}", start.elapsed());
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_guest_that_runs_without_a_channel_is_told_from_one_that_does_not_exist() {
    let name = format!("guest-of-test-{}", std::process::id());
    // What looks like an emulator until its input ends.
    let mut emulator = Command::new("sh")
        .args(["-c", "read line", "qemu-system-x86_64", "-name", &format!("guest={name}")])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it runs");
    let output = Command::new(env!("CARGO_BIN_EXE_qga"))
        .args(["-c", &name, "ping"])
        .env("QGA_CONFIG", "/nonexistent")
        .output()
        .expect("it runs");
    drop(emulator.stdin.take());
    emulator.wait().expect("ends");
    let said = said(&output);
    assert!(said.contains("has no channel for an agent"), "{said}");
    assert!(said.contains(&format!("-chardev socket,path=/run/qga/{name}.sock")), "{said}");
    assert_eq!(output.status.code(), Some(3));
}
