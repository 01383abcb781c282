//! The program against a real agent, where there is one.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use qga_tests::agent::Agent;

fn qga(agent: &Agent, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qga"));
    command.arg("-c").arg(agent.socket()).args(arguments).env_remove("QGA_CONNECT");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(agent: &Agent, arguments: &[&str]) -> Output {
    qga(agent, arguments).output().expect("it runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits for something to become true.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn interrupt(child: &Child) {
    let pid =
        i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("told");
}

#[test]
fn every_query_is_answered_or_says_why_not() {
    let Some(agent) = Agent::start() else { return };
    for command in [
        "ping", "doctor", "hostname", "fs", "disks", "net", "users", "cpus", "time", "timezone",
        "commands",
    ] {
        let output = run(&agent, &[command, "--json"]);
        assert!(output.status.success(), "{command}: {output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON");
    }
    for command in ["routes", "mem", "load", "devices", "stats"] {
        let output = run(&agent, &[command]);
        let says = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || says.contains("next: "), "{command}: {says}");
    }
}

#[test]
fn a_program_in_the_guest_has_our_input_and_we_have_its_output_and_exit_code() {
    let Some(agent) = Agent::start() else { return };
    let output = run(
        &agent,
        &[
            "exec",
            "-w",
            "/usr",
            "-e",
            "A=b c",
            "--",
            "/bin/sh",
            "-c",
            "pwd; echo $A; echo no >&2; exit 42",
        ],
    );
    assert_eq!(output.status.code(), Some(42));
    assert_eq!(stdout(&output), "/usr\nb c\n");
    assert_eq!(output.stderr, b"no\n");

    let mut child =
        qga(&agent, &["exec", "-i", "--", "cat"]).stdin(Stdio::piped()).spawn().expect("it runs");
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("written");
    let mut copied = Vec::new();
    child.stdout.take().expect("a pipe").read_to_end(&mut copied).expect("read");
    assert!(copied == bytes, "{} bytes came back", copied.len());
    assert!(child.wait().expect("ends").success());

    assert_eq!(run(&agent, &["sh", "kill -9 $$"]).status.code(), Some(137));
    assert_eq!(run(&agent, &["exec", "/no/such/program"]).status.code(), Some(127));
    assert_eq!(run(&agent, &["exec", "/etc/passwd"]).status.code(), Some(126));
}

#[test]
fn output_is_shown_as_it_comes() {
    let Some(agent) = Agent::start() else { return };
    let line = "for i in 1 2 3; do echo $i; sleep 0.5; done";
    let mut child = qga(&agent, &["sh", "--stream", line]).spawn().expect("it runs");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let arrived: Vec<(String, Instant)> = lines.map(|line| (line, Instant::now())).collect();
    assert!(child.wait().expect("ends").success());
    let texts: Vec<&str> = arrived.iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(texts, ["1", "2", "3"]);
    // All at once would be at the end.
    assert!(arrived[2].1 - arrived[0].1 > Duration::from_millis(500), "{arrived:?}");
}

#[test]
fn ctrl_c_ends_the_program_in_the_guest() {
    let Some(agent) = Agent::start() else { return };
    let mark = agent.dir().join("pid");
    let line = format!("echo $$ > {}; exec sleep 1000", mark.display());
    for way in ["--stream", "--no-stream"] {
        let mut child = qga(&agent, &["sh", way, &line]).spawn().expect("it runs");
        let pid = || fs::read_to_string(&mark).ok().filter(|pid| pid.ends_with('\n'));
        eventually("the program has begun", || pid().is_some());
        let folder = format!("/proc/{}", pid().expect("begun").trim());
        interrupt(&child);
        assert_eq!(child.wait().expect("ends").code(), Some(130));
        eventually("the program has ended", || !fs::exists(&folder).expect("known"));
        fs::remove_file(&mark).expect("removed");
    }
}

#[test]
fn a_prompt_keeps_its_folder_and_variables_from_line_to_line() {
    let Some(agent) = Agent::start() else { return };
    let mut command = qga(&agent, &["repl"]);
    command.env("HOME", agent.dir()).env("XDG_STATE_HOME", agent.dir());
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    let lines = "cd /usr\nexport A=\"b 'c'\"\npwd; echo \"$A\"\nfalse\nexit 7\necho never\n";
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    let shown = stdout(&output);
    assert!(shown.contains("/usr\nb 'c'\n") && !shown.contains("never"), "{shown}");
}

#[test]
fn a_file_goes_into_the_guest_and_back_and_is_the_same() {
    let Some(agent) = Agent::start() else { return };
    let there = agent.dir().join("there");
    let here = agent.dir().join("here");
    let back = agent.dir().join("back");
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    fs::write(&here, &bytes).expect("written");
    let (here, guest, back) = (
        here.to_str().expect("UTF-8"),
        format!("guest:{}", there.display()),
        back.to_str().expect("UTF-8"),
    );

    let output = run(&agent, &["cp", "--verify", here, &guest]);
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read(&there).expect("there") == bytes);
    let output = run(&agent, &["cp", "--verify", &guest, back]);
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read(back).expect("back") == bytes);
    assert!(output.stderr.is_empty(), "no bar where there is no terminal");

    fs::write(back, &bytes[..1_000_000]).expect("written");
    let output = run(&agent, &["cp", "--resume", &guest, back]);
    assert!(stdout(&output).contains("1.9 MiB"), "{output:?}");
    assert!(fs::read(back).expect("back") == bytes);
}

#[test]
fn what_is_added_to_a_file_is_followed() {
    let Some(agent) = Agent::start() else { return };
    let file = agent.dir().join("log");
    fs::write(&file, "1\n2\n3\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let mut child = qga(&agent, &["tail", "-n", "2", "-f", "--interval", "10ms", path])
        .spawn()
        .expect("it runs");
    let mut lines =
        BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    assert_eq!([lines.next(), lines.next()], [Some("2".to_owned()), Some("3".to_owned())]);
    let mut log = fs::OpenOptions::new().append(true).open(&file).expect("opened");
    log.write_all(b"4\n").expect("written");
    assert_eq!(lines.next().as_deref(), Some("4"));
    interrupt(&child);
    assert_eq!(child.wait().expect("ends").code(), Some(130));
}

#[test]
fn a_reader_that_leaves_is_no_error_to_talk_about() {
    let Some(agent) = Agent::start() else { return };
    let mut child = qga(&agent, &["cat", "/dev/zero"]).spawn().expect("it runs");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("ends").code(), Some(141));
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("read");
    assert_eq!(said, "");
}
