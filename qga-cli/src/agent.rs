//! An agent as commands see it: a client, and the time limit the user gave.

use std::io::ErrorKind;
use std::time::Duration;

use qga_bindings::blocking::{Client, Stream};
use qga_bindings::commands::GuestInfo;
use qga_bindings::protocol::{Reply, Request};
use qga_bindings::{Capabilities, Cause, Command, Deadlines, Error, Execute};

use crate::interrupt::Interrupt;

/// An agent that a target leads to. It is connected to when first used.
#[derive(Debug)]
pub(crate) struct Agent {
    client: Client<Box<dyn Stream + Send>>,
    limit: Option<Duration>,
    interrupt: Option<Interrupt>,
}

impl Agent {
    pub(crate) fn new(client: Client<Box<dyn Stream + Send>>, limit: Option<Duration>) -> Self {
        let client = match limit {
            // What it can do is asked by the client itself.
            Some(limit) => client.with_deadlines(Deadlines::new().command(GuestInfo::NAME, limit)),
            None => client,
        };
        Self { client, limit, interrupt: None }
    }

    /// Connects for each command only, so that others are served in between.
    #[must_use]
    pub(crate) fn sharing(self) -> Self {
        Self { client: self.client.with_connection_per_call(), ..self }
    }

    /// From now on, the next command fails once we were told to end, so that whatever waits does not wait any longer. Those
    /// after it are for cleaning up.
    pub(crate) fn interrupted_by(&mut self, interrupt: &Interrupt) {
        self.interrupt = Some(interrupt.clone());
    }

    fn check<C: Command>(&mut self) -> Result<(), Error> {
        if self.interrupt.as_ref().is_some_and(|interrupt| interrupt.exit().is_some()) {
            self.interrupt = None;
            let cause = Cause::Io(ErrorKind::Interrupted.into());
            return Err(Error::NotSent { command: C::NAME.into(), cause });
        }
        Ok(())
    }

    /// Lets go of the connection, so that others are served.
    pub(crate) fn release(&mut self) {
        self.client.release(Duration::from_millis(100));
    }

    /// Sends a request that is written out already.
    pub(crate) fn request(&mut self, request: &Request) -> Result<Option<Reply>, Error> {
        self.client.request(request, self.limit)
    }
}

impl Execute for Agent {
    type Error = Error;

    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Output, Error> {
        self.check::<C>()?;
        match self.limit {
            None => self.client.execute(command),
            Some(limit) => self.client.execute_within(command, limit),
        }
    }

    fn execute_within<C: Command>(
        &mut self,
        command: &C,
        limit: Duration,
    ) -> Result<C::Output, Error> {
        self.check::<C>()?;
        self.client.execute_within(command, self.limit.map_or(limit, |ours| ours.min(limit)))
    }

    /// Asked once for each connection.
    fn capabilities(&mut self) -> Result<Capabilities, Error> {
        self.check::<GuestInfo>()?;
        self.client.capabilities()
    }

    fn reconnect(&mut self) {
        self.client.reconnect();
    }
}
