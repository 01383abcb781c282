//! The lines that the READMEs tell to type: each does what it is there for.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use qga_bindings::fake::{Files, Run};
use qga_tests::archive::{archive, entry};
use qga_tests::bridge::Bridge;
use qga_tests::folder::Folder;

/// The socket that the READMEs name.
const SOCKET: &str = "/run/qga/vm1.sock";

/// What makes the snapshot: it is not called without a reason, nor without options.
const LVCREATE: &str = "#!/bin/sh\n[ \"$1\" = --snapshot ] && echo \"$@\" >>lvcreate.log\n";

/// The lines that begin with our program, without what another program makes of its output.
fn lines(page: &str) -> Vec<&str> {
    let typed = page.lines().filter_map(|line| line.strip_prefix("$ "));
    let ours = typed.filter(|line| line.starts_with("qga "));
    ours.map(|line| line.split(" | ").next().unwrap_or(line)).collect()
}

/// A guest with the files and programs that the lines are about.
fn guest() -> (Bridge, Files) {
    let agent = qga_cli::demo::agent();
    let files = agent.add_files();
    files.insert("/var/log/syslog", "nothing happened\n");
    files.insert("/etc/nginx/nginx.conf", "events {}\n");
    let programs = agent.add_programs(&files);
    // Whoever adds programs takes the place of those that are there.
    programs.insert("/usr/bin/uptime", |_| Run::exit(0).stdout("up 1 day\n"));
    programs.insert("/bin/systemctl", |_| Run::exit(0).stdout("active\n"));
    let sent = archive(&[entry(b'0', "nginx.conf", "", b"events {}\n")]);
    programs.insert("/bin/tar", move |_| Run::exit(0).stdout(sent.clone()));
    (Bridge::start(agent).expect("it listens"), files)
}

/// Types a line in a folder.
fn run(line: &str, bridge: &Bridge, here: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_qga")).parent().expect("a folder");
    let path = std::env::var("PATH").expect("text");
    Command::new("/bin/sh")
        .args(["-c", &line.replace(SOCKET, &bridge.socket().display().to_string())])
        .current_dir(here)
        .env_clear()
        .env("PATH", format!("{}/bin:{}:{path}", here.display(), program.display()))
        .env("HOME", here)
        .env("QGA_CONFIG", here.join("config.toml"))
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

#[test]
fn every_line_that_the_readmes_tell_to_type_works() {
    let (bridge, files) = guest();
    let here = Folder::new().expect("made");
    let target = format!("[targets.vm1]\nconnect = \"unix:{}\"\n", bridge.socket().display());
    fs::write(here.join("config.toml"), format!("discover = false\n{target}")).expect("written");
    fs::write(here.join("backup.sql"), "select 1;\n").expect("written");
    fs::create_dir(here.join("bin")).expect("made");
    fs::write(here.join("bin/lvcreate"), LVCREATE).expect("written");
    fs::set_permissions(here.join("bin/lvcreate"), fs::Permissions::from_mode(0o755))
        .expect("permitted");

    let pages = [include_str!("../../README.md"), include_str!("../README.md")];
    let lines: Vec<_> = pages.into_iter().flat_map(lines).collect();
    assert!(lines.len() >= 12, "{lines:?}");
    for line in lines {
        let output = run(line, &bridge, &here);
        assert_eq!(output.status.code(), Some(0), "{line}: {output:?}");
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{line} says nothing");
    }

    let read = |name: &str| fs::read_to_string(here.join(name)).expect(name);
    assert_eq!(read("syslog"), "nothing happened\n");
    assert_eq!(read("nginx/nginx.conf"), "events {}\n");
    assert_eq!(files.get("/tmp/backup.sql").as_deref(), Some(&b"select 1;\n"[..]));
    assert_eq!(read("lvcreate.log").lines().count(), 2);
}
