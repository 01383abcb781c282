//! Runs a line as a user would, and writes down what comes back.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a line in a folder.
pub(crate) fn run(line: &str, dir: &Path) -> io::Result<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_qga"));
    let mut path = dir.join("bin").into_os_string();
    path.push(":");
    path.push(program.parent().map(Path::as_os_str).unwrap_or_default());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(dir)
        .env_clear()
        .env("PATH", path)
        .env("HOME", dir)
        // What the tool keeps for its user goes with the folder.
        .env("TMPDIR", dir)
        .env("COLUMNS", "100")
        .env("QGA_CONNECT", "./linux.sock")
        .stdin(Stdio::null())
        .output()?;
    let mut transcript = String::new();
    for (mark, bytes) in [('|', &output.stdout), ('!', &output.stderr)] {
        for line in timeless(&String::from_utf8_lossy(bytes)).lines() {
            // Writing to a string cannot fail.
            let _ = writeln!(transcript, "{}", format!("{mark} {line}").trim_end());
        }
    }
    match output.status.code() {
        Some(0) => {}
        code => {
            let _ = writeln!(transcript, "= {}", code.unwrap_or(-1));
        }
    }
    Ok(transcript)
}

/// The text with `TIME` in place of every latency and `NUMBER` in place of the numbers of handshakes, which differ each time.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        out.push_str(before);
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
        let (number, after) = number.split_at(end);
        let is_alone = !out.ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == ':')
            || out.ends_with("-us\":");
        let unit = ["us", "ms", "s"].into_iter().find(|unit| {
            let rest = after.trim_start_matches(' ').strip_prefix(unit);
            is_alone
                && (*unit != "s" || number.contains('.'))
                && rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        });
        let is_sync = ["\"id\":", "0xFF {\"return\": "].iter().any(|name| out.ends_with(name))
            && number.len() > 3;
        rest = after;
        if let Some(unit) = unit {
            out.push_str("TIME");
            rest = after.split_once(unit).map_or(after, |(_, rest)| rest);
        } else if out.ends_with("-us\":") || out.ends_with("-ms\":") {
            out.push_str("TIME");
        } else if is_sync {
            out.push_str("NUMBER");
        } else {
            out.push_str(number);
        }
    }
    out + rest
}
