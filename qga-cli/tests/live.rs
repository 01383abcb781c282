//! The program against a real agent, where there is one.

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use qga_tests::agent::Agent;
use qga_tests::folder::Folder;
use rustix::process::Signal;
use support::{commands_but, outcome, qga, run, signal};

/// What only asks, the command of the agent that it takes, and how each line of what it shows may begin.
const QUERIES: &[(&[&str], &str, &[&str])] = &[
    (&["ping"], "guest-ping", &["answers in "]),
    (&["ping", "-n", "3", "--interval", "1ms"], "guest-ping", &["answers in "]),
    (&["wait"], "guest-ping", &["answers after "]),
    (
        &["doctor"],
        "guest-ping",
        &["LAYER ", "socket ", "connection ", "agent ", "commands ", "next: "],
    ),
    (&["info"], "guest-info", &[]),
    (&["hostname"], "guest-get-host-name", &[]),
    (&["fs"], "guest-get-fsinfo", &[]),
    (&["disks"], "guest-get-disks", &[]),
    (&["net"], "guest-network-get-interfaces", &[]),
    (&["routes"], "guest-network-get-route", &[]),
    (&["users"], "guest-get-users", &[]),
    (&["cpus"], "guest-get-vcpus", &[]),
    (&["mem"], "guest-get-memory-blocks", &["online ", "blocks ", "each "]),
    (&["load"], "guest-get-load", &[]),
    (&["stats"], "guest-get-cpustats", &["WHAT ", "cpu ", "disk ", "net "]),
    (&["time"], "guest-get-time", &["guest ", "ahead ", "behind "]),
    (&["time", "get"], "guest-get-time", &["guest ", "ahead ", "behind "]),
    (&["timezone"], "guest-get-timezone", &[]),
    (&["devices"], "guest-get-devices", &[]),
    (&["call", "guest-ping"], "guest-ping", &["{}"]),
    (&["commands", "--agent"], "guest-info", &["COMMAND ", "guest-"]),
    (&["freeze", "--status"], "guest-fsfreeze-status", &["thawed"]),
    (&["exec", "--", "true"], "guest-exec", &["nothing"]),
];

