//! What is changed in a guest that goes on running.

use std::fs;

use qga_tests::folder::Folder;
use qga_tests::vm::until;
use rustix::process::{Pid, Signal, kill_process};

use super::{Slot, Test, says, support, tests, told, told_with_input};

pub(super) const TESTS: &[Test] = tests![
    the_guest_is_found_by_its_process,
    files_go_there_and_back_over_the_channel,
    programs_have_our_input_and_their_exit_code_is_ours,
    what_is_frozen_is_thawed_again,
    the_guest_is_frozen_only_while_a_command_runs,
    what_a_program_that_was_killed_has_frozen_is_told_and_thawed,
    unused_blocks_are_given_back,
    a_password_is_set_from_standard_input,
    keys_are_added_listed_and_removed,
    processors_are_switched_off_and_on,
    blocks_of_memory_are_told_and_refused_where_there_are_none,
    the_clock_is_set_and_put_right,
];

fn the_guest_is_found_by_its_process(slot: &mut Slot) {
    let vm = slot.vm();
    let socket = format!("unix:{}", vm.socket().display());
    let mut command = support::qga(vm.socket(), &["--json", "targets"]);
    command.env("QGA_CONFIG", "/nonexistent");
    let (stdout, stderr, code) = support::outcome(&command.output().expect("it runs"));
    let found: Vec<serde_json::Value> = serde_json::from_str(&stdout).expect("JSON");
    let ours = found.iter().find(|found| found["address"] == socket.as_str()).expect("found");
    assert_eq!((ours["source"].as_str(), ours["state"].as_str()), (Some("qemu"), Some("answers")));
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    let name = ours["name"].as_str().expect("a name");
    assert!(name.starts_with("qemu:"), "{name}");
    let mut command = support::qga(name, &["hostname"]);
    command.env("QGA_CONFIG", "/nonexistent");
    assert!(command.output().expect("it runs").status.success());
}

