//! What the key for it completes, in real shells on a terminal.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod shell;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use qga_tests::agent::Agent;
use qga_tests::bridge::Bridge;
use serde_json::json;

use shell::{ALL, Session, Shell};

#[test]
fn names_of_guests_and_commands_are_completed() {
    let bridge = Bridge::start(qga_cli::demo::agent()).expect("it listens");
    for session in ALL.iter().filter_map(|shell| Session::start(shell, &bridge.socket())) {
        session.types("qga -c my-v\thostn\t\n").shows("demo");
        session.types("qga --connect=my-v\tcall guest-get-ho\t\n").shows("\"host-name\": \"demo\"");
    }
}

#[test]
fn arguments_of_the_agents_commands_are_completed_with_their_values() {
    let agent = qga_cli::demo::agent();
    let bridge = Bridge::start(agent.clone()).expect("it listens");
    for session in ALL.iter().filter_map(|shell| Session::start(shell, &bridge.socket())) {
        session.types("qga call guest-file-seek han\t1 off\t2 whe\tse\t\n").shows("next: ");
        let mut asked =
            agent.requests().into_iter().filter(|asked| asked.name == "guest-file-seek");
        let arguments = asked.next_back().expect("it was asked").arguments;
        assert_eq!(arguments, json!({ "handle": 1, "offset": 2, "whence": "set" }));
    }
}

/// Names that would do something if a shell took them for more than a name.
const NAMES: [&str; 8] = [
    "$(touch ran)",
    "`touch ran`",
    "a;touch ran",
    "a && touch ran",
    "it's \"quoted\" \\ & <here> | *?[a]{b,c}~!#",
    "$HOME%s%n",
    "-rf --help",
    "caf\u{e9} \u{4f60}\u{597d}",
];

#[test]
fn a_file_of_the_guest_is_found_whatever_its_name_and_its_name_is_nothing_but_a_word() {
    let Some(agent) = Agent::start() else { return };
    let folder = agent.dir().join("files");
    for (number, name) in NAMES.iter().enumerate() {
        let folder = folder.join(number.to_string());
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join(name), format!("found {number}.\n")).expect("written");
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("readable");
    let folder = folder.display();
    for session in ALL.iter().filter_map(|shell| Session::start(shell, &agent.socket())) {
        for number in 0..NAMES.len() {
            session
                .types(&format!("qga cat {folder}/{number}/\t\n"))
                .shows(&format!("found {number}."));
            session
                .types(&format!("qga cp guest:{folder}/{number}/\t -\n"))
                .shows(&format!("found {number}."));
        }
        assert!(!session.folder().join("ran").exists(), "something was run by {}", session.name());
    }
}

#[test]
fn names_with_control_characters_are_not_offered() {
    let Some(agent) = Agent::start() else { return };
    let folder = agent.dir().join("files");
    fs::create_dir_all(&folder).expect("made");
    for name in ["title\u{1b}]0;owned\u{7}", "line\ntouch ran\n", "plain"] {
        fs::write(folder.join(name), "found.\n").expect("written");
    }
    let folder = folder.display();
    for session in ALL.iter().filter_map(|shell| Session::start(shell, &agent.socket())) {
        session.types(&format!("qga cat {folder}/\t\n")).shows("found.");
        session.types(&format!("qga cat {folder}/t\t\t\n")).shows("next: ");
        session.types(&format!("qga cat {folder}/l\t\t\n")).shows("next: ");
        assert!(!session.seen().contains("owned"), "{}", session.seen().escape_debug());
        assert!(!session.folder().join("ran").exists());
    }
}

#[test]
fn quotes_that_would_not_hold_a_name_do_not_get_it() {
    let Some(agent) = Agent::start() else { return };
    let folder = agent.dir().join("files");
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join("$(touch ran)"), "found.\n").expect("written");
    let folder = folder.display();
    let Some(session) = Session::start(&Shell::BASH, &agent.socket()) else { return };
    session.types(&format!("qga cat \"{folder}/\t\"\n")).shows("next: ");
    session.types(&format!("qga cat '{folder}/\t\n")).shows("found.");
    assert!(!session.folder().join("ran").exists());
}

#[test]
fn nothing_is_said_where_no_agent_answers() {
    let folder = qga_tests::folder::Folder::new().expect("made");
    for session in ALL.iter().filter_map(|shell| Session::start(shell, &folder.join("none.sock"))) {
        session.types("qga cat /e\t\n").shows("next: ");
        assert_eq!(session.seen().matches("was not sent").count(), 1, "{}", session.seen());
    }
}
