//! Runs a line as a user would, and writes down what comes back.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a line in a folder.
pub(crate) fn run(line: &str, dir: &Path) -> io::Result<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_qga"));
    let mut path = program.parent().map(Path::as_os_str).unwrap_or_default().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(dir)
        .env_clear()
        .env("PATH", path)
        .env("HOME", dir)
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

/// The text with `TIME` in place of every latency, which differs each time.
fn timeless(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let unit = word.trim_end_matches([',', '\n']);
        match words.last_mut() {
            Some(last) if ["us", "ms"].contains(&unit) && is_number(last) => {
                *last = word.replace(unit, "TIME");
            }
            _ => words.push(word.to_owned()),
        }
    }
    members(&words.join(" "))
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}

/// The same for members of JSON objects that give one, and for the numbers of handshakes.
fn members(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\":") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        let (space, after) = after.split_at(after.len() - after.trim_start_matches(' ').len());
        let is_sync = out.ends_with("\"id\":") || out.ends_with("0xFF {\"return\":");
        let is_time = out.ends_with("-us\":");
        out.push_str(space);
        let digits = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let length = after.len() - digits.len();
        if is_time && length > 0 {
            out.push_str("TIME");
        } else if is_sync && length > 3 {
            out.push_str("NUMBER");
        } else {
            out.push_str(&after[..length]);
        }
        rest = digits;
    }
    out + rest
}
