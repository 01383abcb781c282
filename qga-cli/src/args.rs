//! The command line: what goes for every command.

use std::time::Duration;

use clap::{ArgAction, Args, Parser, ValueEnum};

use crate::commands::Command;

/// Talk to the QEMU guest agent: ask a guest, run programs in it, copy files, freeze its file systems.
#[derive(Debug, Parser)]
#[command(
    name = "qga",
    bin_name = "qga",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 the agent refused or failed, 2 wrong usage, 3 no agent could be reached, 4 sent but the \
                  outcome is unknown, 124 a deadline passed. With several guests: how many failed, at most 100."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What goes for every command.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Global {
    /// Which guest: an address or a name from the configuration; repeat it for several.
    ///
    /// Addresses are unix:PATH or just a PATH, tcp:HOST:PORT, vsock:CID:PORT, serial:PATH, libvirt:[URI/]DOMAIN, pve:VMID,
    /// and demo: for an agent that is only made up. Without it, the guest is the configuration's default or the only one on
    /// this host. The variable `QGA_CONNECT` says the same, with commas between several.
    #[arg(short, long, global = true, value_delimiter = ',')]
    #[arg(value_name = "ADDRESS", help_heading = "Which guest")]
    pub(crate) connect: Vec<String>,

    /// All guests of the configuration and of this host, side by side.
    #[arg(long, global = true, conflicts_with = "connect", help_heading = "Which guest")]
    pub(crate) all: bool,

    /// How long one command of the agent may take, such as 500ms or 2min; each kind has its own limit otherwise.
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    #[arg(help_heading = "Which guest")]
    pub(crate) timeout: Option<Duration>,

    /// Results as JSON, with exact numbers.
    #[arg(long, global = true, help_heading = "Output", conflicts_with = "jsonl")]
    pub(crate) json: bool,

    /// Results as JSON, one record a line, as they come.
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) jsonl: bool,

    /// When to use colour.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: Color,

    /// Text from the guest as it is, even where a terminal would act on it.
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) raw: bool,

    /// No progress and no remarks, only results and errors.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Show what passes between the agent and us, without secrets; twice for data too.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
