//! The tool `qga` as a whole process: what somebody waits for who asks once.

use anyhow::Result;

use super::Bench;
use super::agent::Agent;
use super::measure::{Contender, compile, side_by_side};
use super::results::{Family, Row};
use super::twins::Twins;
use crate::lab::Lab;

/// A third of what `virsh qemu-agent-command` takes at least, where it was tried.
const THIRD_OF_VIRSH: f64 = 23e-3 / 3.0;

/// How long a process may take to start.
const START: f64 = 10e-3;

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let agent = Agent::start(&bench.root)?;
    let socket = agent.socket();
    let socket = socket.to_string_lossy();
    let contenders =
        [
            Contender::new("ping", bench.program("qga")).args(["--connect", &*socket, "ping"]),
            Contender::new("start", bench.program("qga")).args(["--version"]),
            Contender::new("C loop, one call", compile(&bench.root, &bench.folder, "call")?)
                .args([&*socket, "guest-ping", "1"]),
        ];
    // Once in vain: the first run of each reads from the disk.
    side_by_side(&bench.meter, 1, &contenders)?;
    let runs = side_by_side(&bench.meter, bench.rounds(30), &contenders)?;
    let [ping, start, limit] = &runs[..] else { return Ok(Family::default()) };
    let walls = ping.figures(|cost| cost.wall);
    let peak = Row::new("peak memory of `qga ping`", "B", ping.figures(|cost| cost.peak * 1024.0));
    let rows = vec![
        beside_virsh(bench).unwrap_or_else(|error| {
            let row = Row::new("`qga ping`, whole process", "s", walls.clone());
            row.at_most(THIRD_OF_VIRSH).note(format!(
                "`virsh qemu-agent-command`, which takes at least 23 ms, does not run here: {error:#}"
            ))
        }),
        Row::new("`qga ping`, whole process", "s", walls)
            .against(limit.name, limit.figures(|cost| cost.wall)),
        Row::new("start-up, as of `qga --version`", "s", start.figures(|cost| cost.wall))
            .at_most(START),
        peak,
    ];
    Ok(Family { rows, ..Family::default() })
}

/// Both tools, each with a guest of its own that is like the other's.
fn beside_virsh(bench: &Bench) -> Result<Row> {
    let twins = Twins::start(&Lab::of(&bench.root))?;
    let socket = twins.socket();
    let contenders = [
        Contender::new("`qga`", bench.program("qga")).args([
            "--connect".as_ref(),
            socket.as_os_str(),
            "ping".as_ref(),
        ]),
        Contender { name: "`virsh qemu-agent-command`", command: twins.virsh() },
    ];
    side_by_side(&bench.meter, 1, &contenders)?;
    let runs = side_by_side(&bench.meter, bench.rounds(30), &contenders)?;
    let [ours, theirs] = [0, 1]
        .map(|at| runs.get(at).map(|runs| runs.figures(|cost| cost.wall)).unwrap_or_default());
    let row = Row::new("`qga ping` of an emulated guest, whole process", "s", ours);
    let row = row.against("`virsh qemu-agent-command`", theirs).at_most(1.0 / 3.0);
    Ok(row.note(
        "both channels are kept open; one that is not costs up to 100 ms, which the agent sleeps",
    ))
}
