//! Why an agent refuses a command: it says so in one way for several reasons, and is asked for more.

use serde_core::Deserializer;
use serde_core::de::Deserialize;

use super::{Deadline, Driver, Link};
use crate::protocol::Request;
use crate::wire::{self, May, Must};
use crate::{AgentError, Error, ErrorClass, Refusal};

impl<L: Link> Driver<L> {
    /// What an agent's error means for a command. It takes one or two more commands, and only where the error can be a
    /// refusal; they have to do with the time that is left.
    pub(super) async fn judge(
        &mut self,
        request: &Request,
        error: AgentError,
        deadline: Deadline,
    ) -> Error {
        let command = request.name().to_owned().into();
        if !error.may_be_refusal() {
            return Error::Failed { command, error };
        }
        let certain =
            matches!(error.class, ErrorClass::CommandNotFound | ErrorClass::CommandDisabled);
        match self.refusal(request.name(), deadline).await {
            Some(why) => Error::Refused { command, why, error },
            None if certain => Error::Refused { command, why: Refusal::Undetermined, error },
            None => Error::Failed { command, error },
        }
    }

    async fn refusal(&mut self, command: &str, deadline: Deadline) -> Option<Refusal> {
        let commands: Commands = self.ask("guest-info", deadline).await?;
        match commands.0?.into_iter().find(|listed| listed.name == command) {
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
struct Commands(Option<Vec<Listed>>);

struct Listed {
    name: String,
    enabled: bool,
}

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        wire::object(
            d,
            "GuestAgentInfo",
            &["supported_commands", "version"],
            |(May(commands), May(_)): (_, May<String>)| Self(commands),
        )
    }
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
