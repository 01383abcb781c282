//! What is still to be written, and whether the command among it has been.

use crate::wire::Wiped;

/// Bytes on their way out.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    bytes: Wiped,
    sent: usize,
    /// Where the command ends: the agent acts upon its last byte.
    request_end: usize,
}

impl Outgoing {
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    pub(super) fn end_request(&mut self) {
        self.request_end = self.bytes.as_slice().len();
    }

    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.as_slice().get(self.sent..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn advance(&mut self, bytes: usize) {
        self.sent = self.sent.saturating_add(bytes);
        if self.sent >= self.bytes.as_slice().len() {
            self.bytes.clear();
            (self.sent, self.request_end) = (0, 0);
        }
    }

    #[inline]
    pub(super) fn request_sent(&self) -> bool {
        self.sent >= self.request_end
    }
}
