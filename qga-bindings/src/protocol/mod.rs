//! The agent's protocol without I/O: requests to bytes, bytes to events.
//!
//! A [`Session`] does no I/O, tells no time and makes no random numbers; whoever drives it brings those. The clients of
//! this crate do; drive one yourself to reach an agent by other means, or over another runtime.
//!
//! ```
//! use qga_bindings::protocol::{Event, Request, Session};
//!
//! let mut session = Session::new();
//! session.sync(24301);
//! session.sent(session.outgoing().len()); // written to the agent, which answers:
//! session.receive(b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\n\xff{\"return\": 24301}\n");
//! assert!(matches!(session.poll(), Some(Event::Synced)));
//!
//! session.submit(&Request::raw("guest-ping", &()).unwrap()).unwrap();
//! session.sent(session.outgoing().len());
//! session.receive(b"{\"return\": {}}\n");
//! assert!(matches!(session.poll(), Some(Event::Returned(reply)) if reply.value().unwrap().get() == "{}"));
//! ```

mod event;
mod frame;
mod marker;
mod message;
mod nesting;
mod opening;
mod outgoing;
mod request;
mod session;
#[cfg(test)]
mod tests;

pub use event::{Event, NotReady};
pub use message::Reply;
pub use opening::Stranger;
pub use request::Request;
pub use session::{DEFAULT_REPLY_LIMIT, SYNC_ID_LIMIT, Session};
