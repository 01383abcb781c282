//! Round trips: clients of a real agent, each as a program of its own that prints the median of many calls.

use anyhow::Result;

use super::agent::Agent;
use super::measure::{Contender, Runs, compile, side_by_side};
use super::results::{Family, Row};
use super::{Bench, instructions, peers, system_calls};

/// How many calls a client makes in one round: few, in many rounds, because machines get slower and faster from one second to the
/// next.
const CALLS: &str = "1000";

pub(super) fn measure(bench: &Bench) -> Result<Family> {
    let agent = Agent::start(&bench.root)?;
    let mut family = Family::default();
    for command in ["ping", "info"] {
        family.rows.extend(round_trips(bench, &agent, command)?);
    }
    family.rows.extend(instructions_of_calls(instructions::of_calls(bench, &agent)));
    family.rows.extend(system_calls::of_calls(bench, &agent));
    Ok(family)
}

/// The rows, which say so where nothing can be counted: what else was measured is not thrown away for that.
fn instructions_of_calls(counted: Result<Vec<Row>>) -> Vec<Row> {
    counted.unwrap_or_else(|error| {
        let note = format!("not counted: {error:#}");
        vec![Row::new("instructions of a `guest-ping`", "instructions", Vec::new()).note(note)]
    })
}

fn round_trips(bench: &Bench, agent: &Agent, command: &str) -> Result<Vec<Row>> {
    let socket = agent.socket();
    let socket = socket.to_string_lossy();
    let own = |name, program: &str| {
        Contender::new(name, bench.program(program)).args([&*socket, command, CALLS])
    };
    let mut contenders = vec![
        own("blocking", "client"),
        own("tokio", "client-tokio"),
        Contender::new("C loop", compile(&bench.root, &bench.folder, "call")?).args([
            &*socket,
            &format!("guest-{command}"),
            CALLS,
        ]),
    ];
    let mut missing = Vec::new();
    match peers::qapi(bench) {
        Ok(program) => {
            for (name, face) in [("`qapi`", "blocking"), ("`qapi` on tokio", "tokio")] {
                contenders
                    .push(Contender::new(name, &program).args([&*socket, face, command, CALLS]));
            }
        }
        Err(error) => missing.push(format!("no `qapi`: {error:#}")),
    }
    match peers::qmp(bench).and_then(|folder| Ok((folder, peers::python()?))) {
        Ok((folder, python)) => {
            let script = bench.root.join("bench/peers/qmp.py");
            let contender = Contender::new("qemu.qmp", python).args([
                &*script.to_string_lossy(),
                &socket,
                command,
                CALLS,
            ]);
            contenders.push(contender.env("PYTHONPATH", folder));
        }
        Err(error) => missing.push(format!("no qemu.qmp: {error:#}")),
    }
    let runs = side_by_side(&bench.meter, bench.rounds(31), &contenders)?;
    Ok(rows(command, &runs, &missing))
}

fn rows(command: &str, runs: &[Runs], missing: &[String]) -> Vec<Row> {
    let compared = [
        ("blocking", "C loop", 1.10),
        ("blocking", "`qapi`", 1.0),
        ("blocking", "qemu.qmp", 1.0),
        ("tokio", "`qapi` on tokio", 1.0),
    ];
    let figures = |name: &str| {
        let runs = runs.iter().find(|runs| runs.name == name);
        runs.map(|runs| runs.figures(|cost| cost.number() / 1e6)).unwrap_or_default()
    };
    let rows = compared.into_iter().map(|(ours, theirs, limit)| {
        let row = Row::new(&format!("`guest-{command}` round trip, {ours}"), "s", figures(ours));
        let row = row.against(theirs, figures(theirs)).at_most(limit);
        if row.theirs.is_empty() {
            Row { ours: Vec::new(), ..row }.note(missing.join("; "))
        } else {
            row
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_cannot_be_counted_is_a_row_that_says_why() {
        let rows = instructions_of_calls(Err(anyhow!("there is no valgrind")));
        let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
        assert!(row.ours.is_empty());
        assert_eq!(row.note, "not counted: there is no valgrind");
    }
}
