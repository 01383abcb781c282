//! Broken schemas through everything, for as long as wanted: `cargo run --release -p qga-tests --bin fuzz -- --help`.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use qapi_codegen::dialect::Dialect;
use qapi_codegen::schema::Schema;
use qga_tests::back_ends::check_everything;
use qga_tests::clock::computing_time;
use qga_tests::front_end;
use qga_tests::mutate;

const USAGE: &str = "\
usage: fuzz [--inputs N] [--seconds N] [--run N] [--from N]
       fuzz FILE...

Breaks the schemas of this workspace, and takes each through the front end in its strictest and its most tolerant
form, and what that accepts through dumps, introspection, import, comparison, history and the generator.

  --inputs N   stop after that many (10000000)
  --seconds N  stop after that time (600)
  --run N      another number, other inputs (1)
  --from N     begin with this input (0)

The input at hand is in target/fuzz-input: whatever stops this program, there it is. With files, those are the
inputs, and the time and memory that each took is printed.";

/// What one input may take at most.
const TIME: Duration = Duration::from_secs(1);
/// What the process may take at most, in KiB.
const MEMORY: u64 = 256 << 10;
/// As little as a thread gets by default.
const STACK: usize = 2 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // On a thread of its own: there is less room on the stack than in the main one.
    let work = thread::Builder::new().stack_size(STACK).spawn(move || run(&arguments));
    let done = work.map_err(|error| error.to_string()).map(thread::JoinHandle::join);
    match done {
        Ok(Ok(Ok(report))) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Ok(Ok(Err(complaint))) | Err(complaint) => {
            eprintln!("{complaint}");
            ExitCode::FAILURE
        }
        Ok(Err(_)) => ExitCode::FAILURE,
    }
}

struct Plan {
    inputs: u64,
    seconds: u64,
    run: u64,
    from: u64,
}

fn run(arguments: &[String]) -> Result<String, String> {
    let mut plan = Plan { inputs: 10_000_000, seconds: 600, run: 1, from: 0 };
    let mut files = Vec::new();
    let mut waiting = arguments.iter();
    while let Some(argument) = waiting.next() {
        let number = match argument.as_str() {
            "--inputs" => &mut plan.inputs,
            "--seconds" => &mut plan.seconds,
            "--run" => &mut plan.run,
            "--from" => &mut plan.from,
            option if option.starts_with('-') => return Err(USAGE.to_owned()),
            file => {
                files.push(file);
                continue;
            }
        };
        *number = waiting.next().and_then(|text| text.parse().ok()).ok_or(USAGE)?;
    }
    if files.is_empty() { fuzz(&plan) } else { files.into_iter().map(weigh).collect() }
}

/// What one file takes.
fn weigh(file: &str) -> Result<String, String> {
    let text = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let reading = computing_time(|| front_end::check_front_end(&text));
    let memory = memory_peak();
    let mut accepted = false;
    let all = computing_time(|| accepted = check_everything(&text, None));
    let verdict = if accepted { "accepted" } else { "rejected" };
    Ok(format!(
        "{file}: {verdict}; front end {reading:.2?}, {} MiB; everything {all:.2?}, {} MiB\n",
        memory >> 10,
        memory_peak() >> 10
    ))
}

fn fuzz(plan: &Plan) -> Result<String, String> {
    let seeds = mutate::seeds();
    let older: Vec<Option<Schema>> =
        seeds.iter().map(|seed| front_end::read(seed, Dialect::any())).collect();
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz-input");
    let begun = Instant::now();
    let (mut accepted, mut bytes, mut largest, mut slowest) = (0_u64, 0, 0, Duration::ZERO);
    let mut number = plan.from;
    while number < plan.from.saturating_add(plan.inputs)
        && begun.elapsed() < Duration::from_secs(plan.seconds)
    {
        let input = mutate::input(&seeds, plan.run, number);
        let text = &input.text;
        fs::write(&place, text).map_err(|error| format!("{}: {error}", place.display()))?;
        let older = older.get(input.seed).and_then(Option::as_ref);
        let took = computing_time(|| accepted += u64::from(check_everything(text, older)));
        let at = format!("input {number} of run {}, {} bytes", plan.run, text.len());
        if took > TIME {
            return Err(format!("{at}, took {took:.2?}"));
        }
        if memory_peak() > MEMORY {
            return Err(format!("{at}, took {} MiB", memory_peak() >> 10));
        }
        number += 1;
        bytes += text.len();
        largest = largest.max(text.len());
        slowest = slowest.max(took);
    }
    Ok(format!(
        "{} inputs of run {} in {:.0?}: {accepted} accepted, {} MB in all, {largest} bytes the largest, \
         {slowest:.2?} the slowest, {} MiB of memory",
        number - plan.from,
        plan.run,
        begun.elapsed(),
        bytes / 1_000_000,
        memory_peak() >> 10
    ))
}

/// The most memory that this process has had, in KiB; 0 where the system does not tell.
fn memory_peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
