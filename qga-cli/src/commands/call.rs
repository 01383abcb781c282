//! `qga call`: any command, also those that nobody has heard of yet.

mod arguments;
mod help;

use clap::Args;
use qga_bindings::protocol::Request;
use qga_bindings::{CommandInfo, info};
use serde_json::Value;

use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// Send any command, and show what it returns.
///
/// Arguments are one JSON object, or NAME=VALUE for each, where a list takes several of the same name; NAME:=JSON gives a
/// value as JSON. `qga call COMMAND --help` tells what a command takes.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub(crate) struct Call {
    /// The command, with or without `guest-`.
    #[arg(required_unless_present = "help")]
    command: Option<String>,

    /// A JSON object, NAME=VALUE or NAME:=JSON.
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,

    /// Do not wait for an answer: the command has none on success.
    #[arg(long)]
    no_reply: bool,

    /// Tell what the command does and takes.
    #[arg(short, long)]
    help: bool,
}

/// A request for each guest.
struct Prepared(Request);

impl Call {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let known = self.command.as_deref().and_then(find);
        if self.help {
            return help::show(context, self.command.as_deref(), known);
        }
        let name = self.command.clone().unwrap_or_default();
        let name = known.map_or(name, |command| command.name.to_owned());
        let arguments = arguments::read(&self.arguments, known)?;
        let request = Request::raw(name, &arguments)
            .map_err(|cause| Failure::usage(format!("the arguments cannot be sent: {cause}")))?;
        let silent = self.no_reply || known.is_some_and(|command| !command.success_response);
        context.ask(&Prepared(if silent { request.without_reply() } else { request }))
    }
}

impl Query for Prepared {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let reply = guest.agent.request(&self.0).map_err(|error| {
            let unknown = error.is_unsupported() && find(self.0.name()).is_none();
            let failure = Failure::from(error);
            if unknown { failure.next(did_you_mean(self.0.name())) } else { failure }
        })?;
        let Some(reply) = reply else {
            return Report::new(
                &Value::Null,
                Text::line("sent; this command is not answered on success"),
            );
        };
        let value = reply.value()?;
        let text = match serde_json::from_str::<Value>(value.get()) {
            Ok(Value::String(text)) => text,
            Ok(value) => serde_json::to_string_pretty(&value)?,
            Err(_) => value.get().to_owned(),
        };
        Report::new(&value, Text::default().and_lines(&text))
    }
}

/// A command that the schema knows, by its name with or without `guest-`.
fn find(name: &str) -> Option<&'static CommandInfo> {
    let is = |command: &&CommandInfo| {
        command.name == name || command.name.strip_prefix("guest-") == Some(name)
    };
    info::COMMANDS.iter().find(is)
}

/// The known name that is most like a wrong one.
fn did_you_mean(name: &str) -> String {
    // What all of them begin with says nothing.
    let own = |name: &str| name.strip_prefix("guest-").unwrap_or(name).to_owned();
    let likeness = |command: &CommandInfo| strsim::jaro_winkler(&own(command.name), &own(name));
    let best = info::COMMANDS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|best| likeness(best) > 0.8) {
        Some(best) => {
            format!("did you mean {}? `qga commands --agent` says what the agent has", best.name)
        }
        None => "`qga commands --agent` says what the agent has".to_owned(),
    }
}
