//! Programs and what they cost, side by side: one run of each in turn, so that whatever disturbs the machine disturbs all.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// What one run of a program cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    /// From its start to its end, in seconds.
    pub(super) wall: f64,
    /// Its time on processors, and that of its children, in seconds.
    pub(super) cpu: f64,
    /// The most memory that was resident at once, in KiB.
    pub(super) peak: f64,
    /// What it printed.
    pub(super) printed: String,
}

impl Cost {
    /// The number that it printed.
    pub(super) fn number(&self) -> f64 {
        self.numbers().first().copied().unwrap_or(f64::NAN)
    }

    /// The numbers that it printed.
    pub(super) fn numbers(&self) -> Vec<f64> {
        self.printed.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    }
}

/// Runs programs and says what they cost.
pub(super) struct Meter {
    run: PathBuf,
    report: PathBuf,
}

impl Meter {
    /// Compiles the program that measures others.
    pub(super) fn new(root: &Path, folder: &Path) -> Result<Self> {
        let run = compile(root, folder, "run")?;
        Ok(Self { run, report: folder.join("cost") })
    }

    /// Runs a command to its end.
    pub(super) fn cost(&self, command: &Command) -> Result<Cost> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut measured = Command::new(&self.run);
        measured.arg(&self.report).arg(command.get_program()).args(command.get_args());
        for (variable, value) in command.get_envs() {
            match value {
                Some(value) => measured.env(variable, value),
                None => measured.env_remove(variable),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            measured.current_dir(folder);
        }
        let output = measured.output().with_context(|| format!("measuring {name}"))?;
        ensure!(
            output.status.success(),
            "{name} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let report = fs::read_to_string(&self.report).context("reading what a run cost")?;
        let numbers: Vec<f64> =
            report.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [wall, user, system, peak] = numbers[..] else {
            anyhow::bail!("not understood: {report:?}")
        };
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Cost { wall: wall / 1e6, cpu: (user + system) / 1e6, peak, printed })
    }
}

/// A program that is compared with others.
pub(super) struct Contender {
    /// What it is called in tables.
    pub(super) name: &'static str,
    /// How it is run.
    pub(super) command: Command,
}

impl Contender {
    pub(super) fn new(name: &'static str, program: impl Into<OsString>) -> Self {
        Self { name, command: Command::new(program.into()) }
    }

    pub(super) fn args<A: Into<OsString>>(
        mut self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        self.command.args(arguments.into_iter().map(Into::into));
        self
    }

    pub(super) fn env(mut self, variable: &str, value: impl Into<OsString>) -> Self {
        self.command.env(variable, value.into());
        self
    }
}

/// The costs of a contender, one per round.
pub(super) struct Runs {
    pub(super) name: &'static str,
    pub(super) costs: Vec<Cost>,
}

impl Runs {
    /// One figure of each run.
    pub(super) fn figures(&self, figure: impl FnMut(&Cost) -> f64) -> Vec<f64> {
        self.costs.iter().map(figure).collect()
    }
}

/// Runs the contenders in turn, so many times over.
pub(super) fn side_by_side(
    meter: &Meter,
    rounds: usize,
    contenders: &[Contender],
) -> Result<Vec<Runs>> {
    let mut runs: Vec<Runs> =
        contenders.iter().map(|one| Runs { name: one.name, costs: Vec::new() }).collect();
    for _ in 0..rounds {
        for (contender, runs) in contenders.iter().zip(&mut runs) {
            runs.costs.push(meter.cost(&contender.command)?);
        }
    }
    Ok(runs)
}

/// Compiles one of the programs in C, which show what the machine allows.
pub(super) fn compile(root: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let source = root.join("bench/limits").join(name).with_extension("c");
    let program = folder.join(format!("limit-{name}"));
    let output = Command::new("cc")
        .args(["-O2", "-o"])
        .arg(&program)
        .arg(&source)
        .output()
        .context("starting cc, which Rust needs too")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(program)
}
