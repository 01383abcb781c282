//! The container image, without an engine for containers: its file system is made as the Dockerfile says, and the program is run
//! in it as the user that the Dockerfile names.
//!
//! It takes another build of everything, so it is tried only where `QGA_REQUIRE_IMAGE` says so, as `cargo xtask test` does.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod dockerfile;
mod root_fs;

use std::fs;
use std::net::TcpListener;
use std::thread;

use qga_bindings::fake::Agent;
use qga_tests::bridge::Bridge;

use root_fs::RootFs;

/// What a user types, as the documentation has it.
const README: &str = include_str!("../../README.md");

/// The example for Docker Compose.
const COMPOSE: &str = include_str!("../../../compose.yaml");

#[test]
fn the_image_holds_one_program_and_nothing_else() {
    let Some(image) = RootFs::build() else { return };
    let files = fs::read_dir(image.folder()).expect("read").flatten();
    let names: Vec<_> = files.map(|file| file.file_name()).collect();
    assert_eq!(names, ["qga"]);
}

#[test]
fn the_user_is_a_number_and_not_root_and_the_program_needs_no_shell() {
    let Some(image) = RootFs::build() else { return };
    let said = image.run(&[]);
    assert!(said.stdout.starts_with("Talk to the QEMU guest agent"), "{said:?}");
    assert!(image.user() > 0 && image.group() > 0);
    // The shell that builds the image is not in it.
    assert!(image.entry_point().starts_with('/'));
}

#[test]
fn the_documented_line_asks_a_guest_whose_socket_is_mounted() {
    let Some(image) = RootFs::build() else { return };
    let line = README.lines().find(|line| line.contains("docker run")).expect("it is documented");
    let (options, arguments) = line.split_once(" qga ").expect("it names the image");
    assert!(options.contains("-v /run/qga:/run/qga"), "{options}");
    let agent = Bridge::start(qga_cli::demo::agent()).expect("bound");
    image.mount(&agent.socket(), "run/qga/vm1.sock");
    let said = image.run(&arguments.split(' ').collect::<Vec<_>>());
    assert_eq!((said.stderr.as_str(), said.code), ("", Some(0)));
    assert!(said.stdout.contains("Debian GNU/Linux"), "{said:?}");
}

#[test]
fn a_real_agent_is_asked() {
    let Some(image) = RootFs::build() else { return };
    let Some(agent) = qga_tests::agent::Agent::start() else { return };
    image.mount(&agent.socket(), "run/qga/vm1.sock");
    let said = image.run(&["-c", "/run/qga/vm1.sock", "--json", "hostname"]);
    assert_eq!((said.stderr.as_str(), said.code), ("", Some(0)));
}

#[test]
fn a_hosts_name_is_looked_up_in_the_files_that_engines_provide() {
    let Some(image) = RootFs::build() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        let agent = Agent::new();
        for client in listener.incoming().map_while(Result::ok) {
            // A client may leave as it likes.
            drop(agent.serve(client));
        }
    });
    image.write("etc/hosts", "127.0.0.1 guest.test\n");
    let said = image.run(&["-c", &format!("tcp:guest.test:{port}"), "ping"]);
    assert_eq!((said.stderr.as_str(), said.code), ("", Some(0)));
    let said = image.run(&["-c", "tcp:other.invalid:1", "ping"]);
    assert_eq!(said.code, Some(3));
    assert!(said.stderr.contains("the host's name leads nowhere"), "{said:?}");
}

#[test]
fn names_come_from_the_configuration_that_the_image_says() {
    let Some(image) = RootFs::build() else { return };
    image.write("etc/qga/config.toml", "[targets.vm1]\nconnect = \"demo:\"\n");
    let said = image.run(&["-c", "vm1", "hostname"]);
    assert_eq!((said.stdout.as_str(), said.code), ("demo\n", Some(0)));
}

#[test]
fn the_example_for_compose_mounts_what_is_documented_and_leaves_no_rights() {
    let lines: Vec<&str> = COMPOSE.lines().map(str::trim).collect();
    for line in [
        "read_only: true",
        "cap_drop: [ALL]",
        "security_opt: [\"no-new-privileges:true\"]",
        "- /run/qga:/run/qga",
    ] {
        assert!(lines.contains(&line), "{line}");
    }
}
