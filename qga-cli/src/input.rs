//! Standard input that ends with an error when this program is told to end, for what has to clean up first.

use std::io::{self, Read};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::interrupt::Interrupt;

/// How long nothing may come before it is looked whether there was a signal. One that comes while it is waited ends the waiting;
/// one that comes just before does not.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Our standard input.
#[derive(Debug)]
pub(crate) struct Input<'a>(pub(crate) &'a Interrupt);

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stdin = io::stdin();
        while self.0.exit().is_none() {
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&GLANCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // Past the buffer of the library, which nothing else fills.
                _ => return Ok(rustix::io::read(&stdin, buffer)?),
            }
        }
        // Of another kind than that after which it is read again.
        Err(io::Error::other("interrupted"))
    }
}
