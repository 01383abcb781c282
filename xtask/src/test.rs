//! `cargo xtask test`: everything that has to hold before a change lands, with what it needs installed first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::install;

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
    let cargo = |name, arguments: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(root);
        Step { name, command }
    };
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
    if toolchain(BINDINGS_TOOLCHAIN) {
        let mut command = Command::new("cargo");
        command
            .args([
                &format!("+{BINDINGS_TOOLCHAIN}"),
                "check",
                "--package",
                "qga-bindings",
                "--all-features",
            ])
            .current_dir(root);
        steps.push(Step { name: "oldest compiler of the bindings", command });
    } else {
        println!(
            "no Rust {BINDINGS_TOOLCHAIN} here: the oldest compiler the bindings promise is not tried"
        );
    }
    Ok(steps)
}

/// `rust-version` of the bindings.
const BINDINGS_TOOLCHAIN: &str = "1.85.0";

fn toolchain(version: &str) -> bool {
    let output = Command::new("rustup").args(["toolchain", "list"]).output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).lines().any(|line| line.starts_with(version))
    })
}
