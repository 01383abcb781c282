//! Which builds of a program a condition lets an item into.

use serde::Serialize;

use crate::schema::Condition;

/// The systems that reports tell apart, each with the macros that a build for it defines. A macro that is in no
/// list depends on the machine it is built on.
const PLATFORMS: [(&str, &[&str]); 4] = [
    ("Linux", &["CONFIG_LINUX", "CONFIG_POSIX"]),
    ("Windows", &["CONFIG_WIN32"]),
    ("FreeBSD", &["CONFIG_FREEBSD", "CONFIG_BSD", "CONFIG_POSIX"]),
    ("macOS", &["CONFIG_DARWIN", "CONFIG_POSIX"]),
];

/// The names of the systems, in the order of [`builds`].
pub(super) fn platforms() -> Vec<&'static str> {
    PLATFORMS.iter().map(|(name, _)| *name).collect()
}

/// Whether builds for a system have an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Presence {
    /// None has it.
    No,
    /// It depends on how they are built.
    Some,
    /// All have it.
    All,
}

/// The presence under `condition` for each system.
pub(super) fn builds(condition: &Condition) -> Vec<Presence> {
    PLATFORMS.iter().map(|(_, macros)| presence(condition, macros)).collect()
}

fn presence(condition: &Condition, macros: &[&str]) -> Presence {
    let each = |conditions: &[Condition]| {
        conditions.iter().map(|condition| presence(condition, macros)).collect::<Vec<_>>()
    };
    match condition {
        Condition::Defined(name) if macros.contains(&name.as_str()) => Presence::All,
        Condition::Defined(name) if is_platform(name) => Presence::No,
        Condition::Defined(_) => Presence::Some,
        Condition::All(conditions) => each(conditions).into_iter().min().unwrap_or(Presence::All),
        Condition::Any(conditions) => each(conditions).into_iter().max().unwrap_or(Presence::No),
        Condition::Not(condition) => match presence(condition, macros) {
            Presence::No => Presence::All,
            Presence::Some => Presence::Some,
            Presence::All => Presence::No,
        },
    }
}

fn is_platform(name: &str) -> bool {
    PLATFORMS.iter().any(|(_, macros)| macros.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::Presence::{All, No, Some};
    use super::*;

    fn defined(name: &str) -> Condition {
        Condition::Defined(name.to_owned())
    }

    #[test]
    fn a_system_has_what_its_macros_allow() {
        assert_eq!(platforms(), ["Linux", "Windows", "FreeBSD", "macOS"]);
        assert_eq!(builds(&defined("CONFIG_POSIX")), [All, No, All, All]);
        let condition = Condition::Not(Box::new(defined("CONFIG_WIN32")));
        assert_eq!(builds(&condition), [All, No, All, All]);
    }

    #[test]
    fn a_macro_of_no_system_may_or_may_not_be_defined() {
        let condition = Condition::Any(vec![defined("CONFIG_WIN32"), defined("CONFIG_FSTRIM")]);
        assert_eq!(builds(&condition), [Some, All, Some, Some]);
        let both = Condition::All(vec![defined("CONFIG_LINUX"), condition]);
        assert_eq!(builds(&both), [Some, No, No, No]);
    }
}
