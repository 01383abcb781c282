//! Waiting for an agent, and why it does not answer.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use crate::commands::{GuestFsfreezeStatus, GuestInfo, GuestSync};
use crate::guest::Guest;
use crate::{Capabilities, Cause, Command, Error, Refusal, Stage, Stranger, Support, types};

/// How long a connection may stay silent before another one is tried. What is written to a connection that stays open waits
/// for the guest, so this is a last resort: for channels that lose it all the same.
const RECONNECT_AFTER: Duration = Duration::from_secs(30);

/// How long to wait where no connection can be made, before the next try.
const PAUSE: Duration = Duration::from_millis(200);

/// What to wait for, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    limit: Duration,
    commands: Vec<&'static str>,
}

impl Ready {
    /// Waits for an agent that answers, for at most the given time. A virtual machine takes seconds to minutes to boot.
    pub fn within(limit: Duration) -> Self {
        Self { limit, commands: Vec::new() }
    }

    /// Once the agent answers, demands that it executes the command `C`. That is not waited for, because time does not change
    /// it. An agent that does not list its commands, as those before QEMU 1.1, is given the benefit of the doubt.
    #[must_use]
    pub fn with<C: Command>(mut self) -> Self {
        self.commands.push(C::NAME);
        self
    }
}

/// Why an agent is not ready.
///
/// The message says what is known, and what to do next.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotReady {
    /// What kind of obstacle it is.
    pub reason: Reason,
    /// How long it was waited for.
    pub waited: Duration,
    /// What the last attempt came to; nothing where the agent answered.
    pub error: Option<Box<Error>>,
}

/// What keeps an agent from being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no socket, line or pipe at the address.
    NotFound,
    /// There is one, and nobody listens.
    Refused,
    /// This process must not use it.
    PermissionDenied,
    /// Another client is served; known for unix sockets on Linux only, elsewhere it is [`Silent`](Self::Silent).
    Busy,
    /// There is a connection, and nobody answers. The guest may be booting, suspended or without an agent, the agent may not
    /// run, or another client may be served.
    Silent,
    /// There is a connection, and what comes over it is not what agents say.
    Noise,
    /// Something else than an agent is at the address.
    Stranger(Stranger),
    /// Connections end before the agent answers.
    HungUp,
    /// No connection can be made for another reason, which [`NotReady::error`] tells.
    Unreachable,
    /// The agent answers, and does not execute a command that was demanded.
    Command {
        /// The command's name.
        name: &'static str,
        /// Why it does not.
        why: Refusal,
    },
}

impl Reason {
    /// What a client's error says of the agent; nothing if the agent answered.
    #[inline]
    pub fn of(error: &Error) -> Option<Self> {
        let (Error::NotSent { cause, .. } | Error::OutcomeUnknown { cause, .. }) = error else {
            return None;
        };
        Some(match cause {
            Cause::Io(error) => match error.kind() {
                io::ErrorKind::NotFound => Self::NotFound,
                io::ErrorKind::ConnectionRefused => Self::Refused,
                io::ErrorKind::PermissionDenied => Self::PermissionDenied,
                // There was a connection, and there cannot be another.
                io::ErrorKind::NotConnected => Self::HungUp,
                _ => Self::Unreachable,
            },
            Cause::Busy { .. } => Self::Busy,
            Cause::Noise { .. } => Self::Noise,
            Cause::Stranger(stranger) => Self::Stranger(*stranger),
            Cause::Closed => Self::HungUp,
            Cause::Deadline { waiting_for, .. } if *waiting_for != Stage::Connection => {
                Self::Silent
            }
            _ => Self::Unreachable,
        })
    }
}

impl fmt::Display for Reason {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => {
                "there is nothing at its address; start the virtual machine, check the address, and see that the machine \
                 has a channel for an agent"
            }
            Self::Refused => {
                "nobody listens at its address; what listened there has ended or is still starting: start the virtual \
                 machine or, where the agent itself listens, the agent"
            }
            Self::PermissionDenied => {
                "this process may not use its address; run as the owner of the socket or line, or have its permissions \
                 changed"
            }
            Self::Busy => {
                "other clients are connected to it, and it serves one at a time; have them let go of it (a manager of \
                 virtual machines such as libvirt never does: go through it)"
            }
            Self::Silent => {
                "nobody answers; wait longer if the guest is booting or suspended, see in the guest that the agent is \
                 installed and running and uses this channel, and that no other client holds the channel"
            }
            Self::Noise => {
                "what comes from it is not what agents say; check that the address is that of the agent's channel, and not of a \
                 console or of something else"
            }
            Self::Stranger(stranger) => {
                return write!(f, "{stranger} is at its address, and no agent; {}", elsewhere(*stranger));
            }
            Self::HungUp => {
                "connections to it end before it answers; see the log of the agent, or of what is between"
            }
            Self::Unreachable => "no connection to it can be made",
            Self::Command { name, why } => return write!(f, "it answers, but {name} is not available: {why}; {}", remedy(*why)),
        })
    }
}

