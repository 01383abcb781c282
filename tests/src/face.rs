//! One way to use both clients, so that a test says once what holds for both.

use std::time::Duration;

use qga_bindings::fake::{Agent, Connection};
use qga_bindings::protocol::Request;
use qga_bindings::ready::{NotReady, Ready};
use qga_bindings::{Address, Capabilities, Cause, Command, Error, blocking, tokio};

/// A client of either kind over a fake agent.
pub trait Face {
    /// Sends a command without arguments and gives the text of the value it returns, or nothing if it has no reply.
    ///
    /// # Errors
    /// As of the client.
    fn ask(&mut self, request: &Request, limit: Duration) -> Result<Option<String>, Error>;

    /// Executes a command.
    ///
    /// # Errors
    /// As of the client.
    fn execute<C: Command>(&mut self, command: &C, limit: Duration) -> Result<C::Output, Error>
    where
        Self: Sized;

    /// Begins a command and drops it before it is done, as far as the face can.
    fn ask_and_forget(&mut self, request: &Request);

    /// Has queries sent again whose outcome is unknown.
    fn repeat_queries(&mut self);

    /// Gives up the connection.
    fn release(&mut self, patience: Duration);

    /// Waits for the agent.
    ///
    /// # Errors
    /// As of the client.
    fn ready(&mut self, ready: &Ready) -> Result<(), NotReady>;

    /// What the agent can do.
    ///
    /// # Errors
    /// As of the client.
    fn capabilities(&mut self) -> Result<Capabilities, Error>;
}

/// The client that blocks.
#[derive(Debug)]
pub struct Blocking<S: blocking::Stream = Connection>(blocking::Client<S>);

/// The asynchronous client, and a runtime of its own.
#[derive(Debug)]
pub struct Tokio<S: tokio::Stream = Connection> {
    client: tokio::Client<S>,
    runtime: ::tokio::runtime::Runtime,
}

impl Blocking {
    /// A client that connects to the agent whenever it has to.
    pub fn new(agent: &Agent, reply_limit: usize) -> Self {
        let agent = agent.clone();
        Self(
            blocking::Client::connecting(move |_| agent.try_connect())
                .with_reply_limit(reply_limit),
        )
    }
}

impl Tokio {
    /// A client that connects to the agent whenever it has to.
    pub fn new(agent: &Agent, reply_limit: usize) -> Self {
        let agent = agent.clone();
        let client = tokio::Client::connecting(move || std::future::ready(agent.try_connect()));
        Self::over(client.with_reply_limit(reply_limit))
    }
}

impl<S: blocking::Stream> Blocking<S> {
    /// Any client.
    pub fn over(client: blocking::Client<S>) -> Self {
        Self(client)
    }
}

impl<S: tokio::Stream> Tokio<S> {
    /// Any client, and a runtime.
    ///
    /// # Panics
    /// There can be no runtime.
    #[expect(clippy::expect_used, reason = "a test without a runtime has failed")]
    pub fn over(client: tokio::Client<S>) -> Self {
        let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { client, runtime: runtime.expect("a runtime can be made") }
    }
}

/// Does the same with a client of either kind of the agent at an address.
pub fn at(address: impl Into<Address>, mut check: impl FnMut(&mut dyn Face)) {
    let address = address.into();
    check(&mut Blocking::over(blocking::Client::open(address.clone())));
    check(&mut Tokio::over(tokio::Client::open(address)));
}

impl<S: blocking::Stream> Face for Blocking<S> {
    fn ask(&mut self, request: &Request, limit: Duration) -> Result<Option<String>, Error> {
        text(self.0.request(request, Some(limit))?)
    }

    fn execute<C: Command>(&mut self, command: &C, limit: Duration) -> Result<C::Output, Error> {
        self.0.execute_within(command, limit)
    }

    fn ask_and_forget(&mut self, request: &Request) {
        // A call that blocks cannot be dropped; running out of time is the same to the session.
        drop(self.0.request(request, Some(Duration::from_millis(5))));
    }

    fn repeat_queries(&mut self) {
        let nobody = blocking::Client::connecting(|_| Err(std::io::ErrorKind::NotFound.into()));
        self.0 = std::mem::replace(&mut self.0, nobody).with_repeated_queries();
    }

    fn release(&mut self, patience: Duration) {
        self.0.release(patience);
    }

    fn ready(&mut self, ready: &Ready) -> Result<(), NotReady> {
        blocking::Helpers::ready(&mut self.0, ready)
    }

    fn capabilities(&mut self) -> Result<Capabilities, Error> {
        self.0.capabilities()
    }
}

impl<S: tokio::Stream> Face for Tokio<S> {
    fn ask(&mut self, request: &Request, limit: Duration) -> Result<Option<String>, Error> {
        text(self.runtime.block_on(self.client.request(request, Some(limit)))?)
    }

    fn execute<C: Command>(&mut self, command: &C, limit: Duration) -> Result<C::Output, Error> {
        self.runtime.block_on(self.client.execute_within(command, limit))
    }

    fn ask_and_forget(&mut self, request: &Request) {
        let limit = Duration::from_millis(5);
        let call = self.client.request(request, None);
        drop(self.runtime.block_on(async { ::tokio::time::timeout(limit, call).await }));
    }

    fn repeat_queries(&mut self) {
        let nobody = || std::future::ready(Err(std::io::ErrorKind::NotFound.into()));
        let nobody = tokio::Client::connecting(nobody);
        self.client = std::mem::replace(&mut self.client, nobody).with_repeated_queries();
    }

    fn release(&mut self, patience: Duration) {
        self.runtime.block_on(self.client.release(patience));
    }

    fn ready(&mut self, ready: &Ready) -> Result<(), NotReady> {
        self.runtime.block_on(tokio::Helpers::ready(&mut self.client, ready))
    }

    fn capabilities(&mut self) -> Result<Capabilities, Error> {
        self.runtime.block_on(self.client.capabilities())
    }
}

fn text(reply: Option<qga_bindings::protocol::Reply>) -> Result<Option<String>, Error> {
    let value = reply.map(|reply| reply.value().map(|value| value.get().to_owned())).transpose();
    value.map_err(|error| Error::NotSent { command: "?".into(), cause: Cause::Encode(error) })
}

/// Makes two tests of each function: one per face, each with a new agent and a client that can connect to it.
#[macro_export]
macro_rules! in_both_faces {
    ($($(#[doc = $doc:expr])* fn $name:ident($agent:ident, $client:ident) $body:block)*) => {
        mod blocking {
            use super::*;
            $(#[test] fn $name() {
                let $agent = qga_bindings::fake::Agent::new();
                let mut $client = $crate::face::Blocking::new(&$agent, REPLY_LIMIT);
                $body
            })*
        }
        mod tokio {
            use super::*;
            $(#[test] fn $name() {
                let $agent = qga_bindings::fake::Agent::new();
                let mut $client = $crate::face::Tokio::new(&$agent, REPLY_LIMIT);
                $body
            })*
        }
    };
}
