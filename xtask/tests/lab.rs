//! `lab` where something is lacking: it is told what, why, and what to do; and what is there is used.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of one test's, which is empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("created");
    folder
}

fn lab(lab: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("lab").args(arguments).env("QGA_LAB", lab).env_remove("QGA_LAB_MIRROR");
    command
}

/// What it printed to either side, and whether it succeeded.
fn run(command: &mut Command) -> (bool, String, String) {
    let output = command.output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// Puts a program there that says what an agent says of its version, and ends.
fn add_agent(lab: &Path, suite: &str, version: &str) {
    let agent = lab.join("agents").join(suite);
    for folder in ["usr/sbin", "lib/x86_64-linux-gnu"] {
        fs::create_dir_all(agent.join(folder)).expect("created");
    }
    fs::write(agent.join("usr/sbin/qemu-ga"), "").expect("written");
    let loader = agent.join("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    fs::write(&loader, format!("#!/bin/sh\necho QEMU Guest Agent {version}\n")).expect("written");
    fs::set_permissions(&loader, fs::Permissions::from_mode(0o755)).expect("permitted");
}

/// Has nothing be written there any more, not even by root, whom permissions do not concern.
fn close(lab: &Path) {
    fs::create_dir(lab.join("lock")).expect("created");
    fs::write(lab.join("run"), "").expect("written");
}

const FETCHES: [&[&str]; 5] = [
    &["agents", "--fetch"],
    &["agents", "sid"],
    &["vm", "sid", "--fetch"],
    &["libvirt", "sid", "--fetch"],
    &["rust"],
];

#[test]
fn without_apt_it_is_said_how_a_lab_is_to_be_had_nevertheless() {
    let there = folder("no-apt");
    for arguments in FETCHES {
        let (success, _, said) = run(lab(&there, arguments).env("PATH", "/nowhere"));
        assert!(!success, "{arguments:?}");
        assert!(said.contains("there is no apt-get here"), "{arguments:?}: {said}");
        assert!(said.contains("copy it, and name the copy in QGA_LAB"), "{arguments:?}: {said}");
    }
}

#[test]
fn without_namespaces_it_is_said_who_may_run_libvirt_and_nothing_is_fetched() {
    let there = folder("no-namespaces");
    // Nor is there a program that makes any.
    let (success, shown, said) = run(lab(&there, &["libvirt", "sid"]).env("PATH", "/nowhere"));
    assert!(!success);
    let not_made = said.contains("needs namespaces of its own, which cannot be made here (")
        && said.contains("run this as root, or where users may make them");
    assert!(not_made || said.contains("do not start here: install util-linux"), "{said}");
    assert_eq!((shown.as_str(), fs::read_dir(&there).expect("read").count()), ("", 0));
}

/// The same command for nobody; nothing where this is not root, who alone can become nobody, or nobody cannot run it.
fn as_nobody(command: &Command) -> Option<Command> {
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]);
    nobody.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nobody.env(name, value),
            None => nobody.env_remove(name),
        };
    }
    let mut tried = Command::new("setpriv");
    tried.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]);
    tried.arg(command.get_program()).args(["lab", "help"]).stdout(Stdio::null());
    tried.stderr(Stdio::null());
    tried.status().is_ok_and(|status| status.success()).then_some(nobody)
}

#[test]
fn nobody_is_told_of_the_network_and_of_the_folder_and_of_no_privileges() {
    let (own, others) = (folder("of-nobody"), folder("of-root"));
    std::os::unix::fs::chown(&own, Some(65_534), Some(65_534)).ok();
    let once = own.join("apt.conf");
    fs::write(&once, "Acquire::Retries \"0\";\n").expect("written");
    for arguments in FETCHES {
        let ask = |there: &Path| {
            let mut command = lab(there, arguments);
            command.env("QGA_LAB_MIRROR", "http://127.0.0.1:9/debian").env("APT_CONFIG", &once);
            Some(run(&mut as_nobody(&command)?))
        };
        let (Some((success, _, said)), Some((closed, _, told))) = (ask(&own), ask(&others)) else {
            eprintln!("SKIPPED: this is not root, or nobody cannot run what root has built");
            return;
        };
        assert!(!success && !closed, "{arguments:?}");
        assert!(
            said.contains("no list of packages from http://127.0.0.1:9/debian"),
            "{arguments:?}: {said}"
        );
        let advice = "cannot be written to: name another folder in QGA_LAB";
        assert!(told.contains(advice), "{arguments:?}: {told}");
    }
}

