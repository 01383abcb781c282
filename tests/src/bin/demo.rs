//! The second half of `cargo xtask demo`: the bindings talking to an agent, a real one if there is one.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use qga_bindings::blocking::{Client, Stream};
use qga_bindings::commands::{
    GuestGetFsinfo, GuestGetHostName, GuestGetOsinfo, GuestInfo, GuestPing,
};
use qga_bindings::fake;
use qga_bindings::types::GuestFilesystemInfo;
use qga_tests::agent::Agent;
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many pings the latency is taken from.
const PINGS: usize = 1000;

fn main() -> Result<()> {
    let recorded_only = std::env::args().any(|argument| argument == "--recorded");
    if let Some(agent) = Some(()).filter(|()| !recorded_only).and_then(|()| Agent::start()) {
        println!(
            "a real qemu-ga on {}, unprivileged, unable to change the machine",
            agent.socket().display()
        );
        return show(&mut agent.client());
    }
    println!("no qemu-ga is used: what follows was recorded from one");
    let transcript = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/demo.jsonl");
    show(&mut Client::new(recorded(&transcript)?.connect()))
}

/// An agent that gives the recorded replies: one JSON object with `command` and `return` a line.
fn recorded(path: &Path) -> Result<fake::Agent> {
    let text = std::fs::read_to_string(path)?;
    let agent = fake::Agent::new();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line)?;
        let name = record["command"].as_str().ok_or("a record without a command")?.to_owned();
        agent.on(&name, move |_| fake::Answer::value(&record["return"]));
    }
    Ok(agent)
}

fn show<S: Stream>(agent: &mut Client<S>) -> Result<()> {
    let info = agent.execute(&GuestInfo::new())?;
    let commands = info.supported_commands.unwrap_or_default();
    let disabled = commands.iter().filter(|command| !command.enabled).count();
    println!(
        "agent     version {}, {} commands, {disabled} of them disabled",
        printable(&info.version),
        commands.len()
    );
    let os = agent.execute(&GuestGetOsinfo::new())?;
    let (name, kernel) = (os.pretty_name.or(os.name), os.kernel_release);
    println!("system    {}, kernel {}", shown(name), shown(kernel));
    println!("host name {}", printable(&agent.execute(&GuestGetHostName::new())?.host_name));
    for filesystem in agent.execute(&GuestGetFsinfo::new())? {
        println!("disk      {}", describe(&filesystem));
    }
    let mut times = (0..PINGS)
        .map(|_| {
            let begun = Instant::now();
            agent.execute(&GuestPing::new())?;
            Ok(begun.elapsed())
        })
        .collect::<Result<Vec<_>>>()?;
    times.sort();
    println!("ping      {}", latency(&times));
    Ok(())
}

fn describe(filesystem: &GuestFilesystemInfo) -> String {
    let usage = match (filesystem.used_bytes, filesystem.total_bytes) {
        (Some(used), Some(total)) => {
            format!("{:.1} of {:.1} GiB used", gibibytes(used), gibibytes(total))
        }
        _ => "usage unknown".to_owned(),
    };
    let (mountpoint, ty) = (printable(&filesystem.mountpoint), printable(&filesystem.r#type));
    format!("{mountpoint} ({ty}): {usage}")
}

#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn gibibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

fn latency(sorted: &[Duration]) -> String {
    let at = |percent: usize| {
        sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
    };
    let micros = |time: Option<&Duration>| time.map_or(0, Duration::as_micros);
    format!(
        "median {} \u{b5}s, 99 % below {} \u{b5}s, of {}",
        micros(at(50)),
        micros(at(99)),
        sorted.len()
    )
}

fn shown(text: Option<String>) -> String {
    text.map_or_else(|| "unknown".to_owned(), |text| printable(&text))
}

/// What a guest says, without anything that a terminal would obey.
fn printable(text: &str) -> String {
    text.escape_debug().to_string()
}
