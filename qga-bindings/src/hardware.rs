//! The guest's processors and memory, which can be switched off and on while it runs.

use std::fmt;

use crate::guest::Guest;
use crate::types::{
    GuestLogicalProcessor, GuestMemoryBlock, GuestMemoryBlockResponse, GuestMemoryBlockResponseType,
};
use crate::{Error, commands};

/// The guest's memory, in blocks of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// How large a block is, in bytes.
    pub block_size: u64,
    /// The blocks, in no particular order.
    pub blocks: Vec<GuestMemoryBlock>,
}

impl Memory {
    /// How much memory is switched on, in bytes.
    pub fn online_bytes(&self) -> u64 {
        let online = self.blocks.iter().filter(|block| block.online).count();
        self.block_size.saturating_mul(u64::try_from(online).unwrap_or(u64::MAX))
    }
}

/// Why processors or memory blocks were not switched.
#[derive(Debug)]
#[non_exhaustive]
pub enum HardwareError {
    /// A command failed.
    Agent(Error),
    /// A processor was not switched, nor those behind it in the list.
    Processor {
        /// Its number.
        logical_id: i64,
        /// How many were switched before it.
        switched: usize,
        /// Why.
        error: Box<Error>,
    },
    /// The agent says to have switched more processors than it was told to, or none without a reason.
    Count {
        /// What it says.
        count: i64,
    },
    /// Some memory blocks were not switched; the others were.
    MemoryBlocks(Vec<GuestMemoryBlockResponse>),
}

impl From<Error> for HardwareError {
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for HardwareError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
            Self::Processor { logical_id, switched, error } => write!(
                f,
                "processor {logical_id} was not switched, after {switched} others were: {error}"
            ),
            Self::Count { count } => {
                write!(f, "guest-set-vcpus says that it switched {count} processors")
            }
            Self::MemoryBlocks(failed) => {
                f.write_str("memory blocks were not switched:")?;
                for block in failed {
                    write!(f, " {} ({})", block.phys_index, block.response)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for HardwareError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
            Self::Processor { error, .. } => Some(error),
            Self::Count { .. } | Self::MemoryBlocks(_) => None,
        }
    }
}

pub(crate) async fn processors(
    guest: &mut impl Guest,
) -> Result<Vec<GuestLogicalProcessor>, HardwareError> {
    Ok(guest.execute(&commands::GuestGetVcpus::new(), None).await?)
}

/// The agent works through the list until something fails, and tells the reason only if that is the first in it. So it is
/// given the rest of the list until there is none, or a reason.
pub(crate) async fn switch_processors(
    guest: &mut impl Guest,
    wanted: &[(i64, bool)],
) -> Result<(), HardwareError> {
    let mut switched = 0;
    while let Some(rest @ [(logical_id, _), ..]) = wanted.get(switched..) {
        let list = rest.iter().map(|(id, online)| GuestLogicalProcessor::new(*id, *online));
        let command = commands::GuestSetVcpus::new(list);
        let count = guest.execute(&command, None).await.map_err(|error| {
            HardwareError::Processor { logical_id: *logical_id, switched, error: Box::new(error) }
        })?;
        match usize::try_from(count) {
            Ok(count @ 1..) if count <= rest.len() => switched += count,
            _ => return Err(HardwareError::Count { count }),
        }
    }
    Ok(())
}

pub(crate) async fn memory(guest: &mut impl Guest) -> Result<Memory, HardwareError> {
    let info = guest.execute(&commands::GuestGetMemoryBlockInfo::new(), None).await?;
    let blocks = guest.execute(&commands::GuestGetMemoryBlocks::new(), None).await?;
    Ok(Memory { block_size: info.size, blocks })
}

pub(crate) async fn switch_memory(
    guest: &mut impl Guest,
    wanted: &[(u64, bool)],
) -> Result<(), HardwareError> {
    let list = wanted.iter().map(|(index, online)| GuestMemoryBlock::new(*index, *online));
    let mut responses = guest.execute(&commands::GuestSetMemoryBlocks::new(list), None).await?;
    responses.retain(|response| response.response != GuestMemoryBlockResponseType::Success);
    if responses.is_empty() { Ok(()) } else { Err(HardwareError::MemoryBlocks(responses)) }
}
