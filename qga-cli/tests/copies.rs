//! Copies of files and folders: against a real agent where there is one, and from a guest that means harm.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use qga_bindings::fake::{Answer, Programs, Run};
use qga_tests::agent::Agent;
use qga_tests::archive::{archive, entry};
use qga_tests::bridge::Bridge;
use qga_tests::folder::Folder;
use rustix::process::Signal;
use support::{eventually, on_a_terminal, outcome, qga, run, signal};

/// Enough to take longer than a moment, so that there is a bar.
const HUGE: u32 = 64 << 20;

/// What is below a folder: each name, and what is there.
fn listing(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).expect("read").map(|entry| entry.expect("read")) {
            let (path, kind) = (entry.path(), entry.file_type().expect("known"));
            let name = path.strip_prefix(folder).expect("below").display().to_string();
            let what = if kind.is_dir() {
                waiting.push(path);
                "folder".to_owned()
            } else if kind.is_symlink() {
                format!("to {}", fs::read_link(&path).expect("read").display())
            } else {
                let mode = fs::metadata(&path).expect("known").permissions().mode() & 0o7777;
                format!("{mode:o} {}", fs::read_to_string(&path).expect("text"))
            };
            found.push((name, what));
        }
    }
    found.sort();
    found
}

#[test]
fn a_folder_goes_into_the_guest_and_back_with_everything_in_it() {
    let Some(agent) = Agent::start() else { return };
    let scratch = Folder::new().expect("made");
    let from = scratch.join("from");
    fs::create_dir_all(from.join("a/deeper")).expect("made");
    fs::create_dir(from.join("empty")).expect("made");
    for (name, mode) in [("run", 0o750), ("a/secret", 0o600), ("a/deeper/it's a\nname", 0o644)] {
        fs::write(from.join(name), name).expect("written");
        fs::set_permissions(from.join(name), fs::Permissions::from_mode(mode)).expect("permitted");
    }
    symlink("run", from.join("link")).expect("linked");
    let here = from.display().to_string();

    // There is no such folder yet: it becomes one. Then there is: it gets one.
    for inside in ["", "/from"] {
        let there = agent.dir().join("there");
        let to = format!("guest:{}", there.display());
        let (said, remarks, code) =
            outcome(&run(agent.socket(), &["cp", "-r", "--verify", &here, &to]));
        let at = format!("{}{inside}", there.display());
        assert_eq!(
            (said, remarks.as_str(), code),
            (format!("{at}: 3 files, 31 B, compared\n"), "", Some(0))
        );
        assert_eq!(
            listing(Path::new(&at))
                .iter()
                .filter(|(name, _)| !name.starts_with("from"))
                .cloned()
                .collect::<Vec<_>>(),
            listing(&from)
        );
    }

    let back = scratch.join("back").display().to_string();
    let guest = format!("guest:{}", agent.dir().join("there/from").display());
    let output = run(agent.socket(), &["--json", "cp", "-r", "--verify", &guest, &back]);
    let (said, remarks, code) = outcome(&output);
    assert_eq!(said, "{\"files\":3,\"bytes\":31,\"left-out\":1,\"verified\":true}\n", "{remarks}");
    assert_eq!((remarks.as_str(), code), ("qga: ./link is left out: a symbolic link\n", Some(0)));
    fs::remove_file(from.join("link")).expect("removed");
    assert_eq!(listing(Path::new(&back)), listing(&from));
}

