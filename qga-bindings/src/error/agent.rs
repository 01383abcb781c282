//! What an agent says went wrong.

use std::fmt;

use super::excerpt::Excerpt;
use crate::Release;
use crate::wire::{Unrecognized, unrecognized};

/// An error reported by the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentError {
    /// The error's class: the only part that is stable between releases, and only in what it does not say.
    pub class: ErrorClass,
    /// A description for humans; its wording differs between releases. Agents before QEMU 1.2 send none.
    pub desc: Option<String>,
    /// Details as JSON, sent only by agents before QEMU 1.2.
    pub data: Option<String>,
    /// The first release that has all that the command asked for, where the agent says that it is older. This is a
    /// client's explanation, not the agent's.
    pub needs: Option<Release>,
}

impl AgentError {
    /// Creates an error of the given class with a description.
    pub fn new(class: impl Into<ErrorClass>, desc: impl Into<String>) -> Self {
        Self { class: class.into(), desc: Some(desc.into()), data: None, needs: None }
    }

    /// Whether the command may be unknown or disabled rather than failed. Only a hint: agents before QEMU 4.2 report a
    /// disabled command like any failure, and say so in words alone.
    #[inline]
    pub(crate) fn may_be_refusal(&self) -> bool {
        match self.class {
            ErrorClass::CommandNotFound | ErrorClass::CommandDisabled => true,
            // Agents written by others have classes of their own, or none.
            ErrorClass::Unrecognized(_) => !self.is_about_request_text(),
            ErrorClass::GenericError => {
                self.desc.as_deref().is_some_and(|desc| desc.contains("disabled"))
            }
        }
    }

    /// Whether the agent seems to complain about the request's text rather than about what it asks for. Only a hint, for
    /// the same reason.
    #[inline]
    pub(crate) fn is_about_request_text(&self) -> bool {
        match &self.desc {
            Some(desc) => desc.contains("JSON") || desc.contains("QMP input"),
            None => self.class.as_str() == "JSONParsing" || self.class.as_str().starts_with("QMP"),
        }
    }
}

impl fmt::Display for AgentError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.desc, &self.data) {
            (Some(desc), _) if self.class.as_str().is_empty() => Excerpt(desc.as_bytes()).fmt(f),
            (None, None) if self.class.as_str().is_empty() => f.write_str("no reason was given"),
            (Some(desc), _) => write!(f, "{} ({})", Excerpt(desc.as_bytes()), self.class),
            (None, Some(data)) => write!(f, "{} {}", self.class, Excerpt(data.as_bytes())),
            (None, None) => write!(f, "{}", self.class),
        }?;
        match self.needs {
            Some(release) => write!(f, "; this needs QEMU {release} or later"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for AgentError {}

/// The class of an agent's error.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Anything that needs no class of its own.
    GenericError,
    /// The command is unknown, disabled, or refused while file systems are frozen.
    CommandNotFound,
    /// The command is disabled; sent by QEMU 1.1 only.
    CommandDisabled,
    /// A class these bindings do not know; empty where an agent written by others gives none.
    Unrecognized(Unrecognized),
}

impl ErrorClass {
    /// The class's name on the wire.
    #[inline]
    pub fn as_str(&self) -> &str {
        match self {
            Self::GenericError => "GenericError",
            Self::CommandNotFound => "CommandNotFound",
            Self::CommandDisabled => "CommandDisabled",
            Self::Unrecognized(name) => name.as_str(),
        }
    }
}

impl From<&str> for ErrorClass {
    #[inline]
    fn from(name: &str) -> Self {
        match name {
            "GenericError" => Self::GenericError,
            "CommandNotFound" => Self::CommandNotFound,
            "CommandDisabled" => Self::CommandDisabled,
            _ => Self::Unrecognized(unrecognized(name)),
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Excerpt(self.as_str().as_bytes()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_guest_cannot_reach_the_terminal_unescaped_or_without_end() {
        let error = AgentError::new(
            "GenericError",
            "\u{1b}[2J\u{9b}\u{202e}x".to_owned() + &"y".repeat(10_000),
        );
        let shown = error.to_string();
        assert!(shown.starts_with("\\u{1b}[2J\\u{9b}\\u{202e}xyyy"), "{shown}");
        assert!(shown.len() < 500, "{} bytes shown", shown.len());
    }

    #[test]
    fn an_unknown_error_class_keeps_its_name() {
        assert_eq!(ErrorClass::from("DeviceNotFound").as_str(), "DeviceNotFound");
        assert_eq!(ErrorClass::from("CommandNotFound"), ErrorClass::CommandNotFound);
    }
}