#[inline]
fn elsewhere(stranger: Stranger) -> &'static str {
    match stranger {
        Stranger::Qmp | Stranger::Hmp | Stranger::Vnc => {
            "use the socket of the chardev that the virtserialport named org.qemu.guest_agent.0 is connected to"
        }
        _ => "check the address",
    }
}

#[inline]
fn remedy(why: Refusal) -> &'static str {
    match why {
        Refusal::Unsupported => "a newer agent, or one built for it, may have it",
        Refusal::Disabled => "the guest's administrator can allow it in the agent's configuration",
        Refusal::Frozen => "thaw the file systems first",
        Refusal::Undetermined => "try it to learn more",
    }
}

impl fmt::Display for NotReady {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the agent is not ready after {:.1?}: {}", self.waited, self.reason)?;
        match &self.error {
            Some(error) if self.reason == Reason::Unreachable => write!(f, ": {error}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for NotReady {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.as_deref().map(|error| error as _)
    }
}

/// Waits until the agent answers, and then looks whether it has what is demanded.
pub(crate) async fn wait(guest: &mut impl Guest, ready: &Ready) -> Result<(), NotReady> {
    let wait = Wait { start: guest.now(), limit: ready.limit };
    let mut before = None;
    loop {
        let limit = wait.next(guest);
        let Err(error) = guest.execute(&GuestSync::new(0), Some(limit)).await else { break };
        // Whatever the agent says, it answers.
        let Some(reason) = Reason::of(&error) else { break };
        let last = match before.take() {
            // There was hardly time for this attempt; the one before says more.
            Some(before) if limit < PAUSE && error.is_timeout() => before,
            _ => (reason, error),
        };
        if !wait.left(guest).is_zero() {
            match last.0 {
                // Another connection would only go to the end of the line.
                Reason::Busy => {}
                Reason::Silent | Reason::Noise => guest.reconnect().await,
                _ if cannot_change(&last.1) => return Err(wait.over(guest, last)),
                _ => guest.pause(PAUSE.min(wait.left(guest))).await,
            }
        }
        if wait.left(guest).is_zero() {
            return Err(wait.over(guest, last));
        }
        before = Some(last);
    }
    if ready.commands.is_empty() {
        return Ok(());
    }
    let capabilities = match guest.execute(&GuestInfo::new(), Some(wait.next(guest))).await {
        Ok(info) => Capabilities::from(info),
        Err(error) => match Reason::of(&error) {
            Some(reason) => return Err(wait.over(guest, (reason, error))),
            None => return Ok(()),
        },
    };
    for name in &ready.commands {
        let why = match capabilities.command(name) {
            Support::Enabled | Support::Unknown => continue,
            Support::Absent => Refusal::Unsupported,
            Support::Disabled if !capabilities.can_be_frozen() => Refusal::Disabled,
            Support::Disabled => {
                match guest.execute(&GuestFsfreezeStatus::new(), Some(wait.next(guest))).await {
                    Ok(types::GuestFsfreezeStatus::Frozen) => Refusal::Frozen,
                    Ok(_) => Refusal::Disabled,
                    Err(_) => Refusal::Undetermined,
                }
            }
        };
        let reason = Reason::Command { name, why };
        return Err(NotReady { reason, waited: wait.passed(guest), error: None });
    }
    Ok(())
}

/// Whether an error is there to stay: there can be no such address, or not in this build, something else is there, or the only
/// connection there was has ended.
#[inline]
fn cannot_change(error: &Error) -> bool {
    use io::ErrorKind::{InvalidInput, NotConnected, Unsupported};
    match error {
        Error::NotSent { cause: Cause::Io(error), .. } => {
            matches!(error.kind(), Unsupported | NotConnected | InvalidInput)
        }
        Error::NotSent { cause: Cause::Stranger(_), .. } => true,
        _ => false,
    }
}

/// A wait that has begun.
struct Wait {
    start: Instant,
    limit: Duration,
}

impl Wait {
    fn passed(&self, guest: &impl Guest) -> Duration {
        guest.now().saturating_duration_since(self.start)
    }

