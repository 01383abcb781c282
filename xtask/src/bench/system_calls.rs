//! How often a call enters the kernel: counted by strace, in runs of few calls and of many.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::agent::Agent;
use super::results::Row;
use super::{Bench, instructions, peers};

/// What moves bytes, by the names that the kernel has for it.
const TRANSFERS: [&str; 8] =
    ["read", "readv", "recvfrom", "recvmsg", "write", "writev", "sendto", "sendmsg"];

/// The system calls of one `guest-ping`.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    transfers: f64,
    all: f64,
}

/// The rows on both clients and on `qapi`; they say so where nothing can be counted.
pub(super) fn of_calls(bench: &Bench, agent: &Agent) -> Vec<Row> {
    let socket = agent.socket();
    let faces = [("blocking", "client"), ("tokio", "client-tokio")].map(|(face, program)| {
        let own = per_call(|count| {
            let mut command = Command::new(bench.program(program));
            command.arg(&socket).args(["ping", count]);
            command
        });
        let theirs = peers::qapi(bench).and_then(|program| {
            per_call(|count| {
                let mut command = Command::new(&program);
                command.arg(&socket).args([face, "ping", count]);
                command
            })
        });
        rows(face, &own, theirs.ok())
    });
    faces.concat()
}

fn rows(face: &str, own: &Result<Count>, theirs: Option<Count>) -> Vec<Row> {
    let row = |what: &str, figure: fn(Count) -> f64| {
        let what = format!("{what} of a `guest-ping`, {face}");
        match own {
            Ok(own) => Row::new(&what, "", vec![figure(*own)]),
            Err(error) => Row::new(&what, "", Vec::new()).note(format!("not counted: {error:#}")),
        }
    };
    let all = row("system calls", |count| count.all);
    vec![
        // One of each.
        row("writes and reads", |count| count.transfers).at_most(2.0),
        match theirs {
            Some(theirs) => all.against("`qapi`", vec![theirs.all]),
            None => all,
        },
    ]
}

fn per_call<'a>(command: impl Fn(&'a str) -> Command) -> Result<Count> {
    let [few, many] = instructions::FEW_AND_MANY.map(|count| counted(&command(count)));
    let (few, many) = (few?, many?);
    // What happens once in a while is no part of a call.
    let each = |few: f64, many: f64| ((many - few) / instructions::MORE * 100.0).round() / 100.0;
    Ok(Count { transfers: each(few.transfers, many.transfers), all: each(few.all, many.all) })
}

/// Runs a command, and counts the system calls of all its threads.
fn counted(command: &Command) -> Result<Count> {
    let output = Command::new("strace")
        .args(["--follow-forks", "--summary-only"])
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .context("starting strace: `apt-get install strace` brings it")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", text.trim());
    Ok(count(&text))
}

/// The sums of a summary, whose lines begin with a percentage, end with a name, and have the number of calls in the fourth column.
fn count(summary: &str) -> Count {
    let mut count = Count::default();
    for line in summary.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, _, _, calls, .., name] = columns[..] else { continue };
        let Ok(calls) = calls.parse::<f64>() else { continue };
        if name != "total" {
            count.all += calls;
        }
        if TRANSFERS.contains(&name) {
            count.transfers += calls;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_added_up_with_and_without_failed_calls() {
        let summary = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ------------------
 57.53    0.006203           5      1101           recvfrom
 42.04    0.004116           3      1101         2 sendto
  0.43    0.000021           4         5           munmap
------ ----------- ----------- --------- --------- ------------------
100.00    0.010340           4      2207         2 total
";
        let count = count(summary);
        assert_eq!(count.transfers.to_string(), "2202");
        assert_eq!(count.all.to_string(), "2207");
    }
}
