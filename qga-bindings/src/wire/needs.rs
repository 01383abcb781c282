//! Which release of QEMU a value needs.

use crate::command::Release;

/// The release that is needed by what was looked at so far; none if there is none that is known to do.
#[derive(Clone, Copy, Debug)]
pub struct Needs(Option<Release>);

impl Needs {
    /// That of the command, to begin with.
    pub fn new(since: Option<Release>) -> Self {
        Self(since)
    }

    /// If something is used, the release that brought it.
    #[must_use]
    pub fn when(self, used: bool, since: Release) -> Self {
        if used { Self(self.0.map(|needed| needed.max(since))) } else { self }
    }

    /// If something is used that no known release has, none will do.
    #[must_use]
    pub fn unknown(self, used: bool) -> Self {
        if used { Self(None) } else { self }
    }

    /// What a part of the value needs.
    #[must_use]
    pub fn value(self, part: &impl Versioned) -> Self {
        part.needs(self)
    }

    /// The release.
    pub fn release(self) -> Option<Release> {
        self.0
    }
}

/// Whether an object that can be empty is not.
pub fn is_set<T: Default + PartialEq>(object: &T) -> bool {
    *object != T::default()
}

/// A type whose values do not all need the same release.
pub trait Versioned {
    /// Adds what this value needs.
    fn needs(&self, needs: Needs) -> Needs;
}

impl<T: Versioned> Versioned for Option<T> {
    fn needs(&self, needs: Needs) -> Needs {
        self.iter().fold(needs, Needs::value)
    }
}

impl<T: Versioned> Versioned for Vec<T> {
    fn needs(&self, needs: Needs) -> Needs {
        self.iter().fold(needs, Needs::value)
    }
}

impl<T: Versioned> Versioned for Box<T> {
    fn needs(&self, needs: Needs) -> Needs {
        T::needs(self, needs)
    }
}
