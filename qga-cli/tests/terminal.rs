//! What a terminal shows, and what a guest can make it do: nothing.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use qga_bindings::blocking::Client;
use qga_bindings::fake::{Agent, Answer, Run};
use qga_bindings::info;
use qga_bindings::protocol::Request;
use qga_tests::bridge::Bridge;
use serde_json::Value;
use support::{commands_but, on_a_terminal, qga};

/// What a terminal would act on, all at once.
const HOSTILE: &str =
    "x\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[35;5m\r\u{9b}5A\u{202e}evil\u{2028}\n\u{e0041}y\u{1b}c";

/// Runs the program on a terminal of its own.
fn show(socket: &Path, arguments: &[&str], typed: &[(&str, &str)]) -> Vec<u8> {
    let mut command = qga(socket, arguments);
    let folder = socket.parent().expect("a folder");
    command.env("EDITOR", "true").env("HOME", folder).env("TMPDIR", folder);
    command.env_remove("XDG_STATE_HOME");
    on_a_terminal(command, typed).0
}

/// The same value with every text in it hostile, apart from what says what kind of value it is.
fn poisoned(value: Value) -> Value {
    match value {
        Value::String(_) => Value::from(HOSTILE),
        Value::Array(items) => items.into_iter().map(poisoned).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| match (name.as_str(), &value) {
                // What cannot be read would not be shown.
                ("type", Value::String(kind)) if kind == "linux" => (name, value),
                _ => (name, poisoned(value)),
            })
            .collect(),
        other => other,
    }
}

/// A guest whose every answer means harm.
fn hostile() -> Bridge {
    let agent = qga_cli::demo::agent();
    let mut demo = Client::new(qga_cli::demo::agent().connect());
    for command in info::COMMANDS {
        let name = command.name;
        if ["guest-sync", "guest-exec", "guest-file", "guest-fsfreeze"]
            .iter()
            .any(|own| name.starts_with(own))
        {
            continue;
        }
        let Ok(request) = Request::raw(name, &serde_json::json!({})) else { continue };
        if name == "guest-info" || name == "guest-shutdown" || name.starts_with("guest-suspend") {
            continue;
        }
        if let Ok(Some(reply)) = demo.request(&request, None)
            && let Ok(value) = reply.value()
        {
            let value = poisoned(serde_json::from_str(value.get()).expect("JSON"));
            agent.on(name, move |_| Answer::value(&value));
        }
    }
    agent.set_version(HOSTILE);
    let files = agent.add_files();
    files.insert("/hostile", HOSTILE).insert("/folder/file", HOSTILE);
    let programs = agent.add_programs(&files);
    programs.insert("/bin/hostile", |_| Run::exit(0).stdout(HOSTILE).stderr(HOSTILE));
    programs.insert("/bin/sh", |start| {
        // A prompt wants to know the folder and the variables.
        let mark = start.args.last().cloned().unwrap_or_default();
        let folder = HOSTILE.replace('\n', "");
        Run::exit(0).stdout(format!("{HOSTILE}{mark}{folder}\nexport A='{HOSTILE}'\n"))
    });
    Bridge::start(agent).expect("it listens")
}

