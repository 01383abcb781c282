//! The generator against QEMU's own, each as a whole process: a schema to files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::measure::{Contender, Runs, side_by_side};
use super::results::{Family, Growth, Row, median};
use super::{Bench, members, peers};

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let tree = bench.source_tree()?;
    let mut family = Family::default();
    let pinned = ["pinned".into(), bench.root.join("schema"), out(bench, "pinned")];
    let qga = tree.join("qga/qapi-schema.json");
    let runs = against_qapi_gen(bench, pinned, &tree, &qga)?;
    family.rows.extend(rows("the agent's bindings from all pinned releases", &runs, 0.1));

    let qmp = tree.join("qapi/qapi-schema.json");
    ensure!(qmp.is_file(), "{} has no schema of QMP", tree.display());
    let whole = ["schema".into(), qmp.clone(), out(bench, "generated")];
    let runs = against_qapi_gen(bench, whole, &tree, &qmp)?;
    let what = format!("bindings of QMP, of {}", name(&tree));
    family.rows.extend(rows(&what, &runs, 0.2));
    for name in ["pinned", "generated", "qapi-gen"] {
        fs::remove_dir_all(out(bench, name))?;
    }
    front_end(bench, &tree, &qmp, &mut family)?;
    family.growth.extend(members::growth(bench)?);
    Ok(family)
}

/// The release that a tree is of, as far as that is known.
pub(super) fn name(tree: &Path) -> String {
    let version =
        fs::read_to_string(tree.join("VERSION")).map(|text| format!("qemu_{}", text.trim()));
    let archive = || fs::read_to_string(tree.join("archive"));
    version.or_else(|_| archive()).unwrap_or_else(|_| "the tree given".into())
}

/// The front ends by themselves, and ours over several times as much.
fn front_end(bench: &Bench, tree: &Path, schema: &Path, family: &mut Family) -> Result<()> {
    let script = bench.root.join("bench/peers/front_end.py");
    let ours = |copies: &str| {
        let arguments = [schema.as_os_str(), copies.as_ref(), "10".as_ref()];
        Contender::new("ours", bench.program("front-end")).args(arguments)
    };
    let theirs = [script.as_os_str(), tree.as_os_str(), schema.as_os_str(), "3".as_ref()];
    let contenders = [
        ours("1"),
        Contender::new("QEMU's, in Python", peers::python()?).args(theirs),
        ours("2"),
        ours("4"),
    ];
    let runs = side_by_side(&bench.meter, bench.rounds(5), &contenders)?;
    let [once, python, twice, four_times] = &runs[..] else { return Ok(()) };
    let seconds = |runs: &Runs| {
        runs.figures(|cost| cost.numbers().last().map_or(f64::NAN, |time| time / 1e6))
    };
    let what = "front end alone, in process, the schema of QMP";
    let row = Row::new(what, "s", seconds(once));
    let row = row.against(python.name, python.figures(|cost| cost.number() / 1e6));
    family.rows.push(row.at_most(1.0 / 20.0));
    let points = [once, twice, four_times]
        .map(|runs| (median(&runs.figures(super::measure::Cost::number)), median(&seconds(runs))));
    family.growth.push(Growth {
        what: "front end, schema size".into(),
        per: "B".into(),
        unit: "s".into(),
        points: points.into_iter().filter_map(|(size, time)| size.zip(time)).collect(),
    });
    Ok(())
}

/// A folder to write to: in memory if possible, because what is measured are not disks.
fn out(bench: &Bench, name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.join("qga-bench-out") } else { bench.folder.clone() };
    folder.join(name)
}

/// Both generators, in turn.
fn against_qapi_gen(
    bench: &Bench,
    ours: [PathBuf; 3],
    tree: &Path,
    schema: &Path,
) -> Result<Vec<Runs>> {
    let out = out(bench, "qapi-gen");
    let script = tree.join("scripts/qapi-gen.py");
    let contenders = [
        Contender::new("ours", bench.program("generate")).args(ours),
        Contender::new("qapi-gen.py", peers::python()?).args([
            script,
            "-o".into(),
            out.clone(),
            schema.to_owned(),
        ]),
    ];
    fs::create_dir_all(&out).with_context(|| format!("making {}", out.display()))?;
    // Once in vain: the first run of each reads from the disk.
    side_by_side(&bench.meter, 1, &contenders)?;
    side_by_side(&bench.meter, bench.rounds(9), &contenders)
}

fn rows(what: &str, runs: &[Runs], limit: f64) -> Vec<Row> {
    let [ours, theirs] = runs else { return Vec::new() };
    let wall = Row::new(what, "s", ours.figures(|cost| cost.wall));
    let cpu = Row::new(&format!("{what}, processor time"), "s", ours.figures(|cost| cost.cpu));
    let peak =
        Row::new(&format!("{what}, peak memory"), "B", ours.figures(|cost| cost.peak * 1024.0));
    vec![
        wall.against(theirs.name, theirs.figures(|cost| cost.wall)).at_most(limit),
        cpu.against(theirs.name, theirs.figures(|cost| cost.cpu)),
        peak.against(theirs.name, theirs.figures(|cost| cost.peak * 1024.0)),
    ]
}