    fn left(&self, guest: &impl Guest) -> Duration {
        self.limit.saturating_sub(self.passed(guest))
    }

    /// How long the next command may take.
    fn next(&self, guest: &impl Guest) -> Duration {
        self.left(guest).min(RECONNECT_AFTER)
    }

    fn over(&self, guest: &impl Guest, (reason, error): (Reason, Error)) -> NotReady {
        NotReady { reason, waited: self.passed(guest), error: Some(Box::new(error)) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::commands::GuestExec;

    /// What happens to one command, and how long it takes.
    enum Turn {
        Returns(&'static str),
        Fails(fn() -> Cause),
        IsSilent,
    }
    use Turn::{Fails, IsSilent, Returns};

    /// An agent that keeps to a script, on a clock that moves only when somebody waits.
    struct Scripted {
        turns: VecDeque<Turn>,
        now: Instant,
        reconnects: usize,
    }

    impl Guest for Scripted {
        async fn execute<C: Command + Sync>(
            &mut self,
            _: &C,
            limit: Option<Duration>,
        ) -> Result<C::Output, Error> {
            let not_sent = |cause| Error::NotSent { command: C::NAME.into(), cause };
            match self.turns.pop_front().unwrap_or(IsSilent) {
                Returns(json) => Ok(crate::Reply::decode(json).expect("what the command returns")),
                Fails(cause) => Err(not_sent(cause())),
                IsSilent => {
                    let limit = limit.expect("every wait has an end");
                    self.now += limit;
                    Err(not_sent(Cause::Deadline { limit, waiting_for: Stage::Handshake }))
                }
            }
        }

        async fn reconnect(&mut self) {
            self.reconnects += 1;
        }

        async fn pause(&mut self, time: Duration) {
            self.now += time;
        }

        fn now(&self) -> Instant {
            self.now
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    fn wait_for(
        ready: &Ready,
        turns: impl Into<VecDeque<Turn>>,
    ) -> (Result<(), NotReady>, Scripted) {
        let mut guest = Scripted { turns: turns.into(), now: Instant::now(), reconnects: 0 };
        let result = crate::guest::block_on(wait(&mut guest, ready));
        (result, guest)
    }

    #[test]
    fn a_silent_connection_is_kept_for_half_a_minute_and_then_replaced() {
        let ready = Ready::within(100 * SECOND);
        let (result, guest) = wait_for(&ready, [IsSilent, IsSilent, Returns("0")]);
        result.expect("it answers at last");
        assert_eq!(guest.reconnects, 2);
        let error = wait_for(&ready, []).0.expect_err("it never answers");
        assert_eq!((error.reason, error.waited), (Reason::Silent, 100 * SECOND));
    }

    #[test]
    fn a_place_in_the_line_is_not_given_up() {
        let busy = || Cause::Busy { limit: SECOND };
        let (result, guest) =
            wait_for(&Ready::within(SECOND), [Fails(busy), Fails(busy), Returns("0")]);
        result.expect("its turn comes");
        assert_eq!(guest.reconnects, 0);
    }

    #[test]
    fn an_address_that_no_build_or_client_can_use_is_not_waited_for() {
        let causes: [fn() -> Cause; 2] = [
            || Cause::Io(io::ErrorKind::Unsupported.into()),
            || Cause::Io(io::ErrorKind::NotConnected.into()),
        ];
        for cause in causes {
            let error = wait_for(&Ready::within(SECOND), [Fails(cause)]).0.expect_err("never");
            assert_eq!(error.waited, Duration::ZERO);
        }
    }

    #[test]
    fn what_is_demanded_is_looked_up_and_not_waited_for() {
        let enabled =
            r#"{"version": "1", "supported_commands": [{"name": "guest-exec", "enabled": true}]}"#;
        let disabled =
            r#"{"version": "1", "supported_commands": [{"name": "guest-exec", "enabled": false}]}"#;
        let ready = Ready::within(SECOND).with::<GuestExec>();
        wait_for(&ready, [Returns("0"), Returns(enabled)]).0.expect("enabled");
        wait_for(&ready, [Returns("0"), Returns(r#"{"version": "1.0"}"#)]).0.expect("not known");
        let error = wait_for(&ready, [Returns("0"), Returns(disabled)]).0.expect_err("disabled");
        assert_eq!(error.reason, Reason::Command { name: "guest-exec", why: Refusal::Disabled });
        assert_eq!(error.waited, Duration::ZERO);
    }
}
