//! The program against a real libvirt, which holds the channel of a real guest.
//!
//! Each test runs once with the lab's oldest libvirt and once with the newest; they share a guest and leave it as they found it.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use qga_tests::folder::Folder;
use qga_tests::lab;
use qga_tests::libvirt::{Fetched, Libvirt};

/// A test's name and what it does.
type Test = (&'static str, fn(&mut Libvirt));

/// Functions with their names.
macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name)),*] };
}

const TESTS: &[Test] = tests![
    every_query_is_answered_or_says_why_not,
    a_program_has_our_input_and_we_have_its_output_and_exit_code,
    what_a_shell_would_act_on_arrives_as_it_is,
    a_mebibyte_is_copied_both_ways_without_a_difference,
    output_that_is_longer_than_libvirt_takes_comes_in_pieces,
    a_request_that_is_too_long_for_an_argument_was_not_sent,
    two_at_once_are_served_one_after_the_other,
    a_domain_with_an_odd_name_is_found_by_it,
    why_a_domain_cannot_be_asked_is_told,
    without_an_agent_nothing_was_sent,
    an_agent_that_hangs_is_given_up_in_time,
    a_libvirt_that_is_not_there_is_told_from_a_guest_that_is_not,
];

/// Where a guest is, while it runs.
struct Slot {
    libvirt: Fetched,
    running: Option<Libvirt>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let slots: Vec<_> = lab::libvirts()
        .into_iter()
        .map(|libvirt| Arc::new(Mutex::new(Slot { libvirt, running: None })))
        .collect();
    let trials = TESTS
        .iter()
        .flat_map(|&(name, test)| slots.iter().map(move |slot| trial(name, test, Arc::clone(slot))))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Guests end when they are dropped, which leaving the process would not do.
    drop(slots);
    conclusion.exit_code()
}

fn trial(name: &str, test: fn(&mut Libvirt), slot: Arc<Mutex<Slot>>) -> Trial {
    let suite =
        slot.lock().unwrap_or_else(PoisonError::into_inner).libvirt.guest.agent.suite.clone();
    Trial::test(format!("{name} ({suite})"), move || {
        let mut slot = slot.lock().unwrap_or_else(|failed| {
            // Nobody knows what the test that failed has left.
            slot.clear_poison();
            let mut slot = failed.into_inner();
            slot.running = None;
            slot
        });
        let Slot { libvirt, running } = &mut *slot;
        test(running.get_or_insert_with(|| started(libvirt)));
        Ok(())
    })
}

/// A guest whose agent answers.
fn started(libvirt: &Fetched) -> Libvirt {
    let libvirt = Libvirt::start(libvirt);
    let output = run(&libvirt, &["wait", "--within", "100s"]);
    assert!(output.status.success(), "{output:?}");
    libvirt
}

