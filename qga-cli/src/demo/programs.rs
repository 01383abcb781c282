//! The programs of the made-up guest.

use std::time::Duration;

use qga_bindings::fake::{Files, Invocation, Programs, Run};

/// Adds the programs, which work on these files.
pub(super) fn add(programs: &Programs, files: &Files) {
    programs.insert("/bin/true", |_| Run::exit(0));
    programs.insert("/bin/false", |_| Run::exit(1));
    programs.insert("/bin/echo", |start| Run::exit(0).stdout(start.args.join(" ") + "\n"));
    programs.insert("/bin/env", |start| {
        let lines: Vec<_> = start.env.iter().flatten().flat_map(|name| [name, "\n"]).collect();
        Run::exit(0).stdout(lines.concat())
    });
    programs.insert("/bin/sleep", |start| {
        let seconds = start.args.first().and_then(|text| text.parse().ok());
        Run::exit(0)
            .after(Duration::try_from_secs_f64(seconds.unwrap_or_default()).unwrap_or_default())
    });
    let on_disk = files.clone();
    programs.insert("/bin/cat", move |start| cat(start, &on_disk));
    programs.insert("/bin/sh", sh);
    programs.insert("/usr/bin/uptime", |_| Run::exit(0).stdout("up 1 day, 2 hours\n"));
    programs.insert("/bin/uname", |_| Run::exit(0).stdout("Linux\n"));
}

fn cat(start: &Invocation, files: &Files) -> Run {
    let mut out = Vec::new();
    for path in &start.args {
        match files.get(path) {
            Some(content) => out.extend(content),
            None => {
                return Run::exit(1).stderr(format!("cat: {path}: No such file or directory\n"));
            }
        }
    }
    if start.args.is_empty() {
        out.clone_from(&start.stdin);
    }
    Run::exit(0).stdout(out)
}

/// A shell that knows three things to say.
fn sh(start: &Invocation) -> Run {
    let line = start.args.get(1).map(String::as_str).unwrap_or_default();
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["exit", code] => Run::exit(code.parse().unwrap_or(2)),
        ["kill", signal, "$$"] => Run::signal(signal.trim_start_matches('-').parse().unwrap_or(15)),
        ["echo", words @ .., ">&2"] => Run::exit(0).stderr(words.join(" ") + "\n"),
        ["echo", words @ ..] => Run::exit(0).stdout(words.join(" ") + "\n"),
        _ => Run::exit(127).stderr("sh: this guest is made up, and so is its shell\n"),
    }
}
