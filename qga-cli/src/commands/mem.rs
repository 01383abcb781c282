//! `qga mem`: memory, by the blocks in which it can be taken offline.

use clap::Args;
use qga_bindings::Commands as _;
use qga_bindings::types::GuestMemoryBlock;
use serde::Serialize;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text, human};

/// Tell how much of the guest's memory is online, and in which blocks.
#[derive(Args, Debug)]
pub(crate) struct Mem {}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Memory {
    block_size: u64,
    online_bytes: u64,
    blocks: Vec<GuestMemoryBlock>,
}

impl Query for Mem {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let block_size = guest.agent.guest_get_memory_block_info()?.size;
        let blocks = guest.agent.guest_get_memory_blocks()?;
        let online = blocks.iter().filter(|block| block.online).count();
        let online_bytes = block_size.saturating_mul(online as u64);
        let text = Text::default()
            .fact("online", human::size(online_bytes))
            .fact("blocks", format!("{online} of {} online", blocks.len()))
            .fact("each", human::size(block_size));
        Report::new(&Memory { block_size, online_bytes, blocks }, text)
    }
}
