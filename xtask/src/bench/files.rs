//! Files: a large reply decoded, and copies through a real agent.

use anyhow::Result;

use super::Bench;
use super::agent::Agent;
use super::measure::{Contender, Cost, compile, side_by_side};
use super::results::{Family, Growth, Row, median};

/// What agents read at once at most.
const LARGEST_READ: u32 = 48 << 20;

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let mut family = Family::default();
    decode(bench, &mut family)?;
    copies(bench, &mut family)?;
    Ok(family)
}

fn decode(bench: &Bench, family: &mut Family) -> Result<()> {
    let sizes = [LARGEST_READ / 4, LARGEST_READ / 2, LARGEST_READ];
    let decode = |how: &str, bytes: u32| {
        Contender::new("decode", bench.program("decode")).args([how, &bytes.to_string()])
    };
    let contenders: Vec<_> = sizes.iter().map(|bytes| decode("side-by-side", *bytes)).collect();
    let runs = side_by_side(&bench.meter, bench.rounds(9), &contenders)?;
    let seconds = |cost: &Cost, at: usize| cost.numbers().get(at).copied().unwrap_or(f64::NAN);
    if let Some(largest) = runs.last() {
        let speed = |at| largest.figures(|cost| f64::from(LARGEST_READ) / seconds(cost, at));
        let row = Row::new("decoding a reply of 48 MiB, in payload", "B/s", speed(0));
        family.rows.push(row.against("memchr and base64 alone", speed(1)).at_least(0.6));
    }
    let points = sizes.iter().zip(&runs).filter_map(|(bytes, runs)| {
        Some((f64::from(*bytes), median(&runs.figures(|cost| seconds(cost, 0)))?))
    });
    family.growth.push(Growth {
        what: "decoding a reply".into(),
        per: "B".into(),
        unit: "s".into(),
        points: points.collect(),
    });
    let once = bench.meter.cost(&decode("once", LARGEST_READ).command)?;
    // Its text is a third longer than what it says.
    let two_copies = f64::from(LARGEST_READ) * (1.0 + 4.0 / 3.0);
    let row = Row::new(
        "peak memory of that, whose text and bytes are 112 MiB",
        "B",
        vec![once.peak * 1024.0],
    );
    family.rows.push(row.at_most(two_copies + f64::from(8 << 20)));
    Ok(())
}

fn copies(bench: &Bench, family: &mut Family) -> Result<()> {
    let agent = Agent::start(&bench.root)?;
    let mebibytes: u32 = if bench.quick { 128 } else { 1024 };
    let bytes = f64::from(mebibytes) * f64::from(1 << 20);
    let (guest, local) =
        (agent.file("guest", u64::from(mebibytes) << 20)?, agent.file("local", 0)?);
    let socket = agent.socket();
    let limit = compile(&bench.root, &bench.folder, "files")?;
    // What these are unless one says otherwise.
    for (direction, chunk) in [("out", "524288"), ("in", "65536")] {
        let paths = [&guest, &local].map(|path| path.to_string_lossy());
        let [guest, local] = paths.each_ref().map(|path| &**path);
        let arguments = [&*socket.to_string_lossy(), direction, guest, local, chunk];
        let contenders = [
            Contender::new("ours", bench.program("client")).args(arguments),
            Contender::new("C client", &limit).args(arguments),
        ];
        let runs = side_by_side(&bench.meter, bench.rounds(3), &contenders)?;
        let [ours, theirs] = &runs[..] else { continue };
        let speed = |cost: &Cost| bytes / (cost.number() / 1e6);
        let what = format!("{mebibytes} MiB {direction}, {chunk} bytes at once");
        let row = Row::new(&what, "B/s", ours.figures(speed));
        family.rows.push(row.against(theirs.name, theirs.figures(speed)).at_least(0.9));
        let peak = Row::new(
            &format!("peak memory of that, {direction}"),
            "B",
            ours.figures(|cost| cost.peak * 1024.0),
        );
        family.rows.push(peak.at_most(f64::from(32 << 20)));
    }
    Ok(())
}
