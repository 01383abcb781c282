//! Why an agent refuses a command: it says so in one way for several reasons, and is asked for more. So it is where it
//! fails a command that it may be too old for.

use serde_core::Deserializer;
use serde_core::de::Deserialize;

use super::{Deadline, Driver, Link};
use crate::protocol::Request;
use crate::wire::{self, May, Must};
use crate::{AgentError, Error, ErrorClass, Refusal, Release};

impl<L: Link> Driver<L> {
    /// What an agent's error means for a command. It takes one or two more commands, and only where the error can be a
    /// refusal, or the agent too old for what was asked; they have to do with the time that is left.
    pub(super) async fn judge(
        &mut self,
        request: &Request,
        mut error: AgentError,
        deadline: Deadline,
    ) -> Error {
        let command = request.name().to_owned().into();
        let may_be_refusal = error.may_be_refusal();
        if !may_be_refusal && !request.is_newer_than_command() {
            return Error::Failed { command, error };
        }
        let agent: Option<Agent> = self.ask("guest-info", deadline).await;
        let release = agent.as_ref().and_then(|agent| release_of(&agent.version));
        let is_too_old = |needed: &Release| release.is_some_and(|release| release < *needed);
        error.needs = request.required_release().filter(is_too_old);
        if !may_be_refusal {
            return Error::Failed { command, error };
        }
        let certain =
            matches!(error.class, ErrorClass::CommandNotFound | ErrorClass::CommandDisabled);
        match self.refusal(agent, request.name(), deadline).await {
            Some(why) => Error::Refused { command, why, error },
            None if certain => Error::Refused { command, why: Refusal::Undetermined, error },
            None => Error::Failed { command, error },
        }
    }

    async fn refusal(
        &mut self,
        agent: Option<Agent>,
        command: &str,
        deadline: Deadline,
    ) -> Option<Refusal> {
        match agent?.commands?.into_iter().find(|listed| listed.name == command) {
            None => Some(Refusal::Unsupported),
            Some(listed) if listed.enabled => None,
            Some(_) => {
                match self.ask::<String>("guest-fsfreeze-status", deadline).await?.as_str() {
                    "frozen" => Some(Refusal::Frozen),
                    _ => Some(Refusal::Disabled),
                }
            }
        }
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &mut self,
        command: &'static str,
        deadline: Deadline,
    ) -> Option<T> {
        let request = Request::raw(command, &()).ok()?;
        let reply = self.exchange(&request, deadline).await.ok()??;
        serde_json::from_str(reply.value().ok()?.get()).ok()
    }
}

/// What `guest-info` returns, as far as it matters here; agents before QEMU 1.1 do not list their commands.
struct Agent {
    version: String,
    commands: Option<Vec<Listed>>,
}

struct Listed {
    name: String,
    enabled: bool,
}

impl<'de> Deserialize<'de> for Agent {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        wire::object(
            d,
            "GuestAgentInfo",
            &["supported_commands", "version"],
            |(May(commands), Must(version))| Self { version, commands },
        )
    }
}

/// The release that a version is of: `7.2.22` is of 7.2.
fn release_of(version: &str) -> Option<Release> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some(Release::new(numbers.next()?.ok()?, numbers.next()?.ok()?))
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        wire::object(
            d,
            "GuestAgentCommandInfo",
            &["name", "enabled"],
            |(Must(name), Must(enabled))| Self { name, enabled },
        )
    }
}
