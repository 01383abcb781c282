//! `cargo xtask test`: everything that has to hold before a change lands, with what it needs installed first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::{install, oldest};

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
    let agent = if options.no_install { install::find_agent() } else { install::agent()? };
    let chromium = if options.no_install { install::find_chromium() } else { install::chromium()? };
    let shells = if options.no_install { install::find_shells() } else { install::shells()? };
    let mut required = set_up_lab(root, options);
    required.extend(shells.map(|_| "QGA_REQUIRE_SHELLS"));
    required.extend(cfg!(target_os = "linux").then_some(IMAGE));
    required.extend(agent.map(|_| "QGA_REQUIRE_AGENT"));
    required.push(SOAK);
    required.extend(chromium.map(|_| "QGA_REQUIRE_CHROMIUM"));
    let mut report = Vec::new();
    for mut step in steps(root, options, &required)? {
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
    Ok(())
}

/// The variable that has guests booted.
const GUESTS: &str = "QGA_REQUIRE_VM";

/// The variable that has guests run below libvirt.
const LIBVIRT: &str = "QGA_REQUIRE_LIBVIRT";

/// The variable that has the container image built.
const IMAGE: &str = "QGA_REQUIRE_IMAGE";

/// The variable that has clients used for a while.
const SOAK: &str = "QGA_REQUIRE_SOAK";

/// The tests that take so long that they are steps of their own: each with the variable that demands it.
const LONG: [(&str, &str, &str); 3] = [
    ("guests", "vm", GUESTS),
    ("guests below libvirt", "libvirt", LIBVIRT),
    ("container image", "image", IMAGE),
];

/// Fetches what the lab lacks, if that is allowed, and returns the variables that demand what it has.
#[cfg(unix)]
fn set_up_lab(root: &Path, options: &TestOptions) -> Vec<&'static str> {
    use crate::lab::{Lab, agents, guest, libvirt};
    let lab = Lab::of(root);
    if !options.no_install {
        let fetched =
            agents::fetch(&lab, agents::SUITES).and_then(|_| guest::fetch_oldest_and_newest(&lab));
        let fetched = fetched
            .and_then(|()| libvirt::usable())
            .and_then(|()| libvirt::fetch_oldest_and_newest(&lab));
        if let Err(error) = fetched {
            println!("the lab is not complete: {error:#}");
        }
    }
    let agents = (!agents::fetched(&lab).is_empty()).then_some("QGA_REQUIRE_LAB");
    let guests = (!guest::fetched(&lab).is_empty()).then_some(GUESTS);
    let libvirts =
        (libvirt::usable().is_ok() && !libvirt::fetched(&lab).is_empty()).then_some(LIBVIRT);
    [agents, guests, libvirts].into_iter().flatten().collect()
}

#[cfg(not(unix))]
fn set_up_lab(_: &Path, _: &TestOptions) -> Vec<&'static str> {
    Vec::new()
}

/// One check.
struct Step {
    name: &'static str,
    command: Command,
}

/// The checks, where the tests have what these variables demand.
fn steps(root: &Path, options: &TestOptions, required: &[&'static str]) -> Result<Vec<Step>> {
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
    if let Some(corpus) = &options.corpus {
        let mut command = Command::new(itself);
        command.args(["conformance", "--corpus"]).arg(corpus);
        steps.push(Step { name: "conformance", command });
    }
    steps.extend(instructions(root, options)?);
    if !options.no_install {
        // The first page promises it. It installs an agent where there is none.
        steps.push(verb_of_ours(root, "demonstration", "demo")?);
    }
    steps.extend(publishing(root)?);
    steps.extend(fuzzing(root));
    Ok(steps)
}

/// A verb of this program.
fn verb_of_ours(root: &Path, name: &'static str, verb: &str) -> Result<Step> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    command.arg(verb).current_dir(root);
    Ok(Step { name, command })
}

/// Whether anything takes more instructions than it did.
fn instructions(root: &Path, options: &TestOptions) -> Result<Option<Step>> {
    let valgrind = if options.no_install { install::find_valgrind() } else { install::valgrind()? };
    if valgrind.is_none() {
        println!("SKIPPED: there is no valgrind to count instructions with");
        return Ok(None);
    }
    let mut step = verb_of_ours(root, "instructions", "bench")?;
    step.command.args(["instructions", "--check"]);
    Ok(Some(step))
}

/// Whether what is published can be used, and with which compiler.
fn publishing(root: &Path) -> Result<Vec<Step>> {
    let mut steps = vec![verb_of_ours(root, "packages", "package")?];
    if oldest::is_there(root) {
        steps.push(verb_of_ours(root, "oldest compiler of the bindings", "oldest")?);
    } else {
        println!(
            "the oldest compiler that the bindings promise to do with is not tried: `cargo xtask lab rust` fetches it, \
             which takes 121 MB"
        );
    }
    Ok(steps)
}

/// For how long each fuzz target's checks run, in seconds.
const FUZZ: &str = "30";

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
