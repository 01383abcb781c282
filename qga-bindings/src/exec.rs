//! Programs in the guest: started, waited for, ended, and told how they ended.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use qga_bindings::blocking::{Client, Helpers};
//! use qga_bindings::exec::Exec;
//!
//! # fn main() -> Result<(), qga_bindings::exec::ExecError> {
//! let mut agent = Client::unix("/run/vm/web-1/qga.sock");
//! let program = Exec::new("systemctl").args(["is-active", "nginx"]).within(Duration::from_secs(10));
//! let output = agent.exec(&program)?;
//! println!("{}: {}", output.exit, String::from_utf8_lossy(&output.stdout));
//! # Ok(())
//! # }
//! ```
//!
//! The names are those of [`std::process`] where the meaning is the same. What differs:
//!
//! - Nothing passes through a shell, unless the program is one.
//! - Output comes when the program has ended, and only when no child of it holds the output open any more; the agent keeps
//!   16 MiB of each kind. `exec_streaming` knows neither limit.
//! - How a program ended is told by the agent once. A [`Process`] keeps it.

mod error;
mod output;
mod process;
mod program;
mod run;
pub(crate) mod script;
mod stream;

pub use error::ExecError;
pub use output::{Exit, Output, Truncation};
pub use process::Process;
pub use program::{Capture, Exec, MAX_STDIN};
pub(crate) use run::{kill, run, spawn, try_wait, wait};
pub use stream::Chunk;
pub(crate) use stream::stream;
