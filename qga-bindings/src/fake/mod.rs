//! An agent for tests, in the same process: it answers as it is told, well or badly.
//!
//! ```
//! use qga_bindings::blocking::Client;
//! use qga_bindings::fake::{Agent, Answer};
//! use qga_bindings::protocol::Request;
//! use qga_bindings::Error;
//!
//! let agent = Agent::new();
//! agent.on("guest-get-host-name", |_| Answer::json(r#"{"host-name": "web-1"}"#));
//! agent.on("guest-file-open", |_| Answer::error("GenericError", "no such file"));
//!
//! let mut client = Client::new(agent.connect());
//! let reply = client.request(&Request::raw("guest-get-host-name", &())?, None)?.unwrap();
//! assert_eq!(reply.value()?.get(), r#"{"host-name": "web-1"}"#);
//! let error = client.request(&Request::raw("guest-file-open", &())?, None).unwrap_err();
//! assert!(matches!(error, Error::Failed { .. }));
//! assert_eq!(agent.requests().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it can be given
//!
//! | you want | use |
//! | --- | --- |
//! | an agent of a release, with all its commands and a guest behind them | [`Agent::of_release`] |
//! | one as Windows, FreeBSD or macOS guests have it | [`Agent::of_windows`], [`Agent::of_freebsd`], [`Agent::of_macos`] |
//! | an answer of your own, also a wrong one | [`Agent::on`], [`Answer`] |
//! | a command that is executed and whose answer is lost | [`Agent::replace_next_answer`] |
//! | files and programs | [`Agent::add_files`], [`Agent::add_programs`] |
//! | file systems that freeze, and let go by themselves | [`Agent::add_file_systems`], [`Agent::set_freeze_limit`] |
//! | a guest that shuts down, restarts and sleeps | [`Agent::add_power`], [`Answer::then_reboot`] |
//! | a clock, users, processors, memory | [`Agent::add_clock`], [`Agent::add_users`], [`Agent::add_processors`] |
//! | an agent that is killed, or a connection that ends | [`Agent::restart_agent`], [`Agent::hang_up`] |

mod agent;
mod answer;
mod clock;
mod dialect;
mod exec;
mod files;
mod freeze;
mod hardware;
mod macos;
mod others;
mod parser;
mod power;
mod release;
mod state;
mod stream;
mod users;

pub use agent::Agent;
pub use answer::Answer;
pub use clock::Clock;
pub use exec::{Invocation, Programs, Run};
pub use files::Files;
pub use state::Call;
pub use stream::Connection;
pub use users::Users;
