//! What it takes to execute a command, so that clients, proxies and test doubles can stand in for one another.

use std::time::Duration;

use crate::commands::GuestInfo;
use crate::{Capabilities, Command};

/// Anything that can execute a command and wait for its result.
///
/// [`blocking::Client`](crate::blocking::Client) does it over a stream. Implement the trait for whatever else reaches
/// an agent (libvirt's passthrough, a proxy, a test double), and every command method and helper of this crate works
/// over it.
///
/// ```
/// use qga_bindings::commands::GuestSync;
/// use qga_bindings::{Command, Commands, Execute, NoReply, Reply};
///
/// /// Hands each request to a function that answers with the value of `return`, as libvirt's API does.
/// struct Passthrough<F>(F);
///
/// impl<F: FnMut(&str) -> Option<String>> Execute for Passthrough<F> {
///     type Error = String;
///
///     fn execute<C: Command>(&mut self, command: &C) -> Result<C::Output, String> {
///         let arguments = serde_json::to_string(command).map_err(|e| e.to_string())?;
///         let request = format!(r#"{{"execute":"{}","arguments":{arguments}}}"#, C::NAME);
///         match (self.0)(&request) {
///             Some(value) => C::Output::decode(&value).map_err(|e| e.to_string()),
///             None => C::Output::silence(NoReply::Silence).ok_or_else(|| format!("{}: no reply", C::NAME)),
///         }
///     }
/// }
///
/// let answer = |request: &str| if request.contains("sync") { "7" } else { "{}" };
/// let mut agent = Passthrough(|request: &str| Some(answer(request).to_owned()));
/// assert_eq!(agent.guest_sync(GuestSync::new(7))?, 7);
/// agent.guest_ping()?;
/// # Ok::<(), String>(())
/// ```
pub trait Execute {
    /// Why a command may have no result.
    type Error;

    /// Executes one command.
    ///
    /// # Errors
    /// The command could not be sent, the agent refused or failed it, or its reply did not come or was not understood.
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Output, Self::Error>;

    /// Executes one command within the given time. What knows no limits of its own takes the time it takes, which is what
    /// this does unless it is overridden.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute); also when the time is over.
    fn execute_within<C: Command>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> Result<C::Output, Self::Error> {
        let _ = limit;
        self.execute(command)
    }

    /// What the agent can do. It is asked each time unless this is overridden.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    fn capabilities(&mut self) -> Result<Capabilities, Self::Error> {
        self.execute(&GuestInfo::new()).map(Capabilities::from)
    }

    /// Gives up a connection that stays silent, where another can take its place: the next command makes it. Does nothing
    /// unless it is overridden.
    fn reconnect(&mut self) {}
}

impl<E: Execute + ?Sized> Execute for &mut E {
    type Error = E::Error;

    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Output, Self::Error> {
        (**self).execute(command)
    }

    fn execute_within<C: Command>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> Result<C::Output, Self::Error> {
        (**self).execute_within(command, limit)
    }

    fn capabilities(&mut self) -> Result<Capabilities, Self::Error> {
        (**self).capabilities()
    }

    fn reconnect(&mut self) {
        (**self).reconnect();
    }
}

/// The asynchronous twin of [`Execute`].
///
/// A future that is dropped before it is ready leaves the command's outcome unknown; an implementation must not take
/// the late reply for the answer to a later command.
pub trait ExecuteAsync: Send {
    /// Why a command may have no result.
    type Error;

    /// Executes one command.
    ///
    /// # Errors
    /// The command could not be sent, the agent refused or failed it, or its reply did not come or was not understood.
    fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
    ) -> impl Future<Output = Result<C::Output, Self::Error>> + Send;

    /// Executes one command within the given time. What knows no limits of its own takes the time it takes, which is what
    /// this does unless it is overridden.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute); also when the time is over.
    fn execute_within<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<C::Output, Self::Error>> + Send {
        let _ = limit;
        self.execute(command)
    }

    /// What the agent can do. It is asked each time unless this is overridden.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    fn capabilities(&mut self) -> impl Future<Output = Result<Capabilities, Self::Error>> + Send {
        async { self.execute(&GuestInfo::new()).await.map(Capabilities::from) }
    }

    /// Gives up a connection that stays silent, where another can take its place: the next command makes it. Does nothing
    /// unless it is overridden.
    fn reconnect(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

impl<E: ExecuteAsync + ?Sized> ExecuteAsync for &mut E {
    type Error = E::Error;

    fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
    ) -> impl Future<Output = Result<C::Output, Self::Error>> + Send {
        (**self).execute(command)
    }

    fn execute_within<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<C::Output, Self::Error>> + Send {
        (**self).execute_within(command, limit)
    }

    fn capabilities(&mut self) -> impl Future<Output = Result<Capabilities, Self::Error>> + Send {
        (**self).capabilities()
    }

    fn reconnect(&mut self) -> impl Future<Output = ()> + Send {
        (**self).reconnect()
    }
}
