//! How long commands may take.

use std::time::{Duration, Instant};

/// What kind of work a command is, as far as the time it takes goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Reads something and changes nothing, so that it can be repeated: 10 seconds.
    Query,
    /// Does one small thing, such as opening a file or starting a process, and everything not listed elsewhere: 30 seconds.
    Action,
    /// Carries data: 2 minutes, which a serial line needs for a mebibyte.
    Transfer,
    /// Works through hardware or users of the guest: 1 minute.
    Change,
    /// Thaws file systems: 3 minutes.
    Thaw,
    /// Has to wait for the guest's disks: 10 minutes.
    Disk,
    /// Is not answered on success: 10 seconds, after which silence counts as success.
    NoReply,
}

impl Class {
    /// The class of a command.
    pub fn of(command: &str) -> Self {
        match command {
            // Not `guest-exec-status`: the agent forgets what it has told once.
            "guest-sync"
            | "guest-sync-delimited"
            | "guest-ping"
            | "guest-info"
            | "guest-fsfreeze-status"
            | "guest-network-get-interfaces"
            | "guest-network-get-route"
            | "guest-ssh-get-authorized-keys" => Self::Query,
            "guest-file-read" | "guest-file-write" | "guest-file-flush" | "guest-file-close" => {
                Self::Transfer
            }
            "guest-set-time"
            | "guest-set-vcpus"
            | "guest-set-memory-blocks"
            | "guest-set-user-password"
            | "guest-ssh-add-authorized-keys"
            | "guest-ssh-remove-authorized-keys" => Self::Change,
            "guest-fsfreeze-thaw" => Self::Thaw,
            "guest-fsfreeze-freeze" | "guest-fsfreeze-freeze-list" | "guest-fstrim" => Self::Disk,
            "guest-shutdown"
            | "guest-suspend-disk"
            | "guest-suspend-ram"
            | "guest-suspend-hybrid" => Self::NoReply,
            _ if command.starts_with("guest-get-") => Self::Query,
            _ => Self::Action,
        }
    }

    /// How long a command of this class may take unless told otherwise.
    pub const fn default_limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Query | Self::NoReply => 10,
            Self::Action => 30,
            Self::Change => 60,
            Self::Transfer => 120,
            Self::Thaw => 180,
            Self::Disk => 600,
        })
    }
}

/// How long each command may take, from the call to its end: connecting, the handshake, writing and waiting for the reply
/// are all included.
///
/// A [`Class`] says how long by default. What is known better for a class or for a command can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deadlines {
    /// What was set, in order. There are seldom any, and never many.
    classes: Vec<(Class, Duration)>,
    commands: Vec<(String, Duration)>,
}

impl Deadlines {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the limit of every command of a class.
    #[must_use]
    pub fn class(mut self, class: Class, limit: Duration) -> Self {
        set(&mut self.classes, class, limit);
        self
    }

    /// Sets the limit of one command.
    #[must_use]
    pub fn command(mut self, name: impl Into<String>, limit: Duration) -> Self {
        set(&mut self.commands, name.into(), limit);
        self
    }

    /// The limit of a command.
    pub fn of(&self, command: &str) -> Duration {
        let class = Class::of(command);
        let named = self.commands.iter().find(|(name, _)| name == command).map(|(_, limit)| *limit);
        named
            .or_else(|| self.classes.iter().find(|(set, _)| *set == class).map(|(_, limit)| *limit))
            .unwrap_or_else(|| class.default_limit())
    }
}

fn set<K: Ord>(limits: &mut Vec<(K, Duration)>, key: K, limit: Duration) {
    match limits.binary_search_by(|(set, _)| set.cmp(&key)) {
        Ok(at) => limits[at].1 = limit,
        Err(at) => limits.insert(at, (key, limit)),
    }
}

/// When a call has to end, and how long it was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) limit: Duration,
}

impl Deadline {
    pub(crate) fn after(now: Instant, limit: Duration) -> Self {
        // Nobody waits longer than a century; the clock may not even be able to say when that is over.
        const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        let at = now.checked_add(limit.min(LONGEST)).unwrap_or(now);
        Self { at, limit }
    }

    /// The same, but at the latest after the given time.
    pub(crate) fn or_after(self, now: Instant, limit: Duration) -> Self {
        let sooner = Self::after(now, limit);
        if sooner.at < self.at { sooner } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_the_command_goes_before_one_of_its_class() {
        let second = Duration::from_secs(1);
        let deadlines =
            Deadlines::new().class(Class::Query, 2 * second).command("guest-info", second);
        assert_eq!(deadlines.of("guest-info"), second);
        assert_eq!(deadlines.of("guest-ping"), 2 * second);
        assert_eq!(deadlines.of("guest-fstrim"), 600 * second);
        assert_eq!(deadlines.of("somebody-elses-command"), 30 * second);
    }

    #[test]
    fn a_limit_without_end_is_no_overflow() {
        let now = Instant::now();
        let endless = Deadline::after(now, Duration::MAX);
        assert!(endless.at > now);
        assert_eq!(endless.or_after(now, Duration::from_secs(1)).at, now + Duration::from_secs(1));
    }
}