#[test]
fn what_only_asks_shows_its_answer_or_says_why_there_is_none() {
    let Some(agent) = Agent::start() else { return };
    let listed = run(agent.socket(), &["--json", "commands", "--agent"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let state = |name: &str| {
        let mut listed = listed.as_array().expect("a list").iter();
        listed.find(|command| command["name"] == name).expect("it is known")["state"].clone()
    };
    for (arguments, command, lines) in QUERIES {
        let (shown, said, code) = outcome(&run(agent.socket(), arguments));
        if state(command) == "enabled" && code == Some(0) {
            assert_eq!(said, "", "{arguments:?}");
            let is_known =
                |line: &str| lines.is_empty() || lines.iter().any(|begin| line.starts_with(begin));
            let odd: Vec<&str> = shown.lines().filter(|line| !is_known(line)).collect();
            assert_eq!(odd, Vec::<&str>::new(), "{arguments:?}");
            assert!(!shown.is_empty() || arguments.contains(&"true"), "{arguments:?}");
        } else {
            // It is not there, disabled, or fails without privileges.
            assert_eq!((shown.as_str(), code), ("", Some(1)), "{arguments:?}: {said}");
            assert!(
                said.starts_with("qga: guest-") && said.contains("\n  next: "),
                "{arguments:?}: {said}"
            );
            assert!(
                state(command) == "enabled" || said.contains(" was refused: "),
                "{arguments:?}: {said}"
            );
        }
    }
}

/// What changes the guest, and the command that it sends first. The agent here is not allowed to do any of it.
const CHANGES: &[(&[&str], &str)] = &[
    (&["freeze", "--yes"], "guest-fsfreeze-freeze"),
    (&["thaw"], "guest-fsfreeze-thaw"),
    (&["trim"], "guest-fstrim"),
    (&["shutdown", "--yes"], "guest-shutdown"),
    (&["reboot", "--yes"], "guest-shutdown"),
    (&["halt", "--yes"], "guest-shutdown"),
    (&["suspend", "--yes"], "guest-suspend-ram"),
    (&["password", "root"], "guest-set-user-password"),
    (&["keys", "add", "root", "ssh-ed25519 AAAA"], "guest-ssh-add-authorized-keys"),
    (&["keys", "remove", "root", "ssh-ed25519 AAAA"], "guest-ssh-remove-authorized-keys"),
    (&["cpus", "set", "--online", "0", "--yes"], "guest-set-vcpus"),
    (&["mem", "set", "--online", "0", "--yes"], "guest-set-memory-blocks"),
    (&["time", "set", "2026-01-31T12:00:00Z", "--yes"], "guest-set-time"),
    (&["time", "sync", "--yes"], "guest-set-time"),
];

#[test]
fn what_an_agent_is_not_allowed_to_do_is_refused_and_said_so() {
    let Some(agent) = Agent::start() else { return };
    for (arguments, command) in CHANGES {
        let mut child =
            qga(agent.socket(), arguments).stdin(Stdio::piped()).spawn().expect("it runs");
        // A password is read from here; nothing else is.
        drop(child.stdin.take().expect("a pipe").write_all(b"secret\n"));
        let (shown, said, code) = outcome(&child.wait_with_output().expect("ends"));
        assert_eq!((shown.as_str(), code), ("", Some(1)), "{arguments:?}: {said}");
        let refused = format!("{command} was refused: it is disabled in the agent");
        assert!(said.starts_with("qga: ") && said.contains(&refused), "{arguments:?}: {said}");
        assert!(
            said.contains(&format!("\n  next: allow {command} in the guest")),
            "{arguments:?}: {said}"
        );
    }
    let (shown, said, code) =
        outcome(&run(agent.socket(), &["freeze", "--while", "--", "echo", "never"]));
    assert_eq!((shown.as_str(), code), ("", Some(125)), "{said}");
}

#[test]
fn a_file_is_written_shown_and_edited_in_the_guest() {
    let Some(agent) = Agent::start() else { return };
    let file = agent.dir().join("file");
    let path = file.to_str().expect("UTF-8");
    let mut child = qga(agent.socket(), &["write", "--mode", "640", path])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"one\ntwo\n").expect("written");
    let nothing = (String::new(), String::new(), Some(0));
    assert_eq!(outcome(&child.wait_with_output().expect("ends")), nothing);
    assert_eq!(
        outcome(&run(agent.socket(), &["cat", path])),
        ("one\ntwo\n".into(), String::new(), Some(0))
    );

    let copies = Folder::new().expect("a folder");
    let edit = |editor: &str| {
        outcome(
            &qga(agent.socket(), &["edit", path])
                .env("TMPDIR", &*copies)
                .env("EDITOR", editor)
                .env_remove("VISUAL")
                .output()
                .expect("it runs"),
        )
    };
    assert_eq!(edit("sed -i s/two/three/"), nothing);
    assert_eq!(fs::read_to_string(&file).expect("there"), "one\nthree\n");
    assert_eq!(edit("true"), (String::new(), "qga: nothing was changed\n".into(), Some(0)));
    let (_, said, code) = edit(&format!("echo theirs > {path}; echo ours >"));
    assert!(said.contains("was changed in the guest meanwhile"), "{said}");
    assert!(said.contains("next: what you wrote is kept in "), "{said}");
    assert_eq!((fs::read_to_string(&file).expect("there").as_str(), code), ("theirs\n", Some(1)));
    let kept = Path::new(said.rsplit(' ').next().expect("a path").trim());
    assert!(kept.starts_with(&*copies), "{}", kept.display());
    assert_eq!(fs::read_to_string(kept).expect("it is kept"), "ours\n");
    let (_, said, code) = edit("false");
    assert!(said.contains("nothing was written"), "{said}");
    assert_eq!(code, Some(1));
    let left = fs::read_dir(&*copies).expect("a folder").count();
    assert_eq!(left, 1, "only what could not be written back is kept");
}

#[test]
fn what_goes_on_until_it_is_interrupted_shows_what_it_finds_and_ends_at_once() {
    let Some(agent) = Agent::start() else { return };
    for (arguments, begins, code) in [
        (&["ping", "--watch", "--interval", "10ms"][..], "answered in ", 0),
        (&["stats", "--watch=100ms"], "processors ", 130),
        // It is not waited for the next look.
        (&["ping", "--watch", "--interval", "1h"], "answered in ", 0),
    ] {
        let mut child = qga(agent.socket(), arguments).spawn().expect("it runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut lines = lines.map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with(begins)), "{arguments:?}");
        signal(&child, Signal::INT);
        let last = lines.last();
        assert_eq!(child.wait().expect("ends").code(), Some(code), "{arguments:?}");
        assert!(
            code != 0 || last.as_deref().is_some_and(|line| line.starts_with("answers in ")),
            "{last:?}"
        );
    }
}

#[test]
fn every_command_is_tried_on_a_real_agent() {
    // Those have tests of their own, or have nothing to do with a guest.
    let elsewhere = [
        "sh",
        "repl",
        "cp",
        "cat",
        "write",
        "tail",
        "edit",
        "targets",
        "demo",
        "completions",
        "man",
    ];
    let tried = |name: &str| {
        elsewhere.contains(&name)
            || QUERIES.iter().any(|(words, ..)| words.contains(&name))
            || CHANGES.iter().any(|(words, _)| words.contains(&name))
    };
    assert_eq!(commands_but(tried), Vec::<String>::new());
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
