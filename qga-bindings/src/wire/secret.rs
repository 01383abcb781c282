//! What is shown in place of a secret.

use std::fmt;

/// Stands for a value that debug output must not show.
#[derive(Clone, Copy)]
pub struct Secret;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
