//! What an agent's list of commands says of its release, for people and for programs.

use std::fmt::Write as _;

use qga_bindings::fit::{Fit, fit};
use qga_bindings::types::GuestAgentInfo;
use qga_bindings::{CommandInfo, Release, info};
use serde_json::{Value, json};

/// A few lines for a terminal.
pub fn text(agent: &GuestAgentInfo) -> String {
    let fit = fit(agent);
    let listed = agent.supported_commands.as_ref().map(Vec::len);
    let count =
        listed.map_or_else(|| "lists no commands".to_owned(), |count| format!("{count} commands"));
    let mut text = format!("an agent that calls itself {}, {count}\n\n", printable(&agent.version));
    let mut line = |name: &str, what: &str| {
        let _ = writeln!(text, "{name:<9} {what}");
    };
    line("fits", &fits(&fit));
    for (name, list) in [
        ("but lacks", list(fit.missing.iter().copied())),
        ("but has", list(fit.unexpected.iter().copied())),
        ("disabled", list(fit.disabled.iter().map(String::as_str))),
        ("foreign", list(fit.foreign.iter().map(String::as_str))),
    ] {
        if let Some(list) = list {
            line(name, &list);
        }
    }
    if fit.odd {
        line("but", "it lists its commands as agents of other releases do");
    }
    for command in &fit.absent {
        line("lacks", &lack(command));
    }
    text
}

/// One JSON object.
pub fn json(agent: &GuestAgentInfo) -> Value {
    let fit = fit(agent);
    let release = |release: Option<Release>| release.map(|release| release.to_string());
    let absent = |command: &&CommandInfo| {
        json!({
            "name": command.name,
            "since": release(command.since),
            "until": release(command.until),
            "condition": command.condition,
        })
    };
    json!({
        "version": agent.version,
        "exact": fit.is_exact(),
        "systems": fit.systems,
        "releases": fit.releases.iter().map(Release::to_string).collect::<Vec<_>>(),
        "missing": fit.missing,
        "unexpected": fit.unexpected,
        "odd": fit.odd,
        "disabled": fit.disabled,
        "foreign": fit.foreign,
        "absent": fit.absent.iter().map(absent).collect::<Vec<_>>(),
    })
}

fn fits(fit: &Fit) -> String {
    let how = if fit.is_exact() { "" } else { "nothing exactly; best " };
    let releases = match fit.releases[..] {
        [] => return "no release".to_owned(),
        [only] => format!("QEMU {only}"),
        [first, .., last] => format!("QEMU {first} to {last}"),
    };
    let newest = fit.releases.last() == info::RELEASES.last();
    let newest = if newest { ", the newest known here" } else { "" };
    // If it may have been built for any, nothing is known of that.
    let systems = fit.systems.join(", ");
    let built =
        if fit.systems.len() < 3 { format!(", built for {systems}") } else { String::new() };
    format!("{how}{releases}{newest}{built}")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names = names.map(printable).collect::<Vec<_>>();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A command that an agent lacks, and what may explain it.
fn lack(command: &CommandInfo) -> String {
    let mut reasons = Vec::new();
    reasons.extend(command.since.map(|since| format!("since {since}")));
    reasons.extend(command.until.map(|until| format!("until {until}")));
    reasons.extend(command.condition.map(|words| format!("only in builds {words}")));
    format!("{}: {}", command.name, reasons.join(", "))
}

/// What a guest says, without anything that a terminal would obey.
fn printable(text: &str) -> String {
    text.escape_debug().to_string()
}
