//! Why an agent refuses a command: it says so in one way for several reasons, and is asked for more. So it is where it
//! fails a command that it may be too old for.

use super::{Deadline, Driver, Link};
use crate::commands::{GuestFsfreezeStatus, GuestInfo};
use crate::protocol::Request;
use crate::{
    AgentError, Capabilities, Command, Error, ErrorClass, Refusal, Release, Support, types,
};

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
        let agent = self.ask(&GuestInfo::new(), deadline).await;
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
        agent: Option<types::GuestAgentInfo>,
        command: &str,
        deadline: Deadline,
    ) -> Option<Refusal> {
        // What was known did not foresee the refusal.
        self.capabilities = None;
        let capabilities = Capabilities::from(agent?);
        match capabilities.command(command) {
            Support::Absent => Some(Refusal::Unsupported),
            Support::Disabled if !capabilities.can_be_frozen() => Some(Refusal::Disabled),
            Support::Disabled => match self.ask(&GuestFsfreezeStatus::new(), deadline).await? {
                types::GuestFsfreezeStatus::Frozen => Some(Refusal::Frozen),
                _ => Some(Refusal::Disabled),
            },
            Support::Enabled | Support::Unknown => None,
        }
    }

    async fn ask<C: Command>(&mut self, command: &C, deadline: Deadline) -> Option<C::Output> {
        let request = Request::new(command).ok()?;
        let answer = self.exchange(&request, deadline, None).await.ok()?;
        self.decode::<C>(&request, answer).ok()
    }
}

/// The release that a version is of: `7.2.22` is of 7.2.
fn release_of(version: &str) -> Option<Release> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some(Release::new(numbers.next()?.ok()?, numbers.next()?.ok()?))
}
