//! The program, run as a user or another program runs it.
#![allow(dead_code, reason = "each group of tests uses a part of it")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// How long nothing may happen.
const AMPLE: Duration = Duration::from_secs(60);

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

/// The commands of the program's help that are not among those which are `known`.
pub(crate) fn commands_but(known: impl Fn(&str) -> bool) -> Vec<String> {
    let commands = qga_cli::command();
    let shown = commands.get_subcommands().filter(|command| !command.is_hide_set());
    let names = shown.map(clap::Command::get_name);
    names.filter(|name| !known(name)).map(str::to_owned).collect()
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

/// Runs a command on a terminal of its own and returns everything that it shows there. As soon as it shows the one of each
/// pair, the other is typed.
pub(crate) fn on_a_terminal(mut command: Command, typed: &[(&str, &str)]) -> (Vec<u8>, ExitStatus) {
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
    let pieces = pieces(master.try_clone().expect("another handle"));
    let (mut shown, mut seen, mut typed) = (Vec::new(), 0, typed.iter());
    let mut next = typed.next();
    while let Some(("", text)) = next {
        master.write_all(text.as_bytes()).expect("typed");
        next = typed.next();
    }
    loop {
        match pieces.recv_timeout(AMPLE) {
            Ok(piece) => shown.extend(piece),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().expect("killed");
                let shown = String::from_utf8_lossy(&shown).into_owned();
                panic!("nothing more is shown after {shown:?}, {next:?} is waited for");
            }
        }
        while let Some((expected, text)) = next {
            let rest = shown.get(seen..).unwrap_or_default();
            let length = expected.len().max(1);
            let found = rest.windows(length).position(|bytes| bytes == expected.as_bytes());
            let Some(at) = found else { break };
            seen += at + length;
            master.write_all(text.as_bytes()).expect("typed");
            next = typed.next();
        }
    }
    assert_eq!(next, None, "{:?}", String::from_utf8_lossy(&shown));
    (shown, child.wait().expect("ends"))
}

/// What is shown, as it comes.
fn pieces(mut terminal: File) -> Receiver<Vec<u8>> {
    let (sender, pieces) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        // Reading fails when the other end is closed for good.
        while let Ok(length @ 1..) = terminal.read(&mut piece) {
            if sender.send(piece.get(..length).unwrap_or_default().to_vec()).is_err() {
                return;
            }
        }
    });
    pieces
}
