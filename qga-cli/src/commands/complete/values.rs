//! What a word can become, by what it stands for.

use clap::Arg;
use qga_bindings::{ArgumentInfo, CommandInfo, ValueKind, info};

use super::Candidate;
use super::line::{Line, Slot};
use super::paths;
use crate::args::Global;
use crate::target::{self, Target};

/// What the last word can become.
pub(super) fn candidates(line: &Line) -> Vec<Candidate> {
    match &line.slot {
        Slot::Option => options(line),
        Slot::Value(option) => values(line, option),
        Slot::Word(value) => {
            let mut candidates = value.as_ref().map_or_else(Vec::new, |value| values(line, value));
            if line.given.is_empty() {
                candidates.extend(subcommands(line));
            }
            candidates
        }
        Slot::Foreign => in_guest(line),
    }
}

fn subcommands(line: &Line) -> Vec<Candidate> {
    let shown = line.command.get_subcommands().filter(|command| !command.is_hide_set());
    shown
        .map(|command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            Candidate::new(command.get_name(), about)
        })
        .collect()
}

fn options(line: &Line) -> Vec<Candidate> {
    let shown = line.command.get_arguments().filter(|arg| !arg.is_hide_set());
    shown
        .filter_map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            Some(Candidate::new(format!("--{}", arg.get_long()?), help))
        })
        .collect()
}

/// The values of an option, or of what has none.
fn values(line: &Line, arg: &Arg) -> Vec<Candidate> {
    let command: Vec<&str> = line.path.iter().map(String::as_str).collect();
    let found = match (command.as_slice(), arg.get_id().as_str()) {
        (_, "connect") => addresses(&line.value),
        (["call"], "command") => commands(),
        (["call"], "arguments") => arguments(line),
        (["cp"], "source" | "destination") => ends(line),
        (["cat" | "tail" | "write" | "edit"], "path")
        | (["exec"], "program")
        | (["freeze"], "mountpoint")
        | (_, "dir") => in_guest(line),
        (["man"], "folder") | (["freeze"], "command") => plain(paths::on_host(&line.value)),
        _ => words_of(arg),
    };
    let with_front =
        |found: Candidate| Candidate::new(line.front.clone() + &found.value, found.help);
    found.into_iter().map(with_front).collect()
}

/// The words that an option can be, if it is one of a few.
fn words_of(arg: &Arg) -> Vec<Candidate> {
    let words = arg.get_possible_values();
    let shown = words.iter().filter(|word| !word.is_hide_set());
    shown
        .map(|word| {
            let help = word.get_help().map(ToString::to_string).unwrap_or_default();
            Candidate::new(word.get_name(), help)
        })
        .collect()
}

/// Guests by name, and sockets by path. After a comma there can be another one.
fn addresses(typed: &str) -> Vec<Candidate> {
    let (before, last) = match typed.rfind(',') {
        Some(comma) => typed.split_at(comma + 1),
        None => ("", typed),
    };
    let path =
        ["unix:", "serial:"].into_iter().find_map(|kind| Some((kind, last.strip_prefix(kind)?)));
    let mut found = match path {
        Some((kind, path)) => paths::on_host(path)
            .into_iter()
            .map(|path| Candidate::new(format!("{kind}{path}"), ""))
            .collect(),
        None if last.contains('/') => plain(paths::on_host(last)),
        None => Vec::new(),
    };
    // A configuration that cannot be read is told by the command itself.
    for target in target::all().unwrap_or_default() {
        found.push(Candidate::new(target.name, target.place.to_string()));
    }
    found.push(Candidate::new("demo:", "an agent that is only made up"));
    for candidate in &mut found {
        candidate.value.insert_str(0, before);
    }
    found
}

/// The agent's commands, by their whole names.
fn commands() -> Vec<Candidate> {
    let known = info::COMMANDS.iter();
    known.map(|command| Candidate::new(command.name, command.summary)).collect()
}

/// The arguments of the agent's command that were not given yet, or the words that the value of one can be.
fn arguments(line: &Line) -> Vec<Candidate> {
    let Some((name, given)) = line.given.split_first() else { return Vec::new() };
    let is = |command: &&CommandInfo| {
        command.name == name || command.name.strip_prefix("guest-") == Some(name)
    };
    let Some(command) = info::COMMANDS.iter().find(is) else { return Vec::new() };
    if let Some((key, _)) = line.value.split_once('=') {
        let words = command.arguments.iter().find(|argument| argument.name == key).map(words);
        let word = |word: &&str| Candidate::new(format!("{key}={word}"), "");
        return words.unwrap_or_default().iter().map(word).collect();
    }
    let is_list = |argument: &ArgumentInfo| matches!(argument.kind, ValueKind::List(_));
    let is_given = |argument: &ArgumentInfo| {
        given.iter().any(|word| word.split(['=', ':']).next() == Some(argument.name))
    };
    let left = command.arguments.iter().filter(|arg| is_list(arg) || !is_given(arg));
    left.map(|argument| Candidate::new(format!("{}=", argument.name), argument.summary)).collect()
}

fn words(argument: &ArgumentInfo) -> &'static [&'static str] {
    fn of(kind: &ValueKind) -> &'static [&'static str] {
        match kind {
            ValueKind::Enum(words) => words,
            ValueKind::Boolean => &["true", "false"],
            ValueKind::List(item) => of(item),
            ValueKind::Alternate(kinds) => {
                kinds.iter().map(of).find(|words| !words.is_empty()).unwrap_or_default()
            }
            _ => &[],
        }
    }
    of(&argument.kind)
}

/// An end of a copy: in a guest, or on this host.
fn ends(line: &Line) -> Vec<Candidate> {
    let typed = &line.value;
    if let Some((name, path)) = typed.split_once(':').filter(|(name, _)| !name.contains('/')) {
        // The demonstration's address has a colon of its own.
        let path = if name == "demo" { path.strip_prefix(':').unwrap_or(path) } else { path };
        let front = typed.strip_suffix(path).unwrap_or_default();
        let target = match name {
            "guest" => the_guest(line),
            "demo" => target::named("demo:").ok(),
            name => target::named(name).ok(),
        };
        let paths = target.map_or_else(Vec::new, |target| paths::in_guest(&target, path));
        return paths
            .into_iter()
            .map(|path| Candidate::new(format!("{front}{path}"), ""))
            .collect();
    }
    let mut found = plain(paths::on_host(typed));
    found.push(Candidate::new("guest:", "a path in the guest"));
    if !typed.is_empty() {
        let targets = target::all().unwrap_or_default().into_iter();
        found.extend(
            targets.map(|target| {
                Candidate::new(format!("{}:", target.name), target.place.to_string())
            }),
        );
    }
    found
}

/// Paths in the guest that the line is for.
fn in_guest(line: &Line) -> Vec<Candidate> {
    the_guest(line).map_or_else(Vec::new, |target| plain(paths::in_guest(&target, &line.value)))
}

fn the_guest(line: &Line) -> Option<Target> {
    let global = Global { connect: line.connect.clone(), ..Global::default() };
    target::choose(&global).ok()?.into_iter().next()
}

fn plain(values: Vec<String>) -> Vec<Candidate> {
    values.into_iter().map(|value| Candidate::new(value, "")).collect()
}
