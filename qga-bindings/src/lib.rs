//! Typed commands and clients for the QEMU guest agent, generated from QEMU's own schema.
//!
//! ```no_run
//! use qga_bindings::blocking::Client;
//! use qga_bindings::{Commands, commands};
//!
//! # fn main() -> Result<(), qga_bindings::Error> {
//! let mut agent = Client::unix("/run/vm/web-1/qga.sock");
//! let os = agent.guest_get_osinfo()?;
//! println!("{}", os.pretty_name.unwrap_or_default());
//!
//! let handle = agent.guest_file_open(commands::GuestFileOpen::new("/etc/hostname"))?;
//! let text = agent.guest_file_read(commands::GuestFileRead::new(handle).count(4096))?.buf_b64;
//! agent.guest_file_close(commands::GuestFileClose::new(handle))?;
//! println!("{}", String::from_utf8_lossy(&text));
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! | you want | use |
//! | --- | --- |
//! | a command as a method | [`Commands`], for everything that can execute commands; [`CommandsAsync`] for futures |
//! | a command as a value | [`commands`], and `execute` of a client |
//! | a client that waits | [`blocking::Client`] |
//! | a client for tokio | `tokio::Client`, feature `tokio` |
//! | an agent behind something other than a unix socket | [`Address`], or any stream |
//! | a time limit | every call has one, see [`Deadlines`]; `execute_within` sets it for one call |
//! | to stop waiting | let the time pass or drop the future: the next call works all the same |
//! | to wait for a guest that boots, or to know why it does not answer | `ready` of `Helpers`, with [`ready::Ready`] |
//! | to run a program, with its input and output | `exec` and `exec_streaming` of `Helpers`, with [`exec::Exec`] |
//! | to read, write and copy files of the guest | `files` of `Helpers`, see [`files`] |
//! | to hold file systems still while a disk is copied | `freeze` of `Helpers`; [`freeze`] says what can go wrong |
//! | to shut a guest down, restart it or send it to sleep, and to see that it does | `power` of `Helpers`, with [`power::Power`] |
//! | the guest's clock, users, processors, memory, network and file systems | `clock`, `users`, `hardware`, `network` and `storage` of `Helpers` |
//! | all that an agent tells of its guest | `overview` of `Helpers` |
//! | to know whether the agent can do something | `supports` and `capabilities` of a client |
//! | to know which releases an agent may be of | [`fit::fit`] |
//! | to know which release a command needs, as it is filled in | [`Command::required_release`] |
//! | to share an agent with other programs | `with_connection_per_call` of a client, and [`Error::is_busy`] |
//! | to know what calls cost and how they ended | the feature `tracing` |
//! | to know what happened | [`Error`] says first whether the command may have run |
//! | a command that these bindings do not know | [`Request::raw`](protocol::Request::raw) and `request` of a client |
//! | to reach agents by other means, or to stand in for one | [`Execute`] |
//! | the protocol over a stream or runtime of your own | [`protocol::Session`] |
//! | an agent for tests, of any release | `fake::Agent`, feature `fake` |
//!
//! # Features
//!
//! None is on by default; without any, this crate needs nothing but `serde_core`, `serde_json`, `base64` and `memchr`.
//!
//! - `tokio`: the asynchronous client.
//! - `serial`: serial lines and pseudo terminals as addresses (Unix).
//! - `vsock`: sockets of virtual machines as addresses (Linux).
//! - `fake`: an agent in the same process, for tests.
//! - `tracing`: a span of level `DEBUG` called `qga` for each call, with its `command`, `outcome`, `duration_us`, `bytes_sent`
//!   and `bytes_received`; never with arguments or replies, which can hold secrets.

mod address;
pub mod blocking;
mod capabilities;
mod client;
pub mod clock;
mod command;
mod error;
pub mod exec;
mod execute;
#[cfg(feature = "fake")]
pub mod fake;
pub mod files;
pub mod fit;
pub mod freeze;
#[rustfmt::skip]
mod generated;
mod guest;
pub mod hardware;
pub mod network;
pub mod overview;
pub mod power;
pub mod protocol;
pub mod ready;
#[cfg(all(unix, feature = "serial"))]
mod serial;
pub mod storage;
#[cfg(feature = "tokio")]
pub mod tokio;
pub mod users;
mod wire;

pub use address::{Address, AddressError};
pub use capabilities::{Capabilities, Support};
pub use client::{Class, Deadlines};
pub use command::{
    ArgumentInfo, BuildCondition, Command, CommandInfo, CommandVisitor, NoReply, Release,
    ReleaseSpan, Reply, ValueKind,
};
pub use error::{AgentError, Cause, Error, ErrorClass, Refusal, ReplyProblem, Stage};
pub use execute::{Execute, ExecuteAsync};
pub use generated::stubs::{Commands, CommandsAsync};
pub use generated::{commands, info, stubs, types};
pub use protocol::Stranger;
pub use wire::{Any, Empty, Event, Null, OtherBranch, OtherEvent, Timestamp, Unrecognized};

/// What generated code of other crates stands on. Not for direct use.
#[doc(hidden)]
pub mod runtime {
    pub use crate::wire::*;
}
