//! Many guests at once: one program with a client of each, and another that plays the guests.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::Bench;
use super::measure::{Contender, side_by_side};
use super::results::{Family, Growth, Row, median};

/// So many connections need as many file descriptors.
const RAISED: &str = "ulimit -S -n \"$(ulimit -H -n)\"; exec \"$@\"";

const COUNTS: [u32; 3] = [100, 1_000, 10_000];

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let guests = Guests::start(&bench.program("guests"), &bench.folder)?;
    let program = bench.program("fleet").to_string_lossy().into_owned();
    let socket = guests.socket.to_string_lossy();
    let contenders = COUNTS.map(|count| {
        let arguments =
            ["-c", RAISED, "fleet", &program, &*socket, &count.to_string()].map(str::to_owned);
        Contender::new("fleet", "sh").args(arguments)
    });
    let runs = side_by_side(&bench.meter, bench.rounds(5), &contenders)?;
    let mut family = Family::default();
    let figure = |at: usize| {
        let series = runs
            .iter()
            .map(|runs| runs.figures(|cost| cost.numbers().get(at).copied().unwrap_or(f64::NAN)));
        COUNTS.into_iter().map(f64::from).zip(series).collect::<Vec<_>>()
    };
    for (count, bytes) in figure(1) {
        let row = Row::new(&format!("memory of each of {count} clients that wait"), "B", bytes);
        family.rows.push(row.at_most(8192.0));
    }
    let calls: Vec<_> = figure(2)
        .into_iter()
        .map(|(count, seconds)| {
            (count, seconds.iter().map(|time| count / time).collect::<Vec<_>>())
        })
        .collect();
    if let [(_, few), .., (_, many)] = &calls[..] {
        let row = Row::new("calls per second, of 10,000 guests", "", many.clone());
        family.rows.push(row.against("100 guests", few.clone()).at_least(0.8));
    }
    for (what, at) in [("clients until each has answered once", 0), ("one call of each client", 2)]
    {
        let points =
            figure(at).into_iter().filter_map(|(count, seconds)| Some((count, median(&seconds)?)));
        family.growth.push(Growth {
            what: what.into(),
            per: "guests".into(),
            unit: "s".into(),
            points: points.collect(),
        });
    }
    Ok(family)
}

/// The program that plays the guests. It ends when this is dropped.
struct Guests {
    child: Child,
    socket: PathBuf,
}

impl Guests {
    fn start(program: &Path, folder: &Path) -> Result<Self> {
        let socket = std::env::temp_dir().join(format!("qga-fleet-{}", std::process::id()));
        drop(std::fs::remove_file(&socket));
        let mut child = Command::new("sh")
            .args(["-c", RAISED, "guests"])
            .arg(program)
            .arg(&socket)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the guests")?;
        let mut said = String::new();
        let output = child.stdout.take().context("the guests say nothing")?;
        let guests = Self { child, socket };
        BufReader::new(output).read_line(&mut said)?;
        ensure!(said.starts_with("listening"), "the guests do not listen");
        Ok(guests)
    }
}

impl Drop for Guests {
    fn drop(&mut self) {
        // They end with their input; there is nothing to be done about an error.
        drop(self.child.stdin.take());
        drop(self.child.wait());
        drop(std::fs::remove_file(&self.socket));
    }
}
