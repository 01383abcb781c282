//! Handles of files in the guest, each of which is closed once.

use std::fmt;
use std::time::Duration;

use crate::guest::Guest;
use crate::{Error, commands};

/// How long closing what was left open may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// A file that is, or may be, still open in the guest, until its agent is started anew.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The file.
    pub path: String,
    /// The handle, if it is known. It may have been closed: closing a handle twice can crash the agent, so that this is not tried
    /// when the answer to the first attempt was lost.
    pub handle: Option<i64>,
}

impl fmt::Display for Leak {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.handle {
            Some(handle) => write!(f, "handle {handle} of {:?} may still be open", self.path),
            None => write!(f, "{:?} may still be open under an unknown handle", self.path),
        }
    }
}

/// What is open, or may be.
#[derive(Debug, Default)]
pub(crate) struct Handles(Vec<Open>);

#[derive(Debug)]
struct Open {
    path: String,
    handle: Option<i64>,
    /// Closing it was tried, and must not be tried again.
    closing: bool,
}

impl Handles {
    /// What may be open although nobody uses it.
    #[inline]
    pub(crate) fn leaked(&self) -> Vec<Leak> {
        let leak = |open: &Open| Leak { path: open.path.clone(), handle: open.handle };
        self.0.iter().map(leak).collect()
    }

    /// Closes what earlier calls left open, where that is safe. They were dropped, or could not reach the agent.
    pub(crate) async fn close_left(&mut self, guest: &mut impl Guest) {
        let left = self.0.iter().filter(|open| !open.closing).filter_map(|open| open.handle);
        for handle in left.collect::<Vec<_>>() {
            // If it fails it is as it was before.
            let _ = self.close(guest, handle, Some(CLOSE_LIMIT)).await;
        }
    }

    pub(crate) async fn open(
        &mut self,
        guest: &mut impl Guest,
        path: &str,
        mode: &str,
    ) -> Result<i64, Error> {
        // If this future is dropped, or the answer is lost, the entry stays.
        let at = self.0.len();
        self.0.push(Open { path: path.to_owned(), handle: None, closing: false });
        let result = guest.execute(&commands::GuestFileOpen::new(path).mode(mode), None).await;
        match &result {
            Ok(handle) => {
                if let Some(open) = self.0.get_mut(at) {
                    open.handle = Some(*handle);
                }
            }
            Err(Error::NotSent { .. } | Error::Refused { .. } | Error::Failed { .. }) => {
                self.0.truncate(at);
            }
            Err(_) => {}
        }
        result
    }

    /// Closes a file, once.
    pub(crate) async fn close(
        &mut self,
        guest: &mut impl Guest,
        handle: i64,
        limit: Option<Duration>,
    ) -> Result<(), Error> {
        let Some(open) = self.0.iter_mut().find(|open| open.handle == Some(handle)) else {
            return Ok(());
        };
        open.closing = true;
        let result = guest.execute(&commands::GuestFileClose::new(handle), limit).await;
        match &result {
            Err(Error::NotSent { .. } | Error::Refused { .. }) => open.closing = false,
            // What is left after a failure is nothing that could be closed.
            Ok(_) | Err(Error::Failed { .. }) => self.0.retain(|open| open.handle != Some(handle)),
            Err(_) => {}
        }
        result.map(|_| ())
    }
}
