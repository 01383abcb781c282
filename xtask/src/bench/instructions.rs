//! Instructions instead of time: counted by callgrind, the same in every run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::results::Row;
use super::{Bench, cargo, machine, peers, target};

/// Where the counts are that were found to be right.
const BASELINE: &str = "bench/instructions.json";

/// How much more than the baseline is too much.
const TOLERANCE: f64 = 0.03;

/// What is counted, how often it is done, and how often in the second run, from which the first is subtracted.
const TASKS: &[(&str, u32, u32)] = &[
    ("parse", 1, 3),
    ("generate", 1, 2),
    ("encode", 10, 30),
    ("decode", 10, 30),
    ("call", 100, 300),
];

/// The counts, and what they hold for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Baseline {
    /// Other versions of these, or another processor, give other counts.
    made_with: BTreeMap<String, String>,
    /// Instructions of doing each task once.
    instructions: BTreeMap<String, f64>,
}

/// How many instructions a call takes in the client's process, and how many system calls.
pub(super) fn of_calls(bench: &Bench, agent: &Agent) -> Result<Vec<Row>> {
    let socket = agent.socket();
    let socket = socket.to_string_lossy();
    let own = |program: &str| {
        per_call(|count| {
            let mut command = Command::new(bench.program(program));
            command.args([&*socket, "ping", count]);
            command
        })
    };
    let qapi = peers::qapi(bench);
    let theirs = |face: &str| match &qapi {
        Ok(program) => per_call(|count| {
            let mut command = Command::new(program);
            command.args([&*socket, face, "ping", count]);
            command
        })
        .map(|count| vec![count]),
        Err(_) => Ok(Vec::new()),
    };
    let row = |what: &str, ours: f64, theirs| {
        let row = Row::new(what, "instructions", vec![ours]);
        row.against("`qapi`", theirs).at_most(0.5)
    };
    Ok(vec![
        row("instructions of a `guest-ping`, blocking", own("client")?, theirs("blocking")?),
        row("instructions of a `guest-ping`, tokio", own("client-tokio")?, theirs("tokio")?),
    ])
}

/// How many calls a program makes whose calls are counted.
pub(super) const FEW_AND_MANY: [&str; 2] = ["1000", "2000"];

/// How many more the second are: a tenth is made besides, to warm up.
pub(super) const MORE: f64 = 1100.0;

/// The instructions of one call, of a program that makes so many: what more calls take more.
fn per_call<'a>(command: impl Fn(&'a str) -> Command) -> Result<f64> {
    let [few, many] = FEW_AND_MANY.map(|calls| count(&command(calls)));
    Ok((many? - few?) / MORE)
}

/// Runs a command, and counts its instructions.
fn count(command: &Command) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .context("starting valgrind: `apt-get install valgrind` brings it")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", text.trim());
    let collected =
        text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.with_context(|| format!("no count in {text}"))
}

/// Runs `cargo xtask bench instructions --check`: fails if anything takes more instructions than it did.
///
/// # Errors
/// What takes more, or that it cannot be counted although there is callgrind.
pub(super) fn check(root: &Path) -> Result<()> {
    let baseline = Baseline::read(root)?;
    if let Some(why) = baseline.incomparable() {
        println!("SKIPPED: {why}");
        return Ok(());
    }
    let mut more = Vec::new();
    for (task, now) in counts(root)? {
        let Some(before) = baseline.instructions.get(&task) else {
            more.push(format!("{task} is not in {BASELINE}"));
            continue;
        };
        let change = now / before - 1.0;
        println!("{task:10} {now:>12.0} instructions, {:+.1} %", change * 100.0);
        if change > TOLERANCE {
            more.push(format!(
                "{task} takes {:.1} % more instructions than it did",
                change * 100.0
            ));
        } else if change < -TOLERANCE {
            println!(
                "           fewer than before: keep it so with `cargo xtask bench instructions --record`"
            );
        }
    }
    ensure!(
        more.is_empty(),
        "{}; if that is worth it, `cargo xtask bench instructions --record`",
        more.join(", ")
    );
    Ok(())
}

/// Runs `cargo xtask bench instructions --record`: writes the baseline anew.
pub(super) fn record(root: &Path) -> Result<()> {
    let baseline = Baseline { made_with: made_with(), instructions: counts(root)? };
    let path = root.join(BASELINE);
    fs::write(&path, serde_json::to_string_pretty(&baseline)? + "\n")
        .with_context(|| format!("writing {}", path.display()))?;
    println!("wrote {BASELINE}");
    Ok(())
}

impl Baseline {
    fn read(root: &Path) -> Result<Self> {
        let path = root.join(BASELINE);
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("in {BASELINE}"))
    }

    /// Why counts from here cannot be compared with it, if they cannot.
    fn incomparable(&self) -> Option<String> {
        let here = made_with();
        (self.made_with != here).then(|| {
            let there = &self.made_with;
            format!(
                "instructions are not compared: {BASELINE} holds for {there:?}, and this is {here:?}"
            )
        })
    }
}

/// Why counts from here cannot be compared with those that are checked in, if they cannot.
///
/// # Errors
/// What is checked in cannot be read.
pub(crate) fn incomparable(root: &Path) -> Result<Option<String>> {
    Ok(Baseline::read(root)?.incomparable())
}

/// What the counts depend on beside the sources.
fn made_with() -> BTreeMap<String, String> {
    let wanted = ["Rust", "C library", "valgrind", "processor"];
    machine::describe().into_iter().filter(|(name, _)| wanted.contains(&name.as_str())).collect()
}

/// The instructions of each task.
fn counts(root: &Path) -> Result<BTreeMap<String, f64>> {
    let status = cargo(root)
        .args(["build", "--release", "--quiet", "--package", "qga-bench", "--bin", "instructions"])
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "what is to be counted does not build");
    let program = target(root).join("release/instructions");
    // A fixed one, so that a new release changes nothing.
    let schema = root.join("schema/snapshots/9.1.json");
    let counts = TASKS.iter().map(|(task, few, many)| {
        let of = |times: &u32| {
            count(Command::new(&program).args([task, &*times.to_string()]).arg(&schema))
        };
        let one = (of(many)? - of(few)?) / f64::from(many - few);
        Ok(((*task).to_owned(), one.round()))
    });
    counts.collect()
}
