//! How a fake agent words what every agent has to say: its list of commands, its refusals, its errors.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::Release;
use crate::info::COMMANDS;

/// What a fake agent takes after. Without a release it takes after the newest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dialect {
    pub(super) release: Option<Release>,
    pub(super) errors: ErrorStyle,
}

/// What an error says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ErrorStyle {
    /// A class and a description, as all agents of QEMU since 1.2.
    #[default]
    ClassAndDesc,
    /// A class and an object, as those before.
    ClassAndData,
    /// A number, as an agent written in Go by others.
    Code,
    /// A class that QEMU has given up, as an agent written for macOS by others.
    OwnClass,
}

impl Dialect {
    pub(super) fn of(release: Release) -> Self {
        let errors = if release < Release::new(1, 2) {
            ErrorStyle::ClassAndData
        } else {
            ErrorStyle::ClassAndDesc
        };
        Self { release: Some(release), errors }
    }

    fn is_before(self, major: u16, minor: u16) -> bool {
        self.release.is_some_and(|release| release < Release::new(major, minor))
    }

    /// What `guest-info` returns.
    pub(super) fn info<'a>(
        self,
        version: &str,
        commands: impl Iterator<Item = (&'a str, bool)>,
    ) -> Answer {
        let mut info = Map::from_iter([("version".to_owned(), json!(version))]);
        if !self.is_before(1, 1) {
            let commands = commands.map(|(name, enabled)| self.listed(name, enabled)).collect();
            info.insert("supported_commands".to_owned(), commands);
        }
        Answer::value(&info)
    }

    fn listed(self, name: &str, enabled: bool) -> Value {
        if self.is_before(1, 7) {
            return json!({"name": name, "enabled": enabled});
        }
        let known = COMMANDS.iter().find(|command| command.name == name);
        let answers = known.is_none_or(|command| command.success_response);
        json!({"name": name, "enabled": enabled, "success-response": answers})
    }

    /// Whether a command is executed while file systems are frozen.
    pub(super) fn allows_while_frozen(self, name: &str) -> bool {
        match name {
            "guest-sync"
            | "guest-ping"
            | "guest-info"
            | "guest-fsfreeze-status"
            | "guest-fsfreeze-thaw" => true,
            "guest-sync-delimited" => !self.is_before(1, 5),
            _ => false,
        }
    }

    pub(super) fn not_found(self, name: &str) -> Answer {
        self.error("CommandNotFound", &format!("The command {name} has not been found"))
    }

    /// The refusal of a command that is disabled, by an administrator or by a freeze.
    pub(super) fn disabled(self, name: &str, by_freeze: bool) -> Answer {
        let class = match self.release {
            Some(release) if release == Release::new(1, 1) => "CommandDisabled",
            _ if self.is_before(4, 2) => "GenericError",
            _ => "CommandNotFound",
        };
        let desc = match () {
            () if self.is_before(6, 0) => {
                format!("The command {name} has been disabled for this instance")
            }
            () if self.is_before(9, 1) && by_freeze => {
                format!("Command {name} has been disabled: the agent is in frozen state")
            }
            () if self.is_before(9, 1) => format!("Command {name} has been disabled"),
            () => format!("Command {name} has been disabled: the command is not allowed"),
        };
        self.error(class, &desc)
    }

    fn error(self, class: &str, desc: &str) -> Answer {
        self.reword(Answer::error(class, desc))
    }

    /// Puts an error into the agent's own form.
    pub(super) fn reword(self, answer: Answer) -> Answer {
        let Some((class, desc)) = answer.failure.clone() else { return answer };
        let error = match self.errors {
            ErrorStyle::ClassAndDesc => return answer,
            ErrorStyle::ClassAndData => json!({"class": class, "data": {"message": desc}}),
            ErrorStyle::OwnClass if class != "GenericError" => return answer,
            ErrorStyle::OwnClass => json!({"class": "InvalidParameter", "desc": desc}),
            ErrorStyle::Code => json!({"code": -1, "desc": desc}),
        };
        let bytes = Answer::line(&json!({"error": error}).to_string()).bytes;
        Answer { bytes, ..answer }
    }
}