/// A guest that fails at everything, in hostile words.
fn failing() -> Bridge {
    let agent = Agent::new();
    for command in info::COMMANDS.iter().filter(|command| !command.name.starts_with("guest-sync")) {
        agent.on(command.name, |_| Answer::error(HOSTILE, HOSTILE));
    }
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

/// Every command, with all that makes it show more of the guest.
const COMMANDS: &[&[&str]] = &[
    &["ping"],
    &["wait", "--within", "1s"],
    &["doctor"],
    &["info"],
    &["hostname"],
    &["fs"],
    &["disks"],
    &["net"],
    &["routes"],
    &["users"],
    &["cpus"],
    &["cpus", "set", "--offline", "1", "--yes"],
    &["mem"],
    &["mem", "set", "--offline", "1", "--yes"],
    &["load"],
    &["stats"],
    &["time"],
    &["time", "set", "2026-01-31T12:00:00Z", "--yes"],
    &["time", "sync", "--yes"],
    &["timezone"],
    &["devices"],
    &["exec", "--", "hostile"],
    &["exec", "--no-stream", "--", "hostile"],
    &["exec", "--detach", "--", "hostile"],
    &["exec", "--status", "1"],
    &["sh", "hostile"],
    &["cp", "guest:/hostile", "-"],
    &["cp", "guest:/nowhere", "-"],
    &["cp", "-r", "--verify", "guest:/folder", "/dev/null/nowhere"],
    &["cp", "-r", "/dev/null", "guest:/folder"],
    &["cat", "/hostile"],
    &["write", "/hostile"],
    &["tail", "/hostile"],
    &["edit", "/hostile"],
    &["freeze", "--status"],
    &["freeze", "--while", "--", "true"],
    &["freeze", "--yes"],
    &["thaw"],
    &["trim"],
    &["password", "root"],
    &["keys", "list", "root"],
    &["keys", "add", "root", "ssh-ed25519 AAAA"],
    &["keys", "remove", "root", "ssh-ed25519 AAAA"],
    &["call", "guest-get-users"],
    &["call", "guest-info"],
    &["commands", "--agent"],
    &["targets"],
    &["shutdown", "--yes"],
    &["reboot", "--yes"],
    &["halt", "--yes"],
    &["suspend", "--yes"],
    &["--json", "users"],
    &["--jsonl", "users"],
    &["--json", "info"],
    &["--color", "always", "disks"],
];

/// Commands that show nothing of a guest, and the prompt, which is tried on its own.
const OTHERS: &[&str] = &["demo", "completions", "man", "repl"];

#[test]
fn a_guest_cannot_make_a_terminal_do_anything() {
    for (guest, start) in [("hostile", hostile as fn() -> Bridge), ("failing", failing)] {
        for arguments in COMMANDS {
            let bridge = start();
            // What is shown with this is shown without it, and more.
            let arguments = [&["-vv"], *arguments].concat();
            // What reads from the terminal finds the end.
            let typed: &[_] = if arguments.contains(&"write") { &[("", "\u{4}")] } else { &[] };
            let shown = show(&bridge.socket(), &arguments, typed);
            let text = String::from_utf8_lossy(&shown).into_owned();
            assert!(active(&shown).is_empty(), "{guest} {arguments:?}: {}", text.escape_debug());
            assert!(
                !text.contains("\u{1b}[35;5m"),
                "{guest} {arguments:?}: {}",
                text.escape_debug()
            );
            assert_eq!(title(&shown), "", "{guest} {arguments:?}");
        }
    }
}

#[test]
fn every_command_is_tried_on_a_hostile_guest() {
    let tried = |name: &str| {
        OTHERS.contains(&name) || COMMANDS.iter().any(|arguments| arguments.contains(&name))
    };
    assert_eq!(commands_but(tried), Vec::<String>::new());
}

#[test]
fn what_a_hostile_guest_says_is_shown_all_the_same() {
    let bridge = hostile();
    for command in
        ["hostname", "fs", "disks", "net", "routes", "users", "timezone", "info", "trim", "stats"]
    {
        let shown = show(&bridge.socket(), &[command], &[]);
        let text = String::from_utf8_lossy(&shown).into_owned();
        assert!(text.contains("evil"), "{command}: {text}");
    }
}

#[test]
fn a_prompt_says_in_plain_text_in_which_hostile_folder_it_is() {
    let bridge = hostile();
    // The line shows it once, and then the folder in the prompt does.
    let typed = [(":/$ ", "hostile\r"), ("evil", ""), ("evil", "\u{4}")];
    let shown = show(&bridge.socket(), &["repl"], &typed);
    let text = String::from_utf8_lossy(&shown).into_owned();
    assert!(text.contains("evil"), "{}", text.escape_debug());
    for part in [
        "\u{1b}]",
        "\u{1b}[2J",
        "\u{1b}[35;5m",
        "\u{9b}",
        "\u{202e}",
        "\u{2028}",
        "\u{e0041}",
        "\u{1b}c",
    ] {
        assert!(!text.contains(part), "{part:?}: {}", text.escape_debug());
    }
    assert_eq!(title(&shown), "");
}

#[test]
fn what_is_raw_reaches_the_terminal() {
    let shown = show(&hostile().socket(), &["--raw", "hostname"], &[]);
    assert!(shown.windows(4).any(|bytes| bytes == b"\x1b[2J"));
    assert_eq!(title(&shown), "title");
}

#[test]
fn something_dangerous_is_asked_about_and_not_done_without_a_yes() {
    let agent = qga_cli::demo::agent();
    let bridge = Bridge::start(agent.clone()).expect("it listens");
    let shown = show(&bridge.socket(), &["freeze"], &[("[y/N]", "n\n")]);
    assert!(String::from_utf8_lossy(&shown).contains("[y/N]"));
    assert!(!agent.is_frozen());
    show(&bridge.socket(), &["freeze"], &[("[y/N]", "y\n")]);
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
