//! `qga mem`: memory, by the blocks in which it can be taken offline.

use clap::{Args, Subcommand};
use qga_bindings::blocking::Helpers as _;
use qga_bindings::hardware::Memory;
use qga_bindings::types::GuestMemoryBlock;
use serde::Serialize;

use super::cpus::Switches;
use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Tell how much of the guest's memory is online, and in which blocks, or switch blocks.
#[derive(Args, Debug)]
pub(crate) struct Mem {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Switch blocks on and off.
    Set(Switches),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Found<'a> {
    block_size: u64,
    online_bytes: u64,
    blocks: &'a [GuestMemoryBlock],
}

/// Blocks that are to be switched, none for a list.
struct Wanted(Vec<(u64, bool)>);

impl Mem {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let wanted = match &self.action {
            None => Vec::new(),
            Some(Action::Set(switches)) => switches.wanted("blocks of memory")?,
        };
        context.ask(&Wanted(wanted))
    }
}

impl Query for Wanted {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut hardware = guest.agent.hardware();
        if !self.0.is_empty() {
            hardware.switch_memory(&self.0)?;
        }
        report(&hardware.memory()?)
    }
}

fn report(memory: &Memory) -> Result<Report, Failure> {
    let (block_size, online_bytes) = (memory.block_size, memory.online_bytes());
    let online = memory.blocks.iter().filter(|block| block.online).count();
    let text = Text::default()
        .fact("online", human::size(online_bytes))
        .fact("blocks", format!("{online} of {} online", memory.blocks.len()))
        .fact("each", human::size(block_size));
    Report::new(&Found { block_size, online_bytes, blocks: &memory.blocks }, text)
}