#[test]
fn without_a_network_the_mirror_is_named_and_how_to_name_another() {
    if !Path::new("/usr/bin/apt-get").is_file() {
        eprintln!("SKIPPED: there is no apt-get here");
        return;
    }
    let there = folder("no-network");
    // Otherwise it tries again, and waits in between.
    let once = there.join("apt.conf");
    fs::write(&once, "Acquire::Retries \"0\";\n").expect("written");
    for arguments in FETCHES {
        let mirror = "http://127.0.0.1:1/debian";
        let mut command = lab(&there, arguments);
        let (success, _, said) =
            run(command.env("QGA_LAB_MIRROR", mirror).env("APT_CONFIG", &once));
        assert!(!success, "{arguments:?}");
        let told = format!("no list of packages from {mirror}, which QGA_LAB_MIRROR can replace");
        assert!(said.contains(&told), "{arguments:?}: {said}");
    }
}

#[test]
fn what_cannot_be_written_to_and_lacks_something_is_named() {
    let there = folder("closed");
    close(&there);
    for arguments in FETCHES {
        let (success, _, said) = run(&mut lab(&there, arguments));
        assert!(!success, "{arguments:?}");
        assert!(said.contains(&format!("the lab in {} lacks ", there.display())), "{said}");
        assert!(said.contains("cannot be written to: name another folder in QGA_LAB"), "{said}");
    }
}

#[test]
fn agents_that_are_there_are_used_although_nothing_can_be_written() {
    let there = folder("complete");
    for (number, suite) in xtask::lab::agents::SUITES.iter().enumerate() {
        add_agent(&there, suite, &format!("9.{number}.1"));
    }
    close(&there);
    let (success, shown, said) = run(&mut lab(&there, &["agents", "--fetch"]));
    assert!(success, "{said}");
    assert!(shown.contains("sid                agent 9.4.1"), "{shown}");
}

#[test]
fn agents_that_are_there_are_used_although_others_cannot_be_fetched() {
    let there = folder("incomplete");
    add_agent(&there, "trixie", "9.0.1");
    close(&there);
    let (success, shown, said) = run(&mut lab(&there, &["agents", "--fetch"]));
    assert!(!success, "others are missing");
    assert!(shown.contains("trixie             agent 9.0.1"), "{shown}");
    assert!(
        said.contains("missing: agents of bullseye, bookworm, bookworm-backports, sid ("),
        "{said}"
    );
}

#[test]
fn what_runs_in_a_lab_that_cannot_be_written_to_has_its_sockets_among_the_temporary_files() {
    let there = folder("running");
    add_agent(&there, "sid", "9.0.1");
    close(&there);
    // A short path, since sockets are to be there.
    let temporary = std::env::temp_dir().join(format!("qga-xtask-{}", std::process::id()));
    fs::create_dir(&temporary).expect("created");
    let mut child = lab(&there, &["agents", "sid"])
        .env("TMPDIR", &temporary)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let socket =
        lines.map_while(Result::ok).find_map(|line| Some(line.split_once("unix:")?.1.to_owned()));
    child.kill().expect("killed");
    child.wait().expect("ends");
    fs::remove_dir_all(&temporary).expect("removed");
    let socket = socket.expect("it says where the agent is");
    assert!(Path::new(&socket).starts_with(&temporary), "{socket}");
}

#[test]
fn a_suite_that_there_is_not_is_told_with_those_that_there_are() {
    let there = folder("unknown");
    for verb in ["agents", "vm", "libvirt"] {
        let (success, _, said) = run(&mut lab(&there, &[verb, "jessie"]));
        assert!(!success, "{verb}");
        assert!(said.contains("no suite jessie; there are bullseye, bookworm, "), "{verb}: {said}");
    }
}

#[test]
fn checks_of_a_change_fail_at_once_where_nothing_is_to_be_had_and_others_go_on_without() {
    let there = folder("unchecked");
    let check = |ci: &str, arguments: &[&str]| {
        let mut test = Command::new(env!("CARGO_BIN_EXE_xtask"));
        test.arg("test")
            .args(arguments)
            .env("QGA_LAB", &there)
            .env("PATH", "/nowhere")
            .env("CI", ci);
        // The first check there is fails too.
        run(test.env_remove("QGA_AGENT").env("CARGO", "/bin/false"))
    };
    let (success, shown, said) = check("true", &[]);
    assert!(!success && !shown.contains("== format"), "{shown}");
    assert!(said.contains("agents and guests have to be tried where `CI` is set"), "{said}");
    assert!(said.contains("no agent is to be had, for the reasons above"), "{said}");
    for (ci, arguments) in [("", &[][..]), ("true", &["--no-install"])] {
        let (success, shown, said) = check(ci, arguments);
        assert!(!success && shown.contains("== format"), "{shown}");
        assert!(said.contains("format failed"), "{said}");
    }
}
