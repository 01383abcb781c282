//! Programs in the guest: their output, their ends, and what ends them. Against a real agent where there is one.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use qga_tests::agent::Agent;
use rustix::process::Signal;
use support::{eventually, on_a_terminal, outcome, qga, run, signal};

/// How soon after a program prints a line we show it.
const SOON: Duration = Duration::from_millis(300);

#[test]
fn a_program_in_the_guest_has_our_input_and_we_have_its_output_and_exit_code() {
    let Some(agent) = Agent::start() else { return };
    let line = "pwd; echo $A; echo no >&2; exit 42";
    for way in ["--stream", "--no-stream"] {
        let arguments = ["exec", way, "-w", "/usr", "-e", "A=b c", "--", "/bin/sh", "-c", line];
        let ended = outcome(&run(agent.socket(), &arguments));
        assert_eq!(ended, ("/usr\nb c\n".into(), "no\n".into(), Some(42)), "{way}");
    }
    let mut child = qga(agent.socket(), &["exec", "-i", "--", "cat"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it runs");
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("written");
    let mut copied = Vec::new();
    child.stdout.take().expect("a pipe").read_to_end(&mut copied).expect("read");
    assert!(copied == bytes, "{} bytes came back", copied.len());
    assert!(child.wait().expect("ends").success());
}

#[test]
fn exit_codes_are_those_of_shells_and_of_env() {
    let Some(agent) = Agent::start_without(&["guest-get-users"]) else { return };
    for (arguments, code) in [
        (&["exec", "--", "true"][..], 0),
        (&["exec", "--", "false"], 1),
        (&["sh", "exit 2"], 2),
        (&["sh", "exit 255"], 255),
        (&["sh", "kill -TERM $$"], 143),
        (&["sh", "kill -KILL $$"], 137),
        (&["sh", "--stream", "kill -KILL $$"], 137),
        (&["exec", "/no/such/program"], 127),
        (&["exec", "--stream", "/no/such/program"], 127),
        (&["exec", "--stream", "-e", "PATH=/usr/bin", "no-such-program"], 127),
        (&["exec", "/etc/passwd"], 126),
        (&["exec", "/usr"], 126),
        (&["exec", "--stream", "/etc/passwd"], 126),
        (&["sh", "PATH=/usr/bin; no-such-program"], 127),
        (&["exec", "-t", "100ms", "--", "sleep", "1000"], 124),
        (&["exec", "--stream", "-t", "300ms", "--", "sleep", "1000"], 124),
        (&["sh", "-t", "100ms", "sleep 1000; true"], 124),
        (&["exec", "-w", "/no/such/folder", "--", "true"], 125),
        (&["exec", "--status", "999999"], 125),
        (&["exec"], 125),
        (&["exec", "--no-such-option", "--", "true"], 125),
        (&["exec", "-e", "novalue", "--", "true"], 125),
        (&["exec", "-t", "soon", "--", "true"], 125),
        (&["sh"], 125),
        (&["sh", "true", "false"], 125),
        (&["-q", "sh", "--shell", "fish", "true"], 125),
        (&["--color", "sometimes", "exec", "true"], 125),
        (&["-c", "nobody", "exec", "--", "true"], 125),
        (&["-c", "vsock:x", "sh", "true"], 125),
        (&["exec", "--help"], 0),
        (&["hostname", "--no-such-option"], 2),
        (&["cp", "exec", "sh"], 2),
    ] {
        // A guest of their own takes the place of ours.
        let mut command = if arguments.contains(&"-c") {
            let mut command = qga("", &[]);
            command = std::process::Command::new(command.get_program());
            command.args(arguments).stdin(Stdio::null());
            command
        } else {
            qga(agent.socket(), arguments)
        };
        let ended = outcome(&command.output().expect("it runs"));
        assert_eq!(ended.2, Some(code), "{arguments:?}: {ended:?}");
        assert!(ended.0.is_empty() || code == 0, "{arguments:?}: {ended:?}");
    }
    let gone = agent.dir().join("gone.sock");
    for arguments in [&["exec", "--", "true"][..], &["sh", "true"], &["exec", "--status", "1"]] {
        assert_eq!(run(&gone, arguments).status.code(), Some(125), "{arguments:?}");
    }
}

#[test]
fn how_a_detached_program_ended_can_be_asked_for() {
    let Some(agent) = Agent::start() else { return };
    let go = agent.dir().join("go");
    let line = format!("until [ -e {} ]; do sleep 0.01; done; echo done; exit 3", go.display());
    let (pid, _, code) =
        outcome(&run(agent.socket(), &["exec", "-d", "--", "/bin/sh", "-c", &line]));
    assert_eq!(code, Some(0));
    let pid = pid.trim();
    let status = || outcome(&run(agent.socket(), &["exec", "--status", pid]));
    assert_eq!(status(), (format!("process {pid} is running\n"), String::new(), Some(0)));
    fs::write(&go, "").expect("written");
    let mut ended = status();
    eventually("it has ended", || {
        if ended.0.contains("running") {
            ended = status();
        }
        !ended.0.contains("running")
    });
    assert_eq!(ended, ("done\n".into(), String::new(), Some(3)));
}

/// How long after the guest's program printed a line with the time in it the line came here, at worst.
fn latency(agent: &Agent, arguments: &[&str]) -> Duration {
    let mut child = qga(agent.socket(), arguments).spawn().expect("it runs");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut late = Vec::new();
    for line in lines {
        let arrived = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let (seconds, nanoseconds) = line.split_once('.').expect("a time");
        let printed = Duration::new(
            seconds.parse().expect("seconds"),
            nanoseconds.parse().expect("nanoseconds"),
        );
        late.push(arrived.saturating_sub(printed));
    }
    assert!(child.wait().expect("ends").success());
    assert_eq!(late.len(), 3);
    late.into_iter().max().unwrap_or_default()
}

#[test]
fn each_line_is_shown_soon_after_it_is_printed() {
    let Some(agent) = Agent::start() else { return };
    let line = "for i in 1 2 3; do date +%s.%N; sleep 1; done";
    for arguments in [&["exec", "--stream", "--", "sh", "-c", line][..], &["sh", "--stream", line]]
    {
        // The machine may be busy with something else once, and even twice.
        let worst: Vec<Duration> = (0..3)
            .map(|_| latency(&agent, arguments))
            .scan(true, |late, worst| std::mem::replace(late, worst > SOON).then_some(worst))
            .collect();
        assert!(worst.iter().any(|worst| *worst <= SOON), "{arguments:?}: {worst:?}");
    }
}

/// Whether a process is there, and no mere remainder of one.
fn runs(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status
        .rsplit(')')
        .next()
        .and_then(|rest| rest.split_whitespace().next())
        .is_some_and(|state| state != "Z")
}

/// The numbers that programs left in a file, once there are so many.
fn pids(mark: &Path, count: usize) -> Vec<String> {
    let read = || fs::read_to_string(mark).unwrap_or_default();
    eventually("the programs have begun", || read().matches('\n').count() == count);
    read().lines().map(str::to_owned).collect()
}

#[test]
fn what_ends_us_ends_the_program_in_the_guest_and_its_children() {
    let Some(agent) = Agent::start() else { return };
    let mark = agent.dir().join("pids");
    let line =
        format!("sleep 1000 & echo $! >> {0}; echo $$ >> {0}; sleep 1000; true", mark.display());
    for (way, told, code) in [
        ("--stream", Signal::INT, 130),
        ("--no-stream", Signal::INT, 130),
        ("--stream", Signal::TERM, 143),
        ("--no-stream", Signal::TERM, 143),
        ("--stream", Signal::HUP, 129),
    ] {
        let mut child = qga(agent.socket(), &["sh", way, &line]).spawn().expect("it runs");
        let pids = pids(&mark, 2);
        signal(&child, told);
        assert_eq!(child.wait().expect("ends").code(), Some(code), "{way} {told:?}");
        eventually("the programs have ended", || !pids.iter().any(|pid| runs(pid)));
        fs::remove_file(&mark).expect("removed");
    }
}

#[test]
fn a_prompt_keeps_its_folder_and_variables_from_line_to_line() {
    let Some(agent) = Agent::start() else { return };
    let mut command = qga(agent.socket(), &["repl"]);
    command.env("HOME", agent.dir()).env("XDG_STATE_HOME", agent.dir());
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    let lines = "cd /usr\nexport A=\"b 'c'\"\npwd; echo \"$A\"\nfalse\nexit 7\necho never\n";
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    let (shown, said, _) = outcome(&output);
    assert!(shown.contains("/usr\nb 'c'\n") && !shown.contains("never"), "{shown}");
    assert_eq!(said, "");
}

#[test]
fn a_prompt_on_a_terminal_says_where_it_is_and_remembers_what_was_typed() {
    let Some(agent) = Agent::start() else { return };
    let mut command = qga(agent.socket(), &["repl"]);
    command.env("HOME", agent.dir()).env("XDG_STATE_HOME", agent.dir());
    // Ctrl-D ends it.
    let typed = [
        (":/$ ", "cd /usr/bin\r"),
        (":/usr/bin$ ", "echo $((40 + 2))\r"),
        (":/usr/bin$ ", "\u{4}"),
    ];
    let (shown, ended) = on_a_terminal(command, &typed);
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(shown.contains(":/usr/bin$ ") && shown.contains("42\r\n"), "{shown}");
    assert!(ended.success());
    let history = fs::read_to_string(agent.dir().join("qga/history"))
        .or_else(|_| fs::read_to_string(agent.dir().join(".local/state/qga/history")));
    assert!(history.expect("there").contains("cd /usr/bin\necho $((40 + 2))\n"));
}

#[test]
fn a_prompt_that_waits_for_a_line_ends_when_it_is_told_to() {
    let Some(agent) = Agent::start() else { return };
    for (told, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut command = qga(agent.socket(), &["repl"]);
        command.env("HOME", agent.dir()).env("XDG_STATE_HOME", agent.dir());
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
        let mut typed = child.stdin.take().expect("a pipe");
        let mut lines =
            BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        typed.write_all(b"echo ready\n").expect("typed");
        assert!(lines.any(|line| line.ends_with("ready")));
        // The line ends a little later than its output comes.
        eventually("it has ended", || {
            signal(&child, told);
            child.try_wait().expect("known").is_some()
        });
        assert_eq!(child.wait().expect("ends").code(), Some(code));
    }
}

#[test]
fn a_prompt_shows_output_as_it_comes_and_an_interrupt_ends_the_line_but_not_the_prompt() {
    let Some(agent) = Agent::start() else { return };
    let mut command = qga(agent.socket(), &["repl"]);
    command.env("HOME", agent.dir()).env("XDG_STATE_HOME", agent.dir());
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    let mut typed = child.stdin.take().expect("a pipe");
    let mut lines =
        BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    typed.write_all(b"cd /usr; echo begun; sleep 1000\n").expect("typed");
    assert!(lines.by_ref().any(|line| line.ends_with("begun")), "it is shown before the line ends");
    signal(&child, Signal::INT);
    typed.write_all(b"echo still here; exit 5\n").expect("typed");
    drop(typed);
    assert!(lines.any(|line| line.ends_with("still here")));
    assert_eq!(child.wait().expect("ends").code(), Some(5));
}
