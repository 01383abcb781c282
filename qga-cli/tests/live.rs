//! The program against a real agent, where there is one.

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use qga_tests::agent::Agent;
use rustix::process::Signal;
use support::{outcome, qga, run, signal};

#[test]
fn every_query_is_answered_or_says_why_not() {
    let Some(agent) = Agent::start() else { return };
    for command in [
        "ping", "doctor", "hostname", "fs", "disks", "net", "users", "cpus", "time", "timezone",
        "commands",
    ] {
        let output = run(agent.socket(), &[command, "--json"]);
        assert!(output.status.success(), "{command}: {output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON");
    }
    for command in ["routes", "mem", "load", "devices", "stats"] {
        let output = run(agent.socket(), &[command]);
        let says = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || says.contains("next: "), "{command}: {says}");
    }
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

    let output = run(agent.socket(), &["cp", "--verify", here, &guest]);
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read(&there).expect("there") == bytes);
    let output = run(agent.socket(), &["cp", "--verify", &guest, back]);
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read(back).expect("back") == bytes);
    assert!(output.stderr.is_empty(), "no bar where there is no terminal");

    fs::write(back, &bytes[..1_000_000]).expect("written");
    let output = run(agent.socket(), &["cp", "--resume", &guest, back]);
    assert!(outcome(&output).0.contains("1.9 MiB"), "{output:?}");
    assert!(fs::read(back).expect("back") == bytes);
}

#[test]
fn what_is_added_to_a_file_is_followed() {
    let Some(agent) = Agent::start() else { return };
    let file = agent.dir().join("log");
    fs::write(&file, "1\n2\n3\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let mut child = qga(agent.socket(), &["tail", "-n", "2", "-f", "--interval", "10ms", path])
        .spawn()
        .expect("it runs");
    let mut lines =
        BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    assert_eq!([lines.next(), lines.next()], [Some("2".to_owned()), Some("3".to_owned())]);
    let mut log = fs::OpenOptions::new().append(true).open(&file).expect("opened");
    log.write_all(b"4\n").expect("written");
    assert_eq!(lines.next().as_deref(), Some("4"));
    signal(&child, Signal::INT);
    assert_eq!(child.wait().expect("ends").code(), Some(130));
}

#[test]
fn a_reader_that_leaves_is_no_error_to_talk_about() {
    let Some(agent) = Agent::start() else { return };
    let mut child = qga(agent.socket(), &["cat", "/dev/zero"]).spawn().expect("it runs");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("ends").code(), Some(141));
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("read");
    assert_eq!(said, "");
}
