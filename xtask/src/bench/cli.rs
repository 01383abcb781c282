//! The tool `qga` as a whole process: what somebody waits for who asks once.

use anyhow::Result;

use super::Bench;
use super::agent::Agent;
use super::measure::{Contender, compile, side_by_side};
use super::results::{Family, Row};

/// A third of what `virsh qemu-agent-command` takes at least, where both were tried in the same guest: 23 to 32 ms.
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
    let virsh = Row::new("`qga ping`, whole process", "s", walls.clone()).at_most(THIRD_OF_VIRSH);
    let peak = Row::new("peak memory of `qga ping`", "B", ping.figures(|cost| cost.peak * 1024.0));
    let rows = vec![
        virsh.note("the goal is a third of the 23 ms that `virsh qemu-agent-command` takes at least; it is not run here"),
        Row::new("`qga ping`, whole process", "s", walls).against(limit.name, limit.figures(|cost| cost.wall)),
        Row::new("start-up, as of `qga --version`", "s", start.figures(|cost| cost.wall)).at_most(START),
        peak,
    ];
    Ok(Family { rows, ..Family::default() })
}
