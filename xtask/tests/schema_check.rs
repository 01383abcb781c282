//! `schema check` as it is called.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An empty folder of the test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs it in `folder`: exit code, standard output, standard error.
fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["schema", "check"]).args(arguments).current_dir(folder);
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_good_schema_is_accepted_in_silence() {
    let folder = folder("good");
    fs::write(folder.join("a.json"), "{ 'event': 'A' }\n").unwrap();
    assert_eq!(check(&folder, &["a.json"]), (Some(0), String::new(), String::new()));
}

#[test]
fn faults_go_to_standard_error_with_paths_as_given() {
    let folder = folder("faulty");
    fs::create_dir(folder.join("sub")).unwrap();
    fs::write(folder.join("a.json"), "{ 'include': 'sub/b.json' }\n").unwrap();
    fs::write(folder.join("sub/b.json"), "\n{ 'event': }\n").unwrap();
    let (code, out, errors) = check(&folder, &["--message-format", "short", "./a.json"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(errors, "./sub/b.json:2:12: error[unexpected-token]: expected a value, found `}`\n");
    let (_, _, errors) = check(&folder.join("sub"), &["--message-format=json", "b.json"]);
    assert_eq!(errors.lines().count(), 1);
    assert!(errors.starts_with('{') && errors.contains("\"b.json\""), "{errors}");
    let (_, _, errors) = check(&folder, &["a.json"]);
    assert!(errors.contains("in file included from a.json:1"), "{errors}");
}

#[test]
fn arguments_that_make_no_sense_are_told_from_faulty_schemas() {
    let folder = folder("arguments");
    fs::write(folder.join("a.json"), "").unwrap();
    for arguments in [
        &[][..],
        &["--dump", "nothing", "a.json"],
        &["--dialect", "a.json"],
        &["a.json", "--message-format"],
        &["--unknown", "x", "a.json"],
    ] {
        let (code, _, errors) = check(&folder, arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(errors.contains("usage: "), "{errors}");
    }
}

#[test]
fn dumps_go_to_standard_output() {
    let folder = folder("dumps");
    fs::write(folder.join("a.json"), "{ 'command': 'ping' }\n").unwrap();
    for form in ["schema", "introspect", "introspect-masked", "qapi-test"] {
        let (code, out, errors) = check(&folder, &["a.json", "--dump", form]);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{form}");
        assert!(out.contains("ping"), "{form}: {out}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_one_fault_and_never_waited_for() {
    let folder = folder("devices");
    assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    for target in ["/dev/zero", "pipe", ".", "nowhere", "pipe/x"] {
        fs::write(folder.join("a.json"), format!("{{ 'include': '{target}' }}\n")).unwrap();
        for root in ["a.json", target] {
            let (code, out, errors) = check(&folder, &["--message-format", "short", root]);
            assert_eq!((code, out.as_str()), (Some(1), ""), "{target}");
            assert!(errors.contains("error[unreadable]: cannot read"), "{errors}");
            assert_eq!(errors.lines().count(), 1, "{errors}");
        }
    }
}

#[test]
fn a_line_of_a_hundred_megabytes_is_one_fault() {
    let folder = folder("line");
    let mut file = fs::File::create(folder.join("a.json")).unwrap();
    // A file with a hole: it takes no room on the disk.
    file.set_len(100_000_000).unwrap();
    std::io::Write::write_all(&mut file, b"{ 'event': 'A'").unwrap();
    let (code, _, errors) = check(&folder, &["--message-format", "short", "a.json"]);
    assert_eq!(code, Some(1));
    assert!(errors.starts_with("error[file-too-large]: "), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    fs::remove_file(folder.join("a.json")).unwrap();
}
