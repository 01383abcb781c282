//! Standard input that ends when this program is told to end, for what has to clean up first.

use std::io::{self, Read};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How long nothing may come before it is looked whether there was a signal. One that comes while it is waited ends the waiting;
/// one that comes just before does not.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Our standard input. To whoever reads it, it ends when this program is told to end: an agent that is interrupted by the same
/// refuses the command that follows, and then does what is left to do.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    interrupt: &'a Interrupt,
    is_cut: bool,
}

impl<'a> Input<'a> {
    pub(crate) fn new(interrupt: &'a Interrupt) -> Self {
        Self { interrupt, is_cut: false }
    }

    /// Whether all of it was read.
    ///
    /// # Errors
    /// This program was told to end, so that there may have been more.
    pub(crate) fn whole(&self) -> Result<(), Failure> {
        match self.interrupt.exit().filter(|_| self.is_cut) {
            Some(exit) => Err(Failure::with_exit("interrupted", exit)),
            None => Ok(()),
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stdin = io::stdin();
        while self.interrupt.exit().is_none() {
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&GLANCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // Past the buffer of the library, which nothing else fills.
                _ => return Ok(rustix::io::read(&stdin, buffer)?),
            }
        }
        self.is_cut = true;
        Ok(0)
    }
}
