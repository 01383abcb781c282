//! The machine's own protocol, as far as tests need it: commands and events, one JSON value a line.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use super::PATIENCE;

/// A connection to a machine.
#[derive(Debug)]
pub struct Qmp {
    stream: BufReader<UnixStream>,
    events: VecDeque<Value>,
}

impl Qmp {
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut qmp = Self { stream: BufReader::new(stream), events: VecDeque::new() };
        qmp.line()?;
        qmp.try_execute("qmp_capabilities")?;
        Ok(qmp)
    }

    /// Executes a command without arguments and returns its value.
    ///
    /// # Panics
    /// The machine refuses, or does not answer.
    #[expect(clippy::panic, reason = "a test whose machine does not obey has failed")]
    pub fn execute(&mut self, command: &str) -> Value {
        match self.try_execute(command) {
            Ok(value) => value,
            Err(error) => panic!("{command}: {error}"),
        }
    }

    fn try_execute(&mut self, command: &str) -> io::Result<Value> {
        writeln!(self.stream.get_mut(), "{}", json!({ "execute": command }))?;
        loop {
            let mut message = self.line()?;
            if message.get("event").is_some() {
                self.events.push_back(message);
            } else if let Some(value) = message.get_mut("return") {
                return Ok(value.take());
            } else {
                return Err(io::Error::other(message.to_string()));
            }
        }
    }

    /// Forgets the events that came so far, so that only later ones count.
    pub fn forget_events(&mut self) {
        // Whatever came before the answer to a command has been read with it.
        self.execute("query-status");
        self.events.clear();
    }

    /// Waits for an event of this name, which may have come already, and returns its data.
    ///
    /// # Panics
    /// It does not come.
    #[expect(clippy::panic, reason = "a test that waits in vain has failed")]
    pub fn wait_for(&mut self, event: &str) -> Value {
        loop {
            while let Some(mut message) = self.events.pop_front() {
                if message["event"] == event {
                    return message["data"].take();
                }
            }
            match self.line() {
                Ok(message) => self.events.push_back(message),
                Err(error) => panic!("no event {event} came: {error}"),
            }
        }
    }

    fn line(&mut self) -> io::Result<Value> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}
