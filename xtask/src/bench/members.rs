//! How costs grow with the members of a type: from its schema to its bindings, and from a reply to a value of it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::measure::{Contender, Cost, side_by_side};
use super::results::{Growth, median};
use super::{Bench, cargo};

/// How many members are generated; of the largest type there is no program, because compilers take minutes for it.
const GENERATED: [u32; 4] = [10, 100, 1_000, 10_000];
const DECODED: [u32; 3] = [10, 100, 1_000];

/// How often a program repeats what it measures.
const REPEATS: &str = "10";

pub(super) fn growth(bench: &Bench) -> Result<Vec<Growth>> {
    let generate = GENERATED.map(|members| {
        let arguments = ["time", &members.to_string(), REPEATS];
        Contender::new("generate", bench.program("members")).args(arguments)
    });
    let programs: Vec<_> =
        DECODED.iter().map(|members| program(bench, *members)).collect::<Result<_>>()?;
    let decode: Vec<_> =
        programs.into_iter().map(|program| Contender::new("decode", program)).collect();
    Ok(vec![
        grown(bench, "generating a type", &GENERATED, &generate)?,
        grown(bench, "decoding a value of a type", &DECODED, &decode)?,
    ])
}

fn grown(bench: &Bench, what: &str, members: &[u32], programs: &[Contender]) -> Result<Growth> {
    let runs = side_by_side(&bench.meter, bench.rounds(5), programs)?;
    let times = runs.iter().map(|runs| median(&runs.figures(Cost::number)));
    let points = members.iter().zip(times);
    Ok(Growth {
        what: what.into(),
        per: "members".into(),
        unit: "s".into(),
        points: points.filter_map(|(&members, time)| Some((members.into(), time? / 1e6))).collect(),
    })
}

/// Builds a program that decodes a value of a type with so many members.
fn program(bench: &Bench, members: u32) -> Result<PathBuf> {
    let folder = bench.folder.join("members");
    let package = folder.join(members.to_string());
    fs::create_dir_all(package.join("src"))
        .with_context(|| format!("making {}", package.display()))?;
    let name = format!("decode-{members}");
    let bindings = bench.root.join("qga-bindings").to_string_lossy().into_owned();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         qga-bindings = {{ path = {bindings:?} }}\nserde_json = \"1\"\n"
    );
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::write(package.join("src/main.rs"), DECODE)?;
    let arguments = ["package", &members.to_string(), &package.to_string_lossy()];
    bench
        .meter
        .cost(&Contender::new("members", bench.program("members")).args(arguments).command)?;
    let mut build = cargo(&package);
    build.args(["build", "--release", "--quiet", "--target-dir"]).arg(folder.join("target"));
    ensure!(build.status().context("starting cargo")?.success(), "{name} does not build");
    Ok(folder.join("target/release").join(name))
}

/// Prints the median time of decoding once, in microseconds.
const DECODE: &str = r#"// Most of what is generated is for others.
#[allow(dead_code)]
mod generated;

use std::hint::black_box;
use std::time::Instant;

const REPLY: &str = include!("reply.rs");

fn main() -> serde_json::Result<()> {
    let mut times = Vec::new();
    for _ in 0..1001 {
        let begun = Instant::now();
        black_box(serde_json::from_str::<generated::types::Many>(black_box(REPLY))?);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    println!("{:.3}", times[times.len() / 2].as_secs_f64() * 1e6);
    Ok(())
}
"#;
