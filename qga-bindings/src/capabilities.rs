//! What an agent can do, by what it says itself.

use std::sync::Arc;

use crate::Command;
use crate::commands::GuestFsfreezeStatus;
use crate::types::GuestAgentInfo;

/// The commands that an agent has, and which of them it executes, as `guest-info` told.
///
/// This is what to ask before a command that not every agent has. Versions do not serve: distributions, Windows builds and
/// agents that are not QEMU's number them as they like, and move commands between them.
///
/// It is how things were when it was asked. While file systems are frozen, most commands are disabled; and an agent that was
/// updated or configured anew in a guest whose channel stayed open may have others.
///
/// Clones share one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Each command by name, in order, and whether it is enabled; nothing from an agent that does not say.
    commands: Option<Arc<[(String, bool)]>>,
}

/// Whether an agent executes a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Support {
    /// It does.
    Enabled,
    /// It has the command and refuses it: its administrator switched it off, or file systems are frozen.
    Disabled,
    /// It does not have the command: it is older, or was built without it.
    Absent,
    /// It does not say: agents before QEMU 1.1 do not list their commands. Trying tells.
    Unknown,
}

impl Support {
    /// Whether it is [`Enabled`](Self::Enabled).
    pub fn is_enabled(self) -> bool {
        self == Self::Enabled
    }
}

impl Capabilities {
    /// Whether the agent executes the command `C`.
    pub fn of<C: Command>(&self) -> Support {
        self.command(C::NAME)
    }

    /// Whether the agent executes a command that is known by its name on the wire.
    pub fn command(&self, name: &str) -> Support {
        let Some(commands) = &self.commands else { return Support::Unknown };
        let found = commands.binary_search_by(|(listed, _)| listed.as_str().cmp(name));
        match found.ok().and_then(|at| commands.get(at)) {
            None => Support::Absent,
            Some((_, true)) => Support::Enabled,
            Some((_, false)) => Support::Disabled,
        }
    }

    /// Whether this may be an agent that disables commands because file systems are frozen.
    pub(crate) fn can_be_frozen(&self) -> bool {
        self.of::<GuestFsfreezeStatus>() != Support::Absent
    }

    /// The commands that the agent has, by name, and whether each is enabled. Empty if it does not say.
    pub fn commands(&self) -> impl Iterator<Item = (&str, bool)> {
        self.commands.iter().flat_map(|commands| commands.iter()).map(|(name, on)| (&**name, *on))
    }
}

impl From<GuestAgentInfo> for Capabilities {
    fn from(info: GuestAgentInfo) -> Self {
        let Some(listed) = info.supported_commands else { return Self { commands: None } };
        let mut commands: Vec<_> =
            listed.into_iter().map(|listed| (listed.name, listed.enabled)).collect();
        commands.sort_unstable();
        commands.dedup_by(|later, first| later.0 == first.0);
        Self { commands: Some(commands.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{GuestExec, GuestPing, GuestShutdown};
    use crate::types::GuestAgentCommandInfo;

    #[test]
    fn a_command_is_enabled_disabled_or_absent_whatever_the_version_says() {
        let mut info = GuestAgentInfo::new("108.0.2");
        info.supported_commands = Some(vec![
            GuestAgentCommandInfo::new("guest-ping", true),
            GuestAgentCommandInfo::new("guest-exec", false),
        ]);
        let capabilities = Capabilities::from(info);
        assert_eq!(capabilities.of::<GuestPing>(), Support::Enabled);
        assert_eq!(capabilities.of::<GuestExec>(), Support::Disabled);
        assert_eq!(capabilities.of::<GuestShutdown>(), Support::Absent);
        assert!(capabilities.commands().eq([("guest-exec", false), ("guest-ping", true)]));
    }

    #[test]
    fn of_an_agent_that_lists_nothing_nothing_is_known() {
        let capabilities = Capabilities::from(GuestAgentInfo::new("1.0"));
        assert_eq!(capabilities.of::<GuestPing>(), Support::Unknown);
        assert_eq!(capabilities.commands().count(), 0);
    }
}
