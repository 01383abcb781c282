//! Text from the guest, made fit to be shown.

use std::fmt;

/// Text from the guest as it may be shown: of bounded length, and without anything a terminal would act on.
pub(crate) struct Excerpt<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 400;
        let shown = self.0.get(..SHOWN).unwrap_or(self.0);
        for c in String::from_utf8_lossy(shown).chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        if self.0.len() > SHOWN { f.write_str("...") } else { Ok(()) }
    }
}
