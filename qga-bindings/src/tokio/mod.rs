//! The client for asynchronous programs on tokio.

mod clock;
mod exec;
mod files;
mod freeze;
mod hardware;
mod helpers;
mod link;
mod network;
mod open;
mod storage;
mod users;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite};
pub use clock::Clock;
pub use exec::Processes;
pub use files::Files;
pub use freeze::Frozen;
pub use hardware::Hardware;
pub use helpers::Helpers;
use link::TokioLink;
pub use network::Networking;
pub use storage::Storage;
pub use users::Users;

use crate::client::{Answer, DROP_PATIENCE, Deadlines, Driver, Link as _};
use crate::protocol::{Reply, Request};
use crate::{Address, Capabilities, Command, Error, ExecuteAsync, Support};

/// What a client can work over: any asynchronous stream that can move between threads.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// A client whose calls are futures; it needs a runtime with I/O and time.
///
/// It may be used in one runtime after the other. Its connection needs the runtime that it was made in, so when that has ended
/// a client that can connect does so again.
///
/// An agent serves one client at a time and handles one command at a time, hence `&mut self`.
///
/// Whatever happens to one call, the next one works as soon as the agent does. That includes a future that is dropped
/// before it is ready: its command may have run, its late reply is never taken for the answer to a later command, and the
/// next call puts the channel in order first.
///
/// Dropping a client while an answer is due leaves a task behind that waits a moment for it, because agents that listen on
/// a socket themselves end when a client leaves without reading; [`close`](Self::close) waits longer.
pub struct Client<S: Stream> {
    driver: Driver<TokioLink<S>>,
}

impl<S: Stream> Client<S> {
    /// A client over a stream that is connected to an agent. When the stream ends, so does the client.
    pub fn new(stream: S) -> Self {
        Self { driver: Driver::new(TokioLink::over(stream)) }
    }

    /// A client that connects when first used, and again after its connection was lost.
    pub fn connecting<F>(mut open: impl FnMut() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        Self { driver: Driver::new(TokioLink::opening(Box::new(move || Box::pin(open())))) }
    }

    /// Says which unix socket it connects to.
    fn of_socket(mut self, path: Option<PathBuf>) -> Self {
        self.driver.link.set_socket(path);
        self
    }

    /// Sets how long commands may take.
    #[must_use]
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.driver.deadlines = deadlines;
        self
    }

    /// Sends a query again, once, if the connection ends before its answer: one that reads something and changes nothing, as
    /// [`Class::Query`](crate::Class::Query) says. Other commands are never sent twice.
    #[must_use]
    pub fn with_repeated_queries(mut self) -> Self {
        self.driver.repeats_queries = true;
        self
    }

    /// Connects for each call and gives up the connection after it, so that several programs can share an agent, which serves
    /// one connection at a time.
    ///
    /// Each call then waits for its turn, within its deadline, and costs a handshake. After a call that failed, what is still
    /// due is read first, for a quarter of a second at most. Files that are open and programs that run stay known to the agent
    /// from one connection to the next. A call whose future is dropped keeps its connection until the next call, or until
    /// the client is dropped.
    #[must_use]
    pub fn with_connection_per_call(mut self) -> Self {
        self.driver.connects_per_call = true;
        self
    }

    /// Sets how long a reply may be, in bytes. It is [`DEFAULT_REPLY_LIMIT`](crate::protocol::DEFAULT_REPLY_LIMIT)
    /// otherwise.
    #[must_use]
    pub fn with_reply_limit(mut self, bytes: usize) -> Self {
        self.driver.set_reply_limit(bytes);
        self
    }

    /// Executes a command, within the time that its class is given.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn execute<C: Command>(
        &mut self,
        command: &C,
    ) -> impl Future<Output = Result<C::Output, Error>> + Send + use<'_, C, S> {
        let request = self.driver.write(command);
        self.driver.execute::<C>(request, None)
    }

    /// Executes a command within the given time, in which connecting and the handshake are included.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn execute_within<C: Command>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<C::Output, Error>> + Send + use<'_, C, S> {
        let request = self.driver.write(command);
        self.driver.execute::<C>(request, Some(limit))
    }

    /// Sends a request that is written out already, such as one whose command these bindings do not know, and returns the
    /// reply, or nothing for a command that is not answered. Without a limit it takes the time of the command's class.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn request(
        &mut self,
        request: &Request,
        limit: Option<Duration>,
    ) -> Result<Option<Reply>, Error> {
        self.driver.request(request, limit).await.map(Answer::reply)
    }

    /// What the agent can do: it is asked once per connection, and what it said is forgotten with the connection.
    ///
    /// # Errors
    /// Those of `guest-info`.
    pub async fn capabilities(&mut self) -> Result<Capabilities, Error> {
        self.driver.capabilities().await
    }

    /// Whether the agent executes the command `C`, by its [`capabilities`](Self::capabilities).
    ///
    /// # Errors
    /// Those of `guest-info`.
    pub async fn supports<C: Command>(&mut self) -> Result<Support, Error> {
        Ok(self.capabilities().await?.of::<C>())
    }

    /// Gives up the connection, so that another client is served, after reading what is still due for at most the given
    /// time. A client that can connect does so again when it is next used.
    pub async fn release(&mut self, patience: Duration) {
        self.driver.close(patience).await;
    }

    /// Gives up the connection for good, after reading what is still due for at most the given time.
    pub async fn close(mut self, patience: Duration) {
        self.release(patience).await;
    }

    /// Takes the stream out of the client, if it is connected. Answers may still be due on it.
    pub fn into_stream(mut self) -> Option<S> {
        self.driver.link.take()
    }
}

impl Client<Box<dyn Stream>> {
    /// A client of the agent at an address. It connects when first used, and again after the connection was lost.
    pub fn open(address: impl Into<Address>) -> Self {
        let address = address.into();
        let socket = address.socket();
        Self::connecting(move || open::open(address.clone())).of_socket(socket)
    }
}

#[cfg(unix)]
impl Client<::tokio::net::UnixStream> {
    /// A client of the agent behind a unix socket: the one that a virtual machine's channel is connected to, or one that an
    /// agent listens on. It connects when first used, and again after the connection was lost.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let socket = Some(path.clone());
        Self::connecting(move || open::unix(path.clone())).of_socket(socket)
    }
}

impl<S: Stream> ExecuteAsync for Client<S> {
    type Error = Error;

    fn execute<C: Command + Sync>(
        &mut self,
        command: &C,
    ) -> impl Future<Output = Result<C::Output, Error>> + Send {
        Self::execute(self, command)
    }

    fn execute_within<C: Command + Sync>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<C::Output, Error>> + Send {
        Self::execute_within(self, command, limit)
    }

    fn capabilities(&mut self) -> impl Future<Output = Result<Capabilities, Error>> + Send {
        Self::capabilities(self)
    }

    async fn reconnect(&mut self) {
        if self.driver.link.can_reopen() {
            self.release(Duration::ZERO).await;
        }
    }
}

impl<S: Stream> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("deadlines", &self.driver.deadlines).finish_non_exhaustive()
    }
}

impl<S: Stream> Drop for Client<S> {
    fn drop(&mut self) {
        if !self.driver.must_drain() {
            return;
        }
        if let Ok(runtime) = ::tokio::runtime::Handle::try_current() {
            let mut driver = std::mem::replace(&mut self.driver, Driver::new(TokioLink::closed()));
            runtime.spawn(async move { driver.close(DROP_PATIENCE).await });
        }
    }
}
