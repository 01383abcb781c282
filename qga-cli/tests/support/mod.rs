//! The program, run as a user or another program runs it.
#![allow(dead_code, reason = "each group of tests uses a part of it")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// The program for one guest, with nothing to read, and its output for us.
pub(crate) fn qga(socket: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qga"));
    command.arg("-c").arg(socket).args(arguments).env_remove("QGA_CONNECT").env_remove("NO_COLOR");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub(crate) fn run(socket: impl AsRef<OsStr>, arguments: &[&str]) -> Output {
    qga(socket, arguments).output().expect("it runs")
}

/// Standard output, standard error and the exit code.
pub(crate) fn outcome(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

/// Waits for something to become true.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal to a program that we started.
pub(crate) fn signal(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("told");
}

/// Runs a command on a terminal of its own, types something, and returns everything that it wrote to the terminal.
pub(crate) fn on_a_terminal(mut command: Command, typed: &str) -> (Vec<u8>, ExitStatus) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let name = Path::new(name.to_str().expect("UTF-8")).to_owned();
    let slave = || Stdio::from(File::options().read(true).write(true).open(&name).expect("opened"));
    command.env("TERM", "xterm-256color");
    let mut child =
        command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().expect("it runs");
    // It holds ends of its own, which would keep the terminal open.
    drop(command);
    let mut master = File::from(master);
    master.write_all(typed.as_bytes()).expect("typed");
    let mut shown = Vec::new();
    // Reading fails when the other end is closed for good.
    drop(master.read_to_end(&mut shown));
    (shown, child.wait().expect("ends"))
}
