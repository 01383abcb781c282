//! `schema diff` and `schema history`, run on what is pinned here: nothing is written.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a run printed to either side, and whether it succeeded.
fn schema(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("schema").args(arguments).output();
    let output = output.expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// What a run printed that has to succeed.
fn said(arguments: &[&str]) -> String {
    let (success, output, complaint) = schema(arguments);
    assert!(success, "{arguments:?}: {complaint}");
    output
}

/// A file with these definitions.
fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

#[test]
fn two_pinned_releases_are_compared_as_text_markdown_and_json() {
    let text = said(&["diff", "9.0", "9.1"]);
    let headline = "schema 9.0 -> 9.1: 58 changes (55 of a build condition only), none breaking; \
                    bindings need a minor release";
    assert!(text.starts_with(headline), "{text}");
    let markdown = said(&["diff", "9.0", "9.1", "--format", "markdown"]);
    assert!(
        markdown.contains("| added | command `guest-network-get-route` | new | minor |"),
        "{markdown}"
    );
    let json = said(&["diff", "--format", "json", "9.0.0", "9.1.0"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["bump"], &json["breaking"]), (&"minor".into(), &0.into()));
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(58));
}

#[test]
fn any_schema_is_compared_with_any_other_and_a_folder_with_what_it_holds() {
    let old = file("old/qapi/qapi-schema.json", "{ 'include': 'more.json' }");
    file("old/qapi/more.json", "{ 'event': 'GONE' }\n{ 'command': 'stay' }");
    let new = file("new.json", "{ 'command': 'stay' }");
    let tree = old.strip_suffix("/qapi/qapi-schema.json").expect("it is in a tree");
    for old in [old.as_str(), tree] {
        let text = said(&["diff", old, &new]);
        assert!(text.contains("removed   event     GONE"), "{text}");
    }
    let text = said(&["diff", "11.1.3", &new]);
    assert!(text.contains("removed   command   guest-exec"), "{text}");
}

#[test]
fn a_breaking_change_fails_where_it_is_denied_and_only_there() {
    let old = file("deny-old.json", "{ 'command': 'stay' }\n{ 'command': 'go' }");
    let new = file("deny-new.json", "{ 'command': 'stay' }");
    assert!(schema(&["diff", &old, &new]).0);
    assert!(schema(&["diff", &new, &old, "--deny", "breaking"]).0, "what is added breaks nothing");
    let (success, text, _) = schema(&["diff", &old, &new, "--deny", "breaking"]);
    assert!(!success && text.contains("removed   command   go"), "{text}");
    assert!(
        !schema(&["diff", "1.0", "1.1", "--deny", "breaking"]).0,
        "guest-shutdown stopped answering"
    );
    assert!(schema(&["diff", "9.0", "9.1", "--deny", "breaking"]).0);
}

#[test]
fn a_side_that_is_no_schema_is_told_with_what_there_is() {
    for (side, complaint) in [
        ("9.9", "9.9 is not pinned, and no such file exists; pinned are 0.15, 1.0"),
        ("nowhere.json", "nowhere.json"),
        (env!("CARGO_TARGET_TMPDIR"), "holds none of qga/qapi-schema.json"),
    ] {
        let (success, _, told) = schema(&["diff", "9.0", side]);
        assert!(!success && told.contains(complaint), "{told}");
    }
    let wrong = file("wrong.json", "{ 'command': 'a', 'data': { 'b': 'Missing' } }");
    let (success, _, told) = schema(&["diff", "9.0", &wrong]);
    assert!(!success && told.contains("wrong.json:1"), "{told}");
}

#[test]
fn the_life_of_every_kind_of_item_is_told() {
    for (name, lines) in [
        ("guest-shutdown", &["command guest-shutdown", "  1.1      no reply on success now"][..]),
        ("guest-exec", &["    argument capture-output           2.5, changed 8.1"]),
        (
            "guest-exec.capture-output",
            &["  2.5      added: bool, optional", "  8.1      bool -> GuestExecCaptureOutput"],
        ),
        (
            "GuestFilesystemInfo.total-bytes-privileged",
            &["member", "  9.1      added: uint64, optional"],
        ),
        ("GuestDiskBusType.nvme", &["value", "  7.1      added", "  11.1.3   still there"]),
        ("GuestFsfreezeStatus.error", &["  0.15     added", "  1.1      removed"]),
        ("GuestDiskSmart/nvme", &["branch", "  7.1      added: GuestNVMeSmart"]),
        ("GuestDiskSmart.nvme", &["branch GuestDiskSmart/nvme"]),
    ] {
        let text = said(&["history", name]);
        for line in lines {
            assert!(text.contains(line), "{name}: {line} is missing in {text}");
        }
    }
    let all = said(&["history"]);
    assert!(
        all.contains("command    guest-exec\n") && all.contains("value      QGASeek.cur\n"),
        "{all}"
    );
}

#[test]
fn for_an_unknown_item_the_nearest_are_suggested() {
    for (name, suggestion) in [
        ("guest-exce", "there is guest-exec"),
        ("GuestDiskBusTyp.nvme", "GuestDiskBusType.nvme"),
        ("capture-output", "guest-exec.capture-output"),
        ("GUEST-PING", "there is guest-ping"),
        ("zzz", "cargo xtask schema history lists all items"),
        ("", "there is "),
    ] {
        let (success, _, told) = schema(&["history", name]);
        assert!(!success && told.contains(suggestion), "{name}: {told}");
    }
    let endless = "g".repeat(10_000);
    assert!(!schema(&["history", &endless]).0);
}

#[test]
fn a_reader_that_stops_early_is_no_failure_of_the_report() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["schema", "diff", "0.15", "11.1.3"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
