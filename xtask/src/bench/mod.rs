//! `cargo xtask bench ...`: what everything costs, side by side with others and with what the machine allows.

mod agent;
mod build;
mod call;
mod cli;
mod derived;
mod exec;
mod files;
mod fleet;
mod generate;
pub(crate) mod instructions;
mod machine;
mod measure;
mod members;
mod page;
mod peers;
mod results;
mod schema;
mod system_calls;
mod twins;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};

use measure::Meter;
use results::{Family, Results};

use crate::lab::{Lab, source};

const USAGE: &str = "\
usage: cargo xtask bench [FAMILY...] [--quick] [--tree DIR]
       cargo xtask bench instructions --check|--record
       cargo xtask bench render

  --quick      fewer and shorter runs
  --tree DIR   the QEMU source tree to take schemas and qapi-gen.py from; otherwise Debian's source package is fetched
  instructions count the instructions of what runs most, and compare with bench/instructions.json; or write that
  render       write docs/performance.md anew from bench/results.json

Families:";

/// The families, in the order they are measured: what is said of them, and how they are measured.
const FAMILIES: &[(&str, &str, Measure)] = &[
    ("generate", "schemas to Rust", generate::measure),
    ("build", "clean builds of what depends on the bindings", build::measure),
    ("call", "round trips, and the instructions of one", call::measure),
    ("cli", "the tool as a whole process", cli::measure),
    ("files", "large replies, and files in and out", files::measure),
    ("exec", "a small program in the guest", exec::measure),
    ("fleet", "one program with clients of many guests", fleet::measure),
];

type Measure = fn(&Bench) -> Result<Family>;

/// Where the results are, and the page that is made of them.
const RESULTS: &str = "bench/results.json";
const PAGE: &str = "docs/performance.md";

/// What all families need.
struct Bench {
    root: PathBuf,
    /// For everything that is fetched and made.
    folder: PathBuf,
    quick: bool,
    tree: Option<PathBuf>,
    meter: Meter,
}

impl Bench {
    fn new(root: &Path, quick: bool, tree: Option<PathBuf>) -> Result<Self> {
        let folder = target(root).join("bench");
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let meter = Meter::new(root, &folder)?;
        Ok(Self { root: root.to_owned(), folder, quick, tree, meter })
    }

    /// `full` in a full run, and fewer in a quick one.
    fn rounds(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(3) } else { full }
    }

    /// The source tree of QEMU: the one given, or else that of a Debian package.
    fn source_tree(&self) -> Result<PathBuf> {
        self.tree.clone().map_or_else(|| source::qemu(&Lab::of(&self.root)), Ok)
    }

    /// Where a program of the project's is, once it is built.
    fn program(&self, name: &str) -> PathBuf {
        target(&self.root).join("release").join(name)
    }
}

/// Runs `cargo xtask bench` with these arguments.
pub fn main(arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["help" | "--help" | "-h"] => {
            println!("{}", usage());
            Ok(())
        }
        ["instructions", "--check"] => crate::root().and_then(|root| instructions::check(&root)),
        ["instructions", "--record"] => crate::root().and_then(|root| instructions::record(&root)),
        ["render"] => crate::root().and_then(|root| render(&root)),
        _ => run(&arguments),
    };
    result.map_or_else(
        |error| {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn usage() -> String {
    let families = FAMILIES.iter().map(|(name, about, _)| format!("\n  {name:12} {about}"));
    families.fold(USAGE.to_owned(), |usage, family| usage + &family)
}

fn run(arguments: &[&str]) -> Result<()> {
    let (mut chosen, mut quick, mut tree) = (Vec::new(), false, None);
    let mut waiting = arguments.iter();
    while let Some(&argument) = waiting.next() {
        match argument {
            "--quick" => quick = true,
            "--tree" => {
                let folder = waiting.next().context("--tree needs a folder")?;
                tree = Some(
                    PathBuf::from(folder).canonicalize().with_context(|| (*folder).to_owned())?,
                );
            }
            name if FAMILIES.iter().any(|(family, ..)| *family == name) => chosen.push(name),
            unknown => bail!("`{unknown}` is not understood\n\n{}", usage()),
        }
    }
    let root = crate::root()?;
    let bench = Bench::new(&root, quick, tree)?;
    build_programs(&root)?;
    let path = root.join(RESULTS);
    let mut failed = Vec::new();
    for (name, about, measure) in FAMILIES {
        if !chosen.is_empty() && !chosen.contains(name) {
            continue;
        }
        println!("\n== {name}: {about}");
        // One that fails keeps its former results, and does not keep the others from being measured.
        match measure(&bench) {
            Ok(family) => keep(&path, name, Family { day: machine::day(), quick, ..family })?,
            Err(error) => {
                eprintln!("{name} is not measured: {error:#}");
                failed.push(*name);
            }
        }
    }
    render(&root)?;
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

/// Builds what is measured of the project's own.
fn build_programs(root: &Path) -> Result<()> {
    println!("building what is measured");
    let status = cargo(root)
        .args(["build", "--release", "--quiet", "--package", "qga-bench"])
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "what is to be measured does not build");
    let status = cargo(root)
        .args(["build", "--release", "--quiet", "--package", "qga-cli"])
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "what is to be measured does not build");
    Ok(())
}

fn keep(path: &Path, name: &str, family: Family) -> Result<()> {
    print!("{}", page::table(name, &family));
    let mut results = Results::read(path)?;
    results.machine = machine::describe();
    results.families.insert(name.to_owned(), family);
    fs::write(path, results.text()?).with_context(|| format!("writing {}", path.display()))
}

fn render(root: &Path) -> Result<()> {
    let path = root.join(PAGE);
    let old = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let new = page::page(&old, &Results::read(&root.join(RESULTS))?)?;
    if new != old {
        fs::write(&path, new).with_context(|| format!("writing {}", path.display()))?;
        println!("\nwrote {PAGE}");
    }
    Ok(())
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).env("CARGO_INCREMENTAL", "0");
    command
}

/// Where cargo builds.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
