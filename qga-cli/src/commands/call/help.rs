//! What there is to know of a command, from the generated table.

use clap::CommandFactory as _;
use qga_bindings::{ArgumentInfo, CommandInfo, Release, ValueKind};
use serde::Serialize;

use crate::args::Cli;
use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::output::{Report, Text};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Described {
    name: &'static str,
    summary: &'static str,
    since: Option<String>,
    until: Option<String>,
    arguments: Vec<Argument>,
    returns: Option<&'static str>,
    success_response: bool,
    condition: Option<&'static str>,
}

#[derive(Serialize)]
struct Argument {
    name: &'static str,
    summary: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    optional: bool,
    since: Option<String>,
}

/// Shows help for a command, or for `qga call` itself.
pub(super) fn show(
    context: &Context,
    name: Option<&str>,
    command: Option<&'static CommandInfo>,
) -> Result<u8, Failure> {
    let Some(command) = command else {
        if let Some(name) = name {
            return Err(Failure::usage(format!("there is no documentation of `{name}`"))
                .next(super::did_you_mean(name)));
        }
        let mut cli = Cli::command();
        cli.build();
        let help = cli.find_subcommand_mut("call").map(|call| call.render_long_help().to_string());
        let text = Text::default().and_lines(&help.unwrap_or_default());
        context.output.report(&Report::new(&(), text)?)?;
        return Ok(exit::DONE);
    };
    context.output.report(&Report::new(&described(command), text(command))?)?;
    Ok(exit::DONE)
}

fn text(command: &CommandInfo) -> Text {
    let mut text = Text::line(command.name).and_line(command.summary).and_line("");
    text = text.fact("since", release(command.since));
    if let Some(until) = command.until {
        text = text.fact("gone in", release(Some(until)));
    }
    if let Some(condition) = command.condition {
        text = text.fact("exists", condition);
    }
    let returns = match (command.success_response, command.returns) {
        (false, _) => "no answer on success",
        (true, None) => "nothing but success",
        (true, Some(name)) => name,
    };
    text = text.fact("returns", returns).and_line("");
    if command.arguments.is_empty() {
        return text.and_line("It takes no arguments.");
    }
    command.arguments.iter().fold(text, |text, argument| {
        let need = if argument.optional { "" } else { ", needed" };
        let since = release(argument.since);
        text.and_line(format!("{}: {}{need}, since {since}", argument.name, type_name(argument)))
            .and_line(format!("    {}", argument.summary))
    })
}

/// The name of an argument's type, or its values if they are words.
fn type_name(argument: &ArgumentInfo) -> String {
    match argument.kind {
        ValueKind::Enum(words) => words.join("|"),
        ValueKind::Bytes => "base64".to_owned(),
        _ => argument.type_name.to_owned(),
    }
}

fn release(release: Option<Release>) -> String {
    release.map_or_else(|| "-".to_owned(), |release| format!("QEMU {release}"))
}

fn described(command: &CommandInfo) -> Described {
    let release = |release: Option<Release>| release.map(|release| release.to_string());
    let argument = |argument: &ArgumentInfo| Argument {
        name: argument.name,
        summary: argument.summary,
        type_name: argument.type_name,
        optional: argument.optional,
        since: release(argument.since),
    };
    Described {
        name: command.name,
        summary: command.summary,
        since: release(command.since),
        until: release(command.until),
        arguments: command.arguments.iter().map(argument).collect(),
        returns: command.returns,
        success_response: command.success_response,
        condition: command.condition,
    }
}