fn qga(libvirt: &Libvirt, address: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qga"));
    command.args(["-c", address]).args(arguments).env_remove("QGA_CONNECT");
    command.env("PATH", libvirt.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(libvirt: &Libvirt, arguments: &[&str]) -> Output {
    qga(libvirt, &libvirt.address(), arguments).output().expect("it runs")
}

/// Runs the program with something to read.
fn run_with_input(libvirt: &Libvirt, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = qga(libvirt, &libvirt.address(), arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    // It may end without having read everything.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn every_query_is_answered_or_says_why_not(libvirt: &mut Libvirt) {
    for command in [
        "ping", "info", "doctor", "hostname", "fs", "disks", "net", "users", "cpus", "time",
        "timezone", "commands",
    ] {
        let output = run(libvirt, &[command, "--json"]);
        assert!(output.status.success(), "{command}: {output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON");
    }
    for command in ["routes", "mem", "load", "devices", "stats"] {
        let output = run(libvirt, &[command]);
        let says = text(&output.stderr);
        assert!(output.status.success() || says.contains("was refused"), "{command}: {says}");
    }
}

fn a_program_has_our_input_and_we_have_its_output_and_exit_code(libvirt: &mut Libvirt) {
    let line = "pwd; echo $A; echo no >&2; exit 42";
    for way in ["--stream", "--no-stream"] {
        let output =
            run(libvirt, &["exec", way, "-w", "/usr", "-e", "A=b c", "--", "/bin/sh", "-c", line]);
        assert_eq!(output.status.code(), Some(42), "{output:?}");
        assert_eq!(
            (text(&output.stdout), text(&output.stderr)),
            ("/usr\nb c\n".into(), "no\n".into())
        );
        assert_eq!(run(libvirt, &["sh", way, "kill -9 $$"]).status.code(), Some(137));
        assert_eq!(run(libvirt, &["exec", way, "/no/such/program"]).status.code(), Some(127));
    }
    let bytes: Vec<u8> = (0..=255).cycle().take(80_000).collect();
    let output = run_with_input(libvirt, &["exec", "-i", "--", "cat"], &bytes);
    assert!(output.status.success() && output.stdout == bytes, "{:?}", text(&output.stderr));
}

fn what_a_shell_would_act_on_arrives_as_it_is(libvirt: &mut Libvirt) {
    let hostile = [
        "",
        " ",
        "'",
        "\"",
        "\\",
        "$(touch /tmp/evil)",
        "`touch /tmp/evil`",
        "; touch /tmp/evil",
        "' ; touch /tmp/evil ; '",
        "--timeout",
        "--cmd",
        "-h",
        "--",
        "%s%n",
        "a\nb",
        "\t",
        "\u{1b}[2J",
        "☃ é 𝄞",
        "}",
        "{\"execute\":\"guest-shutdown\"}",
        "*",
        "~",
        "&",
        "|",
        "!!",
    ];
    let arguments = [&["exec", "--", "/bin/printf", "[%s]"][..], &hostile].concat();
    let output = run(libvirt, &arguments);
    assert_eq!(
        text(&output.stdout),
        format!("[{}]", hostile.join("][")),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(libvirt.run("ls /tmp | grep -c evil; true"), "0");
}

fn a_mebibyte_is_copied_both_ways_without_a_difference(libvirt: &mut Libvirt) {
    let folder = Folder::new().expect("a folder");
    let (here, back) = (folder.join("here"), folder.join("back"));
    // No period that is a divisor of a chunk, so that chunks in a wrong order would show.
    let bytes: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    fs::write(&here, &bytes).expect("written");
    let (here, back) = (here.to_str().expect("UTF-8"), back.to_str().expect("UTF-8"));
    let output = run(libvirt, &["cp", here, "guest:/mnt/copy"]);
    assert!(output.status.success(), "{output:?}");
    let digest = |text: &str| text.split_whitespace().next().map(str::to_owned);
    let ours = Command::new("sha256sum").arg(here).output().expect("it runs").stdout;
    assert_eq!(digest(&libvirt.run("sha256sum /mnt/copy")), digest(&text(&ours)));
    let output = run(libvirt, &["cp", "guest:/mnt/copy", back]);
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read(back).expect("written") == bytes, "it came back as something else");
    libvirt.run("rm /mnt/copy");
}

fn output_that_is_longer_than_libvirt_takes_comes_in_pieces(libvirt: &mut Libvirt) {
    // In base64 it is longer than the 10 MiB after which libvirt gives a channel up.
    let output = run(libvirt, &["sh", "head -c 8000000 /dev/zero"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 8_000_000));
    assert!(run(libvirt, &["ping"]).status.success());
}

fn a_request_that_is_too_long_for_an_argument_was_not_sent(libvirt: &mut Libvirt) {
    let output =
        run_with_input(libvirt, &["exec", "-i", "--", "touch", "/tmp/evil"], &vec![b'x'; 200_000]);
    let says = text(&output.stderr);
    assert!(says.contains("was not sent") && says.contains("131071 bytes"), "{says}");
    assert_eq!(libvirt.run("ls /tmp | grep -c evil; true"), "0");
}

fn two_at_once_are_served_one_after_the_other(libvirt: &mut Libvirt) {
    let start = |number: &str| {
        let line = format!("sleep 0.2; echo {number}");
        qga(libvirt, &libvirt.address(), &["sh", "--no-stream", &line]).spawn().expect("it runs")
    };
    let children = ["1", "2", "3", "4"].map(|number| (number, start(number)));
    for (number, child) in children {
        let output = child.wait_with_output().expect("ends");
        assert_eq!(text(&output.stdout), format!("{number}\n"), "{}", text(&output.stderr));
    }
}

fn a_domain_with_an_odd_name_is_found_by_it(libvirt: &mut Libvirt) {
    for name in ["it is \"a\" $(guest) & 'more' ☃", "--help", "a:b", "x=y"] {
        libvirt.add_domain(name, true);
        let output = qga(libvirt, &libvirt.address_of(name), &["ping"]).output().expect("it runs");
        let says = text(&output.stderr);
        // It is found, and has no agent.
        assert!(says.contains("lacks a channel"), "{name}: {says}");
        libvirt.virsh(&["destroy", "--domain", name]).expect("it runs");
    }
}

fn why_a_domain_cannot_be_asked_is_told(libvirt: &mut Libvirt) {
    libvirt.add_domain("off", false);
    libvirt.add_domain("mute", true);
    for (name, why) in [
        ("off", "domain is not running"),
        ("mute", "lacks a channel named org.qemu.guest_agent.0"),
        ("absent", "failed to get domain 'absent'"),
    ] {
        let output = qga(libvirt, &libvirt.address_of(name), &["ping"]).output().expect("it runs");
        let says = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{name}: {says}");
        assert!(says.contains(why) && says.contains("next: "), "{name}: {says}");
        let doctor =
            qga(libvirt, &libvirt.address_of(name), &["doctor"]).output().expect("it runs");
        assert!(text(&doctor.stdout).contains(why), "{name}: {doctor:?}");
    }
    libvirt.virsh(&["destroy", "mute"]).expect("it runs");
    libvirt.virsh(&["undefine", "off"]).expect("it runs");
    libvirt.virsh(&["suspend", "lab"]).expect("it runs");
    let output = run(libvirt, &["ping"]);
    libvirt.virsh(&["resume", "lab"]).expect("it runs");
    assert!(text(&output.stderr).contains("domain is not running"), "{output:?}");
    assert!(run(libvirt, &["wait"]).status.success());
}

fn without_an_agent_nothing_was_sent(libvirt: &mut Libvirt) {
    libvirt.run("touch /run/agent.off; kill -9 $(pidof qemu-ga)");
    let gone = run(libvirt, &["wait", "--for", "shutdown", "--within", "20s"]);
    let output = run(libvirt, &["exec", "--", "touch", "/tmp/evil"]);
    libvirt.run("rm /run/agent.off");
    let back = run(libvirt, &["wait", "--within", "20s"]);
    assert!(gone.status.success() && back.status.success(), "{gone:?} {back:?}");
    let says = text(&output.stderr);
    assert!(says.contains("was not sent") && says.contains("is not connected"), "{says}");
    assert_eq!(libvirt.run("ls /tmp | grep -c evil; true"), "0");
}

fn an_agent_that_hangs_is_given_up_in_time(libvirt: &mut Libvirt) {
    libvirt.run("kill -STOP $(pidof qemu-ga)");
    let told = give_two_seconds(libvirt, &["ping"]);
    libvirt.run("kill -CONT $(pidof qemu-ga)");
    assert!(told.contains("was not sent"), "{told}");
    // It reads this file, from which nothing comes.
    libvirt.run("mv /etc/os-release /etc/kept; mkfifo /etc/os-release");
    let told = give_two_seconds(libvirt, &["call", "guest-get-osinfo"]);
    libvirt.run("cat /etc/kept > /etc/os-release; mv -f /etc/kept /etc/os-release");
    assert!(told.contains("whether it took effect is unknown"), "{told}");
    assert!(run(libvirt, &["wait"]).status.success());
}

/// What is told about a command that does not get its answer in two seconds.
fn give_two_seconds(libvirt: &Libvirt, arguments: &[&str]) -> String {
    let begun = Instant::now();
    let output = run(libvirt, &[arguments, &["--timeout", "2s"]].concat());
    assert!(begun.elapsed() < Duration::from_secs(8), "{output:?} after {:?}", begun.elapsed());
    text(&output.stderr)
}

fn a_libvirt_that_is_not_there_is_told_from_a_guest_that_is_not(libvirt: &mut Libvirt) {
    let address = "libvirt:qemu+unix:///session?socket=/no/such/socket/lab";
    let output = qga(libvirt, address, &["ping"]).output().expect("it runs");
    let says = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{says}");
    assert!(says.contains("/no/such/socket") && says.contains("next: "), "{says}");
    let mut command = qga(libvirt, &libvirt.address(), &["ping"]);
    let output = command.env("PATH", "/nowhere").output().expect("it runs");
    let says = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{says}");
    assert!(says.contains("virsh is not installed"), "{says}");
}
