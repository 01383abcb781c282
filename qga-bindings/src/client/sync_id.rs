//! Numbers for handshakes that nobody has used on the channel before.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use crate::protocol::SYNC_ID_LIMIT;

/// A source of random numbers. They need not be secret, only different from those of earlier clients of the same channel;
/// the standard library's hash keys are random and cost no dependency.
#[derive(Debug)]
pub(crate) struct SyncIds {
    keys: RandomState,
    count: u64,
}

impl SyncIds {
    pub(crate) fn new() -> Self {
        Self { keys: RandomState::new(), count: 0 }
    }

    pub(crate) fn next_id(&mut self) -> i64 {
        self.count = self.count.wrapping_add(1);
        let mut hasher = self.keys.build_hasher();
        hasher.write_u64(self.count);
        i64::try_from(hasher.finish() >> 11).unwrap_or(0) % SYNC_ID_LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_range_and_differ_within_and_between_clients() {
        let mut ids: Vec<i64> = Vec::new();
        for _ in 0..10 {
            let mut client = SyncIds::new();
            ids.extend((0..100).map(|_| client.next_id()));
        }
        assert!(ids.iter().all(|id| (0..SYNC_ID_LIMIT).contains(id)));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1000);
    }
}
