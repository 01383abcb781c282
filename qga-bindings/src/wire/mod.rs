//! What generated code stands on: how values of each QAPI kind are read from JSON and written to it.
//!
//! Everything here is either a type that users meet, re-exported from the crate's root, or one of the few
//! functions that generated `Serialize` and `Deserialize` impls call.

mod alternate;
mod any;
mod bytes;
mod event;
mod flat;
mod needs;
mod number;
mod object;
mod raw;
mod secret;
mod text;
mod union;
mod wiped;

pub use alternate::{Kind, alternate};
pub use any::{Any, Empty, Null};
pub use bytes::{Base64, Bytes};
pub use event::{Event, EventData, EventSet, OtherEvent, Timestamp};
pub use needs::{Needs, Versioned, is_set};
pub use number::Finite;
pub use object::{May, Must, Slots, Writer, object, write};
pub use raw::Raw;
pub use secret::Secret;
pub use serde_core::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
pub use text::{Unrecognized, text, unrecognized};
pub use union::{OtherBranch, Rest, union};
pub(crate) use wiped::Wiped;

pub use crate::command::{
    ArgumentInfo, BuildCondition, Command, CommandInfo, CommandVisitor, NoReply, Release,
    ReleaseSpan, Reply, ValueKind,
};
pub use crate::execute::{Execute, ExecuteAsync};

/// What decoding from raw JSON gives.
pub type Result<T> = serde_json::Result<T>;

/// The version of what generated code may use from here. It changes when old generated code would no longer
/// compile, or would no longer mean the same.
pub const VERSION: u32 = 1;

/// Stops the compilation of code that another version of the generator wrote.
///
/// # Panics
/// At compile time, if `generator` is not [`VERSION`].
pub const fn assert_version(generator: u32) {
    assert!(
        generator == VERSION,
        "this code was generated for another version of its runtime: regenerate it, or pin the runtime's crate"
    );
}
