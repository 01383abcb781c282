//! Running a small program to its end, through a real agent.

use anyhow::Result;

use super::Bench;
use super::agent::Agent;
use super::measure::{Contender, compile, side_by_side};
use super::results::{Family, Row};

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let agent = Agent::start(&bench.root)?;
    let socket = agent.socket();
    let socket = socket.to_string_lossy();
    let count = if bench.quick { "50" } else { "200" };
    let spinning = compile(&bench.root, &bench.folder, "exec")?;
    let contenders = [
        Contender::new("ours", bench.program("client")).args([&*socket, "exec", count]),
        Contender::new("C, spinning", spinning).args([&*socket, count]),
    ];
    let runs = side_by_side(&bench.meter, bench.rounds(9), &contenders)?;
    let [ours, theirs] = &runs[..] else { return Ok(Family::default()) };
    let time =
        Row::new("`/bin/true` from start to end", "s", ours.figures(|cost| cost.number() / 1e6));
    let cpu = Row::new(
        &format!("{count} of them, our processor time"),
        "s",
        ours.figures(|cost| cost.cpu),
    );
    let rows = vec![
        time.against(theirs.name, theirs.figures(|cost| cost.number() / 1e6)).at_most(1.15),
        cpu.against(theirs.name, theirs.figures(|cost| cost.cpu)).at_most(0.1),
    ];
    Ok(Family { rows, ..Family::default() })
}
