//! What the results were measured on, and with which versions.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;

use super::agent;

/// The machine, and the versions of what ran on it.
pub(super) fn describe() -> BTreeMap<String, String> {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let facts = [
        ("processor", processor().map(|model| format!("{model}, {cores} cores"))),
        ("kernel", first_line("uname", &["-sr"])),
        ("Rust", first_line("rustc", &["--version"])),
        ("C", first_line("cc", &["--version"])),
        ("Python", first_line("python3", &["--version"])),
        ("valgrind", first_line("valgrind", &["--version"])),
        ("C library", first_line("ldd", &["--version"])),
        ("agent", agent::version()),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Today, as in `2026-01-31`.
pub(super) fn day() -> String {
    first_line("date", &["-u", "+%F"]).unwrap_or_default()
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The first line that a program prints; nothing if it fails.
pub(super) fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next()?.to_owned())
}
