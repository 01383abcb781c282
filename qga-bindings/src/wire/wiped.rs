//! Bytes that do not stay in memory when they are gone.

/// Bytes that are overwritten when dropped, and wherever they have been before they grew.
///
/// Without `unsafe`, that the compiler keeps the overwriting is not guaranteed by the language; `black_box` has it kept by
/// all compilers there are.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Wiped(Vec<u8>);

impl Wiped {
    /// Makes room for so many bytes more.
    #[inline]
    pub(crate) fn reserve(&mut self, bytes: usize) {
        if bytes > self.0.capacity() - self.0.len() {
            self.grow(bytes);
        }
    }

    /// The bytes.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Adds bytes at the end.
    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Makes room. A vector that grows by itself leaves its old bytes behind.
    #[cold]
    fn grow(&mut self, more: usize) {
        let needed = self.0.len() + more;
        let mut larger = Vec::with_capacity(needed.max(2 * self.0.capacity()));
        larger.extend_from_slice(&self.0);
        wipe(&mut self.0);
        self.0 = larger;
    }

    /// Drops all, and keeps the room for as much again unless that is a lot.
    pub(crate) fn clear(&mut self) {
        const LITTLE: usize = 1024;
        if self.0.capacity() > LITTLE {
            *self = Self::default();
        }
        self.truncate(0);
    }

    /// Drops what is beyond this length.
    pub(crate) fn truncate(&mut self, length: usize) {
        if let Some(rest) = self.0.get_mut(length..) {
            wipe(rest);
        }
        self.0.truncate(length);
    }
}

fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(&mut *bytes);
    #[cfg(test)]
    tests::WIPED.set(tests::WIPED.get() + bytes.len());
}

impl From<Vec<u8>> for Wiped {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl std::io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.extend(bytes);
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Only how many there are: they may be secret.
impl std::fmt::Debug for Wiped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many bytes were wiped.
        pub(super) static WIPED: Cell<usize> = const { Cell::new(0) };
    }

    /// How many bytes are wiped while something is done.
    fn wiped_by(task: impl FnOnce()) -> usize {
        let before = WIPED.get();
        task();
        WIPED.get() - before
    }

    #[test]
    fn what_is_added_and_dropped_is_what_was_asked_for_and_nothing_is_shown() {
        let mut bytes = Wiped::default();
        for piece in ["se", "cr", "et", " and more than fits"] {
            bytes.extend(piece.as_bytes());
        }
        bytes.truncate(6);
        assert_eq!(bytes.as_slice(), b"secret");
        bytes.truncate(100);
        assert_eq!(format!("{bytes:?}"), "6 bytes");
    }

    #[test]
    fn what_is_wiped_is_zero() {
        let mut bytes = *b"secret";
        wipe(&mut bytes);
        assert_eq!(bytes, [0; 6]);
    }

    #[test]
    fn bytes_are_wiped_wherever_they_were() {
        let mut bytes = Wiped::from(b"secret".to_vec());
        assert_eq!(wiped_by(|| bytes.reserve(1000)), 6, "where they were before they grew");
        assert_eq!(wiped_by(|| bytes.truncate(4)), 2, "what is cut off");
        assert_eq!(wiped_by(|| bytes.extend(b"ret")), 0, "there is room");
        let copy = bytes.clone();
        assert_eq!(wiped_by(|| bytes.clear()), 7, "what is cleared");
        assert_eq!(wiped_by(|| drop(copy)), 7, "what is dropped");
        bytes.extend(&[b'x'; 2000]);
        assert_eq!(wiped_by(|| bytes.clear()), 2000, "what is let go with its room");
    }
}
