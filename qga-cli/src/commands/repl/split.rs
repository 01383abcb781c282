//! What comes in pieces, parted at a mark.

/// What comes before a mark, and what behind it.
#[derive(Debug)]
pub(super) struct Split<'a> {
    mark: &'a [u8],
    /// What may be the beginning of the mark, after what it hands on next.
    held: Vec<u8>,
    shown: Vec<u8>,
    /// What came behind the mark, once that has come. A little more than the mark's owner keeps.
    pub(super) behind: Option<Vec<u8>>,
}

/// How much is kept of what comes behind the mark.
const KEPT: usize = 1 << 20;

impl<'a> Split<'a> {
    pub(super) fn at(mark: &'a str) -> Self {
        Self { mark: mark.as_bytes(), held: Vec::new(), shown: Vec::new(), behind: None }
    }

    /// Takes the next piece, and gives what is known to come before the mark.
    pub(super) fn before(&mut self, piece: &[u8]) -> &[u8] {
        self.shown.clear();
        if let Some(behind) = &mut self.behind {
            let room = KEPT.saturating_sub(behind.len());
            behind.extend_from_slice(piece.get(..room).unwrap_or(piece));
            return &self.shown;
        }
        self.shown.append(&mut self.held);
        self.shown.extend_from_slice(piece);
        let found = self.shown.windows(self.mark.len()).position(|bytes| bytes == self.mark);
        if let Some(at) = found {
            let mut behind = self.shown.split_off(at);
            behind.drain(..self.mark.len());
            behind.truncate(KEPT);
            self.behind = Some(behind);
        } else {
            let longest = self.shown.len().min(self.mark.len().saturating_sub(1));
            let begins =
                |length: &usize| self.shown.ends_with(self.mark.get(..*length).unwrap_or_default());
            let length = (1..=longest).rev().find(begins).unwrap_or(0);
            self.held = self.shown.split_off(self.shown.len() - length);
        }
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_pieces_end() {
        let text = b"one<<two<|>three<|>";
        for length in 1..=text.len() {
            let mut split = Split::at("<|>");
            let before: Vec<u8> =
                text.chunks(length).flat_map(|piece| split.before(piece).to_vec()).collect();
            assert_eq!(before, b"one<<two");
            assert_eq!(split.behind.as_deref(), Some(b"three<|>".as_slice()));
        }
    }

    #[test]
    fn what_is_no_mark_is_held_only_as_long_as_it_may_become_one() {
        let mut split = Split::at("<|>");
        assert_eq!(split.before(b"a<|"), b"a");
        assert_eq!(split.before(b"b"), b"<|b");
        assert_eq!(split.behind, None);
    }
}
