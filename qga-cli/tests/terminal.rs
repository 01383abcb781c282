//! What a terminal shows, and what a guest can make it do: nothing.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use qga_bindings::fake::{Agent, Answer, Run};
use qga_tests::bridge::Bridge;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;

/// What a terminal would act on, all at once.
const HOSTILE: &str =
    "x\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31m\r\u{9b}5A\u{202e}evil\u{2028}\n\u{e0041}y\u{1b}c";

/// Runs the program on a terminal of its own, types something, and returns everything that it wrote to the terminal.
fn on_a_terminal(socket: &Path, arguments: &[&str], typed: &str) -> Vec<u8> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let name = Path::new(name.to_str().expect("UTF-8")).to_owned();
    let slave = || Stdio::from(File::options().read(true).write(true).open(&name).expect("opened"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_qga"));
    command.arg("-c").arg(socket).args(arguments);
    command
        .env("TERM", "xterm-256color")
        .env("EDITOR", "true")
        .env_remove("NO_COLOR")
        .env_remove("QGA_CONNECT");
    let mut child =
        command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().expect("it runs");
    // It holds ends of its own, which would keep the terminal open.
    drop(command);
    let mut master = File::from(master);
    master.write_all(typed.as_bytes()).expect("typed");
    let mut shown = Vec::new();
    // Reading fails when the other end is closed for good.
    drop(master.read_to_end(&mut shown));
    child.wait().expect("ends");
    shown
}

fn hostile() -> Bridge {
    let agent = Agent::new();
    for (command, value) in [
        ("guest-get-host-name", json!({ "host-name": HOSTILE })),
        ("guest-get-users", json!([{ "user": HOSTILE, "domain": HOSTILE, "login-time": 1 }])),
        ("guest-get-timezone", json!({ "zone": HOSTILE, "offset": 0 })),
        (
            "guest-get-disks",
            json!([{ "name": HOSTILE, "partition": false, "dependencies": [HOSTILE], "alias": HOSTILE }]),
        ),
        ("guest-get-osinfo", json!({ "id": HOSTILE, "pretty-name": HOSTILE, "machine": HOSTILE })),
        ("guest-ssh-get-authorized-keys", json!({ "keys": [HOSTILE, HOSTILE] })),
        (
            "guest-network-get-interfaces",
            json!([{ "name": HOSTILE, "hardware-address": HOSTILE,
            "ip-addresses": [{ "ip-address": HOSTILE, "ip-address-type": HOSTILE, "prefix": 1 }] }]),
        ),
        (
            "guest-get-fsinfo",
            json!([{ "name": HOSTILE, "mountpoint": HOSTILE, "type": HOSTILE, "disk": [] }]),
        ),
    ] {
        agent.on(command, move |_| Answer::value(&value));
    }
    agent.on("guest-get-load", |_| Answer::error(HOSTILE, HOSTILE));
    let files = agent.add_files();
    files.insert("/hostile", HOSTILE);
    let programs = agent.add_programs(&files);
    programs.insert("/bin/hostile", |_| Run::exit(0).stdout(HOSTILE).stderr(HOSTILE));
    Bridge::start(agent).expect("it listens")
}

/// What a terminal would act on, apart from lines and our own styles.
fn active(shown: &[u8]) -> Vec<char> {
    let text = String::from_utf8_lossy(shown).into_owned();
    let mut rest = text.as_str();
    let mut found = Vec::new();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\u{1b}'
            && let Some(style) = rest.strip_prefix('[')
            && let Some(end) = style.find(|c: char| !c.is_ascii_digit() && c != ';')
            && style[end..].starts_with('m')
        {
            rest = &style[end + 1..];
        } else if c == '\r' && rest.starts_with('\n') {
            rest = &rest[1..];
        } else if c != '\n'
            && (c.is_control() || ['\u{202e}', '\u{2028}', '\u{e0041}'].contains(&c))
        {
            found.push(c);
        }
    }
    found
}

/// The title that a terminal has after it was shown this.
fn title(shown: &[u8]) -> String {
    #[derive(Default)]
    struct Title(String);
    impl vt100::Callbacks for Title {
        fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
            self.0 = String::from_utf8_lossy(title).into_owned();
        }
    }
    let size = |cells| std::num::NonZero::new(cells).expect("not nothing");
    let mut terminal = vt100::Parser::new_with_callbacks(size(50), size(500), 0, Title::default());
    terminal.process(shown);
    terminal.callbacks().0.clone()
}

#[test]
fn a_guest_cannot_make_a_terminal_do_anything() {
    let bridge = hostile();
    for arguments in [
        &["hostname"][..],
        &["users"],
        &["timezone"],
        &["disks"],
        &["net"],
        &["fs"],
        &["load"],
        &["info"],
        &["keys", "list", "root"],
        &["exec", "--", "hostile"],
        &["cat", "/hostile"],
        &["tail", "/hostile"],
        &["edit", "/hostile"],
        &["call", "guest-get-users"],
        &["-v", "-v", "cat", "/hostile"],
        &["--json", "users"],
        &["--jsonl", "users"],
        &["--color", "always", "disks"],
    ] {
        let shown = on_a_terminal(&bridge.socket(), arguments, "");
        assert!(
            shown.windows(4).any(|bytes| bytes == b"evil") || arguments.contains(&"edit"),
            "{arguments:?} shows nothing"
        );
        let all = String::from_utf8_lossy(&shown).into_owned();
        assert!(active(&shown).is_empty(), "{arguments:?}: {}", all.escape_debug());
        assert_eq!(title(&shown), "", "{arguments:?}");
    }
}

#[test]
fn what_is_raw_reaches_the_terminal() {
    let shown = on_a_terminal(&hostile().socket(), &["--raw", "hostname"], "");
    assert!(shown.windows(4).any(|bytes| bytes == b"\x1b[2J"));
    assert_eq!(title(&shown), "title");
}

#[test]
fn something_dangerous_is_asked_about_and_not_done_without_a_yes() {
    let agent = qga_cli::demo::agent();
    let bridge = Bridge::start(agent.clone()).expect("it listens");
    let shown = on_a_terminal(&bridge.socket(), &["freeze"], "n\n");
    assert!(String::from_utf8_lossy(&shown).contains("[y/N]"));
    assert!(!agent.is_frozen());
    on_a_terminal(&bridge.socket(), &["freeze"], "y\n");
    assert!(agent.is_frozen());
}

#[test]
fn a_password_is_not_shown_while_it_is_typed_nor_in_what_passes() {
    let agent = Agent::new();
    agent.on("guest-set-user-password", |_| Answer::empty());
    let bridge = Bridge::start(agent.clone()).expect("it listens");
    let mut child = Command::new(env!("CARGO_BIN_EXE_qga"))
        .args(["-vv", "-c"])
        .arg(bridge.socket())
        .args(["password", "root"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"hunter2\n").expect("typed");
    let output = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("[secret]") && !said.contains("aHVudGVyMg"), "{said}");
    let sent = agent.requests().into_iter().find(|call| call.name == "guest-set-user-password");
    assert_eq!(sent.expect("sent").arguments["password"], "aHVudGVyMg==");
}
