//! Clean builds of small programs that depend on a client library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::measure::{Contender, Runs, side_by_side};
use super::results::{Family, Row};
use super::{Bench, cargo, schema};

/// A small program, and what it depends on.
struct Program {
    name: &'static str,
    dependencies: String,
    source: &'static str,
}

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let bindings = bench.root.join("qga-bindings").to_string_lossy().into_owned();
    let ours = |features: &str| {
        format!("qga-bindings = {{ path = {bindings:?}, features = [{features}] }}\n")
    };
    let tokio = "tokio = { version = \"1\", features = [\"net\", \"rt\"] }\n";
    let qapi =
        |features: &str| format!("qapi = {{ version = \"0.15\", features = [{features}] }}\n");
    let pairs = [
        (
            "",
            0.6,
            Program { name: "ours", dependencies: ours(""), source: OURS },
            Program { name: "`qapi` with `qga`", dependencies: qapi("\"qga\""), source: QAPI },
        ),
        (
            ", with tokio",
            0.8,
            Program {
                name: "ours-tokio",
                dependencies: ours("\"tokio\"") + tokio,
                source: OURS_TOKIO,
            },
            Program {
                name: "`qapi` with `qga` and `async-tokio-all`",
                dependencies: qapi("\"qga\", \"async-tokio-all\"") + tokio,
                source: QAPI_TOKIO,
            },
        ),
    ];
    let mut family = Family::default();
    for (with, limit, ours, theirs) in pairs {
        let packages = [ours, theirs].map(|program| (program.name, prepare(bench, &program)));
        let [(our_name, ours), (their_name, theirs)] = packages;
        let what = format!("clean release build of a small program{with}");
        let (ours, theirs) = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(error), _) | (_, Err(error)) => {
                family.rows.push(
                    Row::new(&what, "s", Vec::new())
                        .against(their_name, Vec::new())
                        .at_most(limit)
                        .note(format!("{error:#}")),
                );
                continue;
            }
        };
        let crates = [crates(&ours)?, crates(&theirs)?];
        let contenders = [build(our_name, &ours), build(their_name, &theirs)];
        let runs = side_by_side(&bench.meter, bench.rounds(2), &contenders)?;
        family.rows.extend(rows(&what, &runs, crates, limit, with.is_empty()));
    }
    family.rows.extend(schema::rows(bench).unwrap_or_else(|error| {
        let row = Row::new("types of QMP", "s", Vec::new()).against(schema::DERIVED, Vec::new());
        vec![row.at_most(1.0).note(format!("{error:#}"))]
    }));
    Ok(family)
}

fn rows(
    what: &str,
    runs: &[Runs],
    [our_crates, their_crates]: [f64; 2],
    limit: f64,
    few: bool,
) -> Vec<Row> {
    let [ours, theirs] = runs else { return Vec::new() };
    let cpu = Row::new(&format!("{what}, processor time"), "s", ours.figures(|cost| cost.cpu));
    let wall = Row::new(what, "s", ours.figures(|cost| cost.wall));
    let crates = Row::new("crates that it compiles", "", vec![our_crates]);
    vec![
        cpu.against(theirs.name, theirs.figures(|cost| cost.cpu)).at_most(limit),
        wall.against(theirs.name, theirs.figures(|cost| cost.wall)),
        if few {
            crates.at_most(8.0).note(format!("{} has {their_crates}", theirs.name))
        } else {
            crates.against(theirs.name, vec![their_crates])
        },
    ]
}

/// Writes the package, and has its dependencies downloaded.
fn prepare(bench: &Bench, program: &Program) -> Result<PathBuf> {
    let name: String =
        program.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let package = bench.folder.join("build").join(&name);
    fs::create_dir_all(package.join("src"))
        .with_context(|| format!("making {}", package.display()))?;
    let manifest = format!(
        "[package]\nname = \"small\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}",
        program.dependencies
    );
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::write(package.join("src/main.rs"), program.source)?;
    let status = cargo(&package).args(["fetch", "--quiet"]).status().context("starting cargo")?;
    ensure!(status.success(), "the dependencies of {} are not to be had", program.name);
    Ok(package)
}

/// A build from nothing.
fn build(name: &'static str, package: &Path) -> Contender {
    let script = "rm -rf target; exec cargo build --release --offline --quiet --target-dir target";
    let mut contender = Contender::new(name, "sh").args(["-c", script]);
    contender.command.current_dir(package);
    contender
}

/// How many crates are compiled, beside the program itself.
fn crates(package: &Path) -> Result<f64> {
    let mut command = Command::new("cargo");
    command.args([
        "tree",
        "--offline",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let output = command.current_dir(package).output().context("starting cargo")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<&str> = text.lines().filter_map(|line| line.split(" (").next()).collect();
    lines.sort_unstable();
    lines.dedup();
    let count = u32::try_from(lines.len().saturating_sub(1)).unwrap_or_default();
    Ok(f64::from(count))
}

const OURS: &str = r#"use qga_bindings::{Commands, blocking::Client};

fn main() -> Result<(), qga_bindings::Error> {
    let mut agent = Client::unix("/tmp/agent.sock");
    println!("{}", agent.guest_info()?.version);
    Ok(())
}
"#;

const OURS_TOKIO: &str = r#"use qga_bindings::{CommandsAsync, tokio::Client};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut agent = Client::unix("/tmp/agent.sock");
        println!("{}", agent.guest_info().await?.version);
        Ok(())
    })
}
"#;

const QAPI: &str = r#"use std::os::unix::net::UnixStream;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stream = UnixStream::connect("/tmp/agent.sock")?;
    let mut agent = qapi::Qga::from_stream(&stream);
    println!("{}", agent.execute(&qapi::qga::guest_info {})?.version);
    Ok(())
}
"#;

const QAPI_TOKIO: &str = r#"fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let stream = qapi::futures::QgaStreamTokio::open_uds("/tmp/agent.sock").await?;
        let (agent, _driver) = stream.spawn_tokio();
        println!("{}", agent.execute(qapi::qga::guest_info {}).await?.version);
        Ok(())
    })
}
"#;
