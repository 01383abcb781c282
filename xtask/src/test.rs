//! `cargo xtask test`: everything that has to hold before a change lands, with what it needs installed first.

mod ground;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

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
    for mut step in steps(root, options, &ground)? {
        println!("\n== {}", step.name);
        let begun = Instant::now();
        let status = step.command.status().with_context(|| format!("starting {}", step.name))?;
        ensure!(status.success(), "{} failed", step.name);
        report.push((step.name, begun.elapsed()));
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
}

/// The checks that can be run on this ground.
fn steps(root: &Path, options: &TestOptions, ground: &Ground) -> Result<Vec<Step>> {
    let required = &ground.required;
    let cargo = |name, arguments: &[&str]| Step { name, command: cargo(root, arguments) };
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
    steps.push(Step { name: "bindings of other schemas", command });
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
        steps.push(Step { name: "conformance", command });
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
    Ok(Step { name, command })
}

/// For how long each fuzz target's checks run, in seconds.
const FUZZ: &str = "60";

/// Broken inputs for a while; and the fuzz targets themselves, which need another compiler to run but not to be looked at.
fn fuzzing(root: &Path) -> Vec<Step> {
    let steps: [(_, &[&str]); 3] = [
        // The same features as above, so that nothing is compiled again.
        (
            "broken inputs",
            &[
                "test",
                "--workspace",
                "--all-features",
                "--quiet",
                "--test",
                "front_end_limits",
                "--test",
                "session",
                "--test",
                "replies",
                "--test",
                "hostile",
            ],
        ),
        ("format of the fuzz targets", &["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]),
        (
            "lints of the fuzz targets",
            &[
                "clippy",
                "--quiet",
                "--manifest-path",
                "fuzz/Cargo.toml",
                "--target-dir",
                "target/fuzz",
                "--",
                "-D",
                "warnings",
            ],
        ),
    ];
    let step = |(name, arguments): (_, &[&str])| {
        let mut command = cargo(root, arguments);
        command.env("QGA_FUZZ_SECONDS", FUZZ);
        // Nothing is linked, so that the fuzzer itself need not be compiled.
        command.env("CUSTOM_LIBFUZZER_PATH", "/nowhere/libfuzzer.a");
        Step { name, command }
    };
    steps.map(step).into()
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root);
    command
}