fn files_go_there_and_back_over_the_channel(slot: &mut Slot) {
    let vm = slot.vm();
    let folder = Folder::new().expect("made");
    let bytes: Vec<u8> =
        (0..300_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    fs::write(folder.join("there"), &bytes).expect("written");
    let (there, back) = (folder.join("there"), folder.join("back"));
    let path = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    let copied = told(vm, &["-q", "cp", "--verify", &path(&there), "guest:/mnt/"]);
    assert_eq!((copied.1.as_str(), copied.2), ("", Some(0)), "{}", copied.0);
    assert_eq!(vm.run("wc -c < /mnt/there"), "1200000");
    let copied = told(vm, &["-q", "cp", "guest:/mnt/there", &path(&back)]);
    assert_eq!((copied.1.as_str(), copied.2), ("", Some(0)), "{}", copied.0);
    assert!(fs::read(&back).expect("copied") == bytes, "something else came back");
    vm.run("rm /mnt/there");
}

fn programs_have_our_input_and_their_exit_code_is_ours(slot: &mut Slot) {
    let vm = slot.vm();
    let arguments = ["exec", "-i", "--", "/bin/sh", "-c", "cat; echo no >&2; exit 42"];
    let expected = ("in\n".to_owned(), "no\n".to_owned(), Some(42));
    assert_eq!(told_with_input(vm, &arguments, "in\n"), expected);
    assert_eq!(told(vm, &["sh", "kill -9 $$"]).2, Some(137));
    assert_eq!(told(vm, &["exec", "--", "/no/such"]).2, Some(127));
    assert_eq!(told(vm, &["exec", "-t", "300ms", "--", "/bin/sleep", "60"]).2, Some(124));
}

fn what_is_frozen_is_thawed_again(slot: &mut Slot) {
    let vm = slot.vm();
    let (stdout, stderr, code) = told(vm, &["freeze"]);
    assert_eq!((stdout.as_str(), code), ("", Some(2)), "nobody can be asked");
    assert!(stderr.contains("--yes"), "{stderr}");
    says(vm, &["freeze", "--yes"], "1 file systems frozen; `qga thaw` lets them go");
    vm.start_writing();
    says(vm, &["freeze", "--status"], "frozen");
    let (stdout, stderr, code) = told(vm, &["freeze", "--yes"]);
    assert_eq!((stdout.as_str(), code), ("", Some(1)));
    assert!(stderr.contains("next: `qga thaw`"), "{stderr}");
    let (_, stderr, code) = told(vm, &["exec", "--", "/bin/true"]);
    assert!(stderr.contains("frozen") && stderr.contains("next: "), "{stderr}");
    assert_eq!(code, Some(125));
    vm.wait_until_writer_stands_still();
    let (stdout, stderr, code) = told(vm, &["--json", "thaw"]);
    assert_eq!((stdout.as_str(), stderr.as_str(), code), ("{\"thawed\":1}\n", "", Some(0)));
    until("the writer goes on", || vm.has_written());
    says(vm, &["freeze", "--status"], "thawed");
}

fn the_guest_is_frozen_only_while_a_command_runs(slot: &mut Slot) {
    let vm = slot.vm();
    let folder = Folder::new().expect("made");
    let (begun, end) = (folder.join("begun"), folder.join("end"));
    let line = format!(
        "touch {}; until [ -e {} ]; do sleep 0.01; done; echo copied; exit 7",
        begun.display(),
        end.display()
    );
    let arguments = ["-q", "freeze", "--while", "--", "sh", "-c", &line];
    let child = support::qga(vm.socket(), &arguments).spawn().expect("it runs");
    until("the command runs", || begun.exists());
    vm.start_writing();
    vm.wait_until_writer_stands_still();
    fs::write(&end, "").expect("written");
    let output = support::outcome(&child.wait_with_output().expect("ends"));
    assert_eq!(output, ("copied\n".to_owned(), String::new(), Some(7)));
    until("the writer goes on", || vm.has_written());
}

fn what_a_program_that_was_killed_has_frozen_is_told_and_thawed(slot: &mut Slot) {
    let vm = slot.vm();
    let folder = Folder::new().expect("made");
    let mark = folder.join("pid");
    let line = format!("echo $$ > {}; exec sleep 1000", mark.display());
    let arguments = ["freeze", "--while", "--", "sh", "-c", &line];
    let mut child = support::qga(vm.socket(), &arguments).spawn().expect("it runs");
    let read = || fs::read_to_string(&mark).unwrap_or_default();
    until("the command runs", || read().ends_with('\n'));
    child.kill().expect("killed");
    child.wait().expect("ends");
    let command = read().trim().parse().ok().and_then(Pid::from_raw).expect("a number");
    // It may have ended with the program.
    let _ = kill_process(command, Signal::KILL);
    says(vm, &["freeze", "--status"], "frozen");
    vm.start_writing();
    vm.wait_until_writer_stands_still();
    says(vm, &["--json", "thaw"], "{\"thawed\":1}");
    until("the writer goes on", || vm.has_written());
}

fn unused_blocks_are_given_back(slot: &mut Slot) {
    let (stdout, stderr, code) = told(slot.vm(), &["trim"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(stdout.lines().any(|line| line.starts_with("/mnt ")), "{stdout}");
}

fn a_password_is_set_from_standard_input(slot: &mut Slot) {
    let vm = slot.vm();
    let expected = ("the password of alice is set\n".to_owned(), String::new(), Some(0));
    assert_eq!(told_with_input(vm, &["password", "--hashed", "alice"], "$6$s$h\n"), expected);
    assert_eq!(vm.run("grep ^alice: /etc/shadow | cut -d: -f2"), "$6$s$h");
    assert_eq!(told_with_input(vm, &["password", "alice"], "secret\n"), expected);
    assert!(vm.is_password("alice", "secret") && !vm.is_password("alice", "secre"));
}

fn keys_are_added_listed_and_removed(slot: &mut Slot) {
    let vm = slot.vm();
    let (one, two) = ("ssh-ed25519 AAAAone alice", "ssh-ed25519 AAAAtwo alice");
    let replace = ["keys", "add", "--replace", "--yes", "alice", one];
    says(vm, &replace, "1 keys of alice set");
    says(vm, &["keys", "add", "alice", two], "1 keys of alice added");
    // The agent puts new ones first, and need not.
    let (stdout, _, code) = told(vm, &["keys", "list", "alice"]);
    assert!(stdout.lines().all(|key| [one, two].contains(&key)), "{stdout}");
    assert_eq!((stdout.lines().count(), code), (2, Some(0)));
    assert_eq!(vm.run("grep -c alice ~alice/.ssh/authorized_keys"), "2");
    says(vm, &["keys", "remove", "alice", one], "1 keys of alice removed");
    let left = format!(r#"{{"keys":["{two}"],"user":"alice"}}"#);
    says(vm, &["--json", "keys", "list", "alice"], &left);
}

fn processors_are_switched_off_and_on(slot: &mut Slot) {
    let vm = slot.vm();
    let (stdout, stderr, code) = told(vm, &["cpus", "set", "--yes", "--offline", "1"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(stdout.starts_with("1 of 2 online"), "{stdout}");
    assert_eq!(vm.run("cat /sys/devices/system/cpu/online"), "0");
    let (stdout, _, code) = told(vm, &["cpus", "set", "--yes", "--online", "1"]);
    assert!(stdout.starts_with("2 of 2 online") && code == Some(0), "{stdout}");
    let (_, stderr, code) = told(vm, &["cpus", "set", "--yes", "--online", "7"]);
    assert!(stderr.contains("next: "), "{stderr}");
    assert_eq!(code, Some(1));
}

fn blocks_of_memory_are_told_and_refused_where_there_are_none(slot: &mut Slot) {
    let vm = slot.vm();
    let (stdout, stderr, code) = told(vm, &["mem"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(stdout.contains("blocks"), "{stdout}");
    let (_, stderr, code) = told(vm, &["mem", "set", "--yes", "--online", "4000"]);
    assert!(stderr.contains("next: "), "{stderr}");
    assert_eq!(code, Some(1));
}

fn the_clock_is_set_and_put_right(slot: &mut Slot) {
    let vm = slot.vm();
    let (stdout, stderr, code) = told(vm, &["time", "set", "--yes", "2030-01-31T12:00:00Z"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(stdout.contains("2030-01-31 12:00:"), "{stdout}");
    assert_eq!(vm.run("date -u +%Y-%m-%d"), "2030-01-31");
    let (stdout, stderr, code) = told(vm, &["time", "sync", "--yes"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert!(!stdout.contains("2030-"), "{stdout}");
    let year = vm.run("date -u +%s").parse::<u64>().expect("a number");
    let ours = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    assert!(year.abs_diff(ours) < 30, "{year} is not {ours}");
}
