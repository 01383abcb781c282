//! `cargo xtask test`: everything that has to hold before a change lands, with what it needs installed first.

mod ground;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use ground::{GUESTS, Ground, IMAGE, LIBVIRT};

/// What `cargo xtask test` was asked to do.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// QEMU's own test cases, if they are at hand.
    pub corpus: Option<PathBuf>,
    /// Leave the machine as it is, even where something is missing.
    pub no_install: bool,
}

/// Runs every check, stops at the first that fails, and says what each took.
///
/// # Errors
/// Which check failed.
pub fn run(root: &Path, options: &TestOptions) -> Result<()> {
    let ground = Ground::prepare(root, options)?;
    let mut report = Vec::new();
    for step in steps(root, options, &ground)? {
        println!("\n== {}", step.name);
        report.push((step.name, step.run()?));
    }
    println!("\nall checks passed:");
    for (name, took) in report {
        println!("  {:>6.1} s  {name}", took.as_secs_f64());
    }
    ground.tell();
    Ok(())
}

/// The tests that take so long that they are steps of their own: each with the variable that demands it.
const LONG: [(&str, &str, &str); 3] = [
    ("guests", "vm", GUESTS),
    ("guests below libvirt", "libvirt", LIBVIRT),
    ("container image", "image", IMAGE),
];

/// One check.
struct Step {
    name: &'static str,
    command: Command,
    /// What runs beside it.
    beside: Option<Command>,
}

impl Step {
    fn new(name: &'static str, command: Command) -> Self {
        Self { name, command, beside: None }
    }

    /// Runs it to its end, and says how long that took.
    fn run(mut self) -> Result<Duration> {
        let begun = Instant::now();
        let commands = std::iter::once(&mut self.command).chain(&mut self.beside);
        let started: Vec<_> = commands.map(Command::spawn).collect();
        let mut succeeded = true;
        for program in started {
            let ended = program.and_then(|mut program| program.wait());
            succeeded &= ended.with_context(|| format!("starting {}", self.name))?.success();
        }
        ensure!(succeeded, "{} failed", self.name);
        Ok(begun.elapsed())
    }
}

/// The checks that can be run on this ground.
fn steps(root: &Path, options: &TestOptions, ground: &Ground) -> Result<Vec<Step>> {
    let required = &ground.required;
    let cargo = |name, arguments: &[&str]| Step::new(name, cargo(root, arguments));
    let mut steps = vec![
        cargo("format", &["fmt", "--all", "--check"]),
        cargo(
            "lints",
            &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
        ),
        // Each feature has to do without the others; all of them together were looked at above.
        cargo(
            "lints without features",
            &["clippy", "--package", "qga-bindings", "--", "-D", "warnings"],
        ),
        cargo(
            "lints with tokio alone",
            &["clippy", "--package", "qga-bindings", "--features", "tokio", "--", "-D", "warnings"],
        ),
        cargo("documentation", &["doc", "--workspace", "--no-deps", "--all-features"]),
        cargo("tests", &["test", "--workspace", "--all-features", "--quiet"]),
    ];
    for step in &mut steps {
        step.command.env("RUSTDOCFLAGS", "-D warnings");
        for variable in required {
            if !LONG.iter().any(|(_, _, long)| long == variable) {
                step.command.env(variable, "1");
            }
        }
    }
    let itself = std::env::current_exe().context("finding this program")?;
    let mut command = Command::new(&itself);
    // The schema has two names that are one in Rust, for which users have to choose.
    let schemas = ["schema", "compile", "tests/cases/accept", "--rename", "Odd.a_b=a_b2"];
    command.args(schemas).current_dir(root);
    steps.push(Step::new("bindings of other schemas", command));
    for (name, test, variable) in LONG.iter().filter(|(_, _, variable)| required.contains(variable))
    {
        let mut step =
            // The same features as above, so that nothing is compiled again.
            cargo(name, &["test", "--workspace", "--all-features", "--test", test, "--quiet"]);
        step.command.env(variable, "1");
        steps.push(step);
    }
    if let Some(corpus) = &ground.corpus {
        let mut command = Command::new(itself);
        command.args(["conformance", "--corpus"]).arg(corpus);
        steps.push(Step::new("conformance", command));
    }
    if ground.counts_instructions {
        // Whether anything takes more than it did.
        let mut step = verb_of_ours(root, "instructions", "bench")?;
        step.command.args(["instructions", "--check"]);
        steps.push(step);
    }
    if !options.no_install {
        // The first page promises it. It installs an agent where there is none.
        steps.push(verb_of_ours(root, "demonstration", "demo")?);
    }
    // Whether what is published can be used, and with which compiler.
    steps.push(verb_of_ours(root, "packages", "package")?);
    if ground.has_oldest_compiler {
        steps.push(verb_of_ours(root, "oldest compiler of the bindings", "oldest")?);
    }
    steps.extend(fuzzing(root));
    Ok(steps)
}

/// A verb of this program.
fn verb_of_ours(root: &Path, name: &'static str, verb: &str) -> Result<Step> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    command.arg(verb).current_dir(root);
    Ok(Step::new(name, command))
}

/// For how long each fuzz target's checks run, in seconds.
const FUZZ: &str = "60";

/// Broken inputs for a while; and the fuzz targets themselves, which need another compiler to run but not to be looked at.
fn fuzzing(root: &Path) -> Vec<Step> {
    // Each is busy on one processor, and most machines have two.
    let mut broken =
        Step::new("broken inputs", broken_inputs(root, ["front_end_limits", "session"]));
    broken.beside = Some(broken_inputs(root, ["replies", "hostile"]));
    let format = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    let lints = ["clippy", "--quiet", "--manifest-path", "fuzz/Cargo.toml"];
    let mut lints = cargo(root, &lints);
    lints.args(["--target-dir", "target/fuzz", "--", "-D", "warnings"]);
    // Nothing is linked, so that the fuzzer itself need not be compiled.
    lints.env("CUSTOM_LIBFUZZER_PATH", "/nowhere/libfuzzer.a");
    vec![
        broken,
        Step::new("format of the fuzz targets", cargo(root, &format)),
        Step::new("lints of the fuzz targets", lints),
    ]
}

/// The tests that make broken inputs, for as long as is asked for.
fn broken_inputs(root: &Path, tests: [&str; 2]) -> Command {
    // The same features as for all tests, so that nothing is compiled again.
    let mut command = cargo(root, &["test", "--workspace", "--all-features", "--quiet"]);
    command.args(tests.into_iter().flat_map(|test| ["--test", test]));
    command.env("QGA_FUZZ_SECONDS", FUZZ);
    command
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root);
    command
}
