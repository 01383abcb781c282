//! QEMU's version numbers.

use std::fmt;
use std::str::FromStr;

/// A release of QEMU: `1.0`, `10.2.2`. The third number is 0 where it is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number: 0 for the first release of a line, more for stable releases.
    pub micro: u16,
}

impl Release {
    /// The release `major.minor.micro`.
    pub const fn new(major: u16, minor: u16, micro: u16) -> Self {
        Self { major, minor, micro }
    }
}

/// A text that is no version number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRelease(String);

impl fmt::Display for InvalidRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a QEMU release: expected two or three numbers, as in `9.1` or `10.2.2`",
            self.0
        )
    }
}

impl std::error::Error for InvalidRelease {}

impl FromStr for Release {
    type Err = InvalidRelease;

    fn from_str(text: &str) -> Result<Self, InvalidRelease> {
        let invalid = || InvalidRelease(text.to_owned());
        let digits = |part: &str| {
            if part.bytes().all(|byte| byte.is_ascii_digit()) {
                part.parse::<u16>().ok()
            } else {
                None
            }
        };
        let numbers =
            text.split('.').map(digits).collect::<Option<Vec<_>>>().ok_or_else(invalid)?;
        match numbers[..] {
            [major, minor] => Ok(Self::new(major, minor, 0)),
            [major, minor, micro] => Ok(Self::new(major, minor, micro)),
            _ => Err(invalid()),
        }
    }
}

/// As people write it: the third number only if it is not 0.
impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.micro > 0 { write!(f, ".{}", self.micro) } else { Ok(()) }
    }
}