#[test]
fn a_copy_that_is_interrupted_leaves_nothing_open_in_the_guest() {
    let agent = qga_cli::demo::agent();
    let files = agent.add_files();
    files.insert("/big", vec![0; 32 << 20]);
    let bridge = Bridge::start(agent).expect("it listens");
    let to = bridge.dir().join("to").display().to_string();
    let from = bridge.dir().join("from").display().to_string();
    fs::write(&from, vec![0; 32 << 20]).expect("written");
    for arguments in
        [&["cp", "guest:/big", &to][..], &["cp", &from, "guest:/there"], &["cat", "/big"]]
    {
        let mut command = qga(bridge.socket(), arguments);
        // Nobody reads what is shown, so that it does not end before it is interrupted.
        let mut child = command.spawn().expect("it runs");
        eventually("it has begun", || !files.open_handles().is_empty());
        signal(&child, Signal::INT);
        if arguments.contains(&"cat") {
            std::io::copy(&mut child.stdout.take().expect("a pipe"), &mut std::io::sink())
                .expect("read");
        }
        let (_, said, code) = outcome(&child.wait_with_output().expect("ends"));
        assert_eq!(code, Some(130), "{arguments:?}: {said}");
        assert_eq!(files.open_handles(), Vec::<i64>::new(), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_interrupted_while_it_waits_for_its_input_leaves_nothing_open_in_the_guest() {
    let agent = qga_cli::demo::agent();
    let files = agent.add_files();
    files.insert("/there", "as it was");
    let bridge = Bridge::start(agent).expect("it listens");
    for arguments in
        [&["cp", "-", "guest:/new"][..], &["write", "/new"], &["write", "--replace", "/there"]]
    {
        let mut command = qga(bridge.socket(), arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(b"the beginning").expect("written");
        eventually("it has begun", || !files.open_handles().is_empty());
        signal(&child, Signal::INT);
        let (_, said, code) = outcome(&child.wait_with_output().expect("ends"));
        assert_eq!((said.as_str(), code), ("qga: interrupted\n", Some(130)), "{arguments:?}");
        assert_eq!(files.open_handles(), Vec::<i64>::new(), "{arguments:?}");
        drop(input);
    }
    assert_eq!(files.get("/there").as_deref(), Some(&b"as it was"[..]));
}

#[test]
fn a_comparison_that_is_interrupted_is_not_made_and_leaves_no_program_running() {
    let agent = qga_cli::demo::agent();
    let files = agent.add_files();
    let programs = agent.add_programs(&files);
    // There a program of the guest's own compares.
    agent.on("guest-get-osinfo", |_| Answer::json("{\"id\": \"mswindows\"}"));
    let kills = Arc::new(AtomicUsize::new(0));
    let killed = kills.clone();
    programs.insert("certutil", |_| Run::exit(0).after(Duration::from_secs(600)));
    programs.insert("taskkill", move |_| {
        killed.fetch_add(1, Ordering::Relaxed);
        Run::exit(0)
    });
    let bridge = Bridge::start(agent.clone()).expect("it listens");
    let from = bridge.dir().join("from").display().to_string();
    fs::write(&from, "all of it").expect("written");
    for (done, source) in (1..).zip(["-", &from]) {
        let mut command = qga(bridge.socket(), &["cp", "--verify", source, "guest:/there"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
        child.stdin.take().expect("a pipe").write_all(b"all of it").expect("written");
        eventually("it compares", || programs.processes().len() == done);
        signal(&child, Signal::INT);
        let (_, said, code) = outcome(&child.wait_with_output().expect("ends"));
        assert_eq!(code, Some(130), "{source}: {said}");
        assert_eq!(kills.load(Ordering::Relaxed), done, "{source}: {said}");
        assert_eq!(files.open_handles(), Vec::<i64>::new(), "{source}");
        let reads = agent.requests().iter().filter(|call| call.name == "guest-file-read").count();
        assert_eq!(reads, 0, "{source}: it was read instead");
    }
}

#[test]
fn a_folder_has_a_spinner_on_a_terminal_while_it_is_copied() {
    let Some(agent) = Agent::start() else { return };
    let scratch = Folder::new().expect("made");
    fs::create_dir(scratch.join("from")).expect("made");
    fs::write(scratch.join("from/file"), vec![b'x'; HUGE as usize / 2]).expect("written");
    let from = scratch.join("from").display().to_string();
    let to = format!("guest:{}", agent.dir().join("to").display());
    let (shown, ended) = on_a_terminal(qga(agent.socket(), &["cp", "-r", &from, &to]), &[]);
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(ended.success() && shown.contains("/s"), "{shown:?}");
    let (shown, remarks, code) = outcome(&run(agent.socket(), &["cp", "-r", &from, &to]));
    assert_eq!((remarks.as_str(), code), ("", Some(0)), "{shown}");
}

#[test]
fn what_is_no_folder_or_not_there_is_told() {
    let Some(agent) = Agent::start() else { return };
    let scratch = Folder::new().expect("made");
    let to = scratch.join("to").display().to_string();
    let (_, said, code) = outcome(&run(agent.socket(), &["cp", "guest:/etc", &to]));
    assert!(said.contains("next: it is a folder: -r copies it"), "{said}");
    assert_eq!(code, Some(1));
    let (_, said, code) = outcome(&run(agent.socket(), &["cp", "-r", "guest:/no/such", &to]));
    assert!(said.contains("No such file or directory"), "{said}");
    assert_eq!(code, Some(1));
    let (_, said, code) = outcome(&run(agent.socket(), &["cp", "-r", &to, "guest:/proc/nowhere"]));
    assert!(said.contains("unpack") || said.contains("nowhere"), "{said}");
    assert_eq!(code, Some(1));
}

/// A guest whose `tar` sends whatever it is told to.
fn hostile() -> (Bridge, Programs) {
    let agent = qga_bindings::fake::Agent::new();
    let files = agent.add_files();
    files.insert("/x/file", "");
    let programs = agent.add_programs(&files);
    (Bridge::start(agent).expect("it listens"), programs)
}

#[test]
fn a_hostile_guest_writes_nothing_outside_of_the_destination() {
    let (bridge, programs) = hostile();
    let scratch = Folder::new().expect("made");
    let outside = scratch.join("outside");
    fs::create_dir(&outside).expect("made");
    fs::write(outside.join("victim"), "untouched").expect("written");
    fs::set_permissions(outside.join("victim"), fs::Permissions::from_mode(0o640))
        .expect("permitted");
    let before = listing(&outside);
    let absolute = outside.join("x").display().to_string();
    let out = outside.display().to_string();
    let file = |name: &str| entry(b'0', name, "", b"evil");
    let escapes = "\u{1b}]0;x\u{7}\u{202e}\r\n";
    for (what, entries) in [
        ("above", vec![file("../outside/x")]),
        ("above what it makes itself", vec![entry(b'5', "a/", "", b""), file("a/../../outside/x")]),
        ("absolute", vec![file(&absolute)]),
        ("over a file", vec![file("../outside/victim")]),
        ("a long name above", vec![entry(b'L', "", "", b"../outside/x\0"), file("x")]),
        (
            "another long name above",
            vec![entry(b'x', "", "", b"21 path=../outside/x\n"), file("x")],
        ),
        (
            "through a link to a folder",
            vec![entry(b'2', "l", &out, b""), file("l/x"), file("l/victim")],
        ),
        ("through a link to a file", vec![entry(b'2', "v", "../outside/victim", b""), file("v")]),
        ("through another name", vec![entry(b'1', "h", "../outside/victim", b""), file("h")]),
        ("twice, a folder first", vec![entry(b'5', "d/", "", b""), file("d"), file("d/x")]),
        (
            "twice, a file first",
            vec![file("f"), entry(b'5', "f/", "", b""), file("f/../../outside/x")],
        ),
        ("twice, a link between", vec![file("f"), entry(b'2', "f", &absolute, b""), file("f")]),
        ("a folder above", vec![entry(b'5', "../outside/", "", b""), entry(b'5', "..", "", b"")]),
        ("escapes", vec![file(escapes), file(&format!("../{escapes}"))]),
    ] {
        let sent = archive(&entries);
        programs.insert("/bin/tar", move |_| Run::exit(0).stdout(sent.clone()));
        let to = scratch.join("to").display().to_string();
        let (shown, ended) =
            on_a_terminal(qga(bridge.socket(), &["cp", "-r", "guest:/x", &to]), &[]);
        let shown = String::from_utf8_lossy(&shown).into_owned();
        assert_eq!(listing(&outside), before, "{what}: {shown}");
        let names: Vec<_> = listing(&scratch).into_iter().map(|(name, _)| name).collect();
        assert!(
            names.iter().all(|name| name.starts_with("outside") || name.starts_with("to")),
            "{what}: {names:?}"
        );
        assert!(
            !listing(&scratch).iter().any(|(_, what)| what.starts_with("to ")),
            "{what}: a link was made"
        );
        assert!(matches!(ended.code(), Some(0 | 1)), "{what}: {ended:?} {shown}");
        assert!(
            !shown.contains(['\u{7}', '\u{202e}']) && !shown.contains("\u{1b}]"),
            "{what}: {shown:?}"
        );
        drop(fs::remove_dir_all(&to));
    }
}

#[test]
fn a_long_copy_has_a_bar_on_a_terminal_and_none_in_a_pipe() {
    let Some(agent) = Agent::start() else { return };
    let scratch = Folder::new().expect("made");
    let (here, back) = (scratch.join("here"), scratch.join("back"));
    let bytes: Vec<u8> =
        (0..HUGE / 4).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    fs::write(&here, &bytes).expect("written");
    let guest = format!("guest:{}", agent.dir().join("there").display());
    let (here, back_path) = (here.display().to_string(), back.display().to_string());

    let (shown, ended) = on_a_terminal(qga(agent.socket(), &["cp", &here, &guest]), &[]);
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(ended.success() && shown.contains("64.0 MiB"), "{shown:?}");
    assert!(shown.contains("/64.00 MiB"), "no bar: {shown:?}");
    assert!(fs::read(agent.dir().join("there")).expect("there") == bytes);

    let (said, remarks, code) = outcome(&run(agent.socket(), &["cp", &guest, &back_path]));
    assert_eq!((remarks.as_str(), code), ("", Some(0)), "{said}");
    assert!(fs::read(&back).expect("back") == bytes);
}
