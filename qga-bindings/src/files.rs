//! Files in the guest: read, written, and copied in any size with little memory.
//!
//! ```no_run
//! use std::fs::File;
//!
//! use qga_bindings::blocking::{Client, Helpers};
//! use qga_bindings::files::CopyOptions;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut agent = Client::unix("/run/vm/web-1/qga.sock");
//! let mut files = agent.files();
//! let name = files.read("/etc/hostname", 1024)?;
//! files.write("/etc/motd", b"hello\n")?;
//!
//! let progress = CopyOptions::new().verify(true).progress(|done| println!("{done} bytes"));
//! files.copy_out("/var/log/syslog", File::create("syslog")?, progress)?;
//! # Ok(())
//! # }
//! ```
//!
//! # What to know of files in the guest
//!
//! - The agent keeps a file open until it is closed, whatever becomes of the client. The helpers close what they opened on
//!   every path, in the next call if not before; what cannot be closed is told by the error, and by `leaked`.
//! - A file that the agent creates can be read and written by everybody in the guest, unless
//!   [permissions](CopyOptions::permissions) are given or the file is [replaced](CopyOptions::replace).
//! - What is copied is a file as it is at that moment; nobody else is kept from writing to it. Nothing is forced to the guest's
//!   disk.
//! - Permissions, replacement, digests and directories take programs of the guest, and so the command `guest-exec`.

mod copy;
mod digest;
mod dirs;
mod error;
mod handles;
mod local;
mod options;
mod place;
pub(crate) mod script;
mod sha256;
mod tar;

pub(crate) use copy::Core;
pub use error::{FileError, FileProblem};
pub(crate) use handles::Handles;
pub use handles::Leak;
pub(crate) use local::Waiting;
#[cfg(feature = "tokio")]
pub(crate) use local::{Sink, Source};
pub use options::{Copied, CopyOptions, DirOptions, MAX_CHUNK, Verified};
#[cfg(feature = "fake")]
pub(crate) use tar::memory as archive;
pub use tar::{Skipped, Tree};

/// The SHA-256 digest of some bytes, in hexadecimal.
#[cfg(feature = "fake")]
pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    let mut digest = sha256::Sha256::new();
    digest.update(bytes);
    digest.finish()
}
