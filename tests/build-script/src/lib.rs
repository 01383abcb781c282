//! What a crate does that has a QAPI schema of its own: its build script generates, and this includes.

/// The bindings of `schema/kettle.json`.
pub mod kettle {
    include!(concat!(env!("OUT_DIR"), "/kettle.rs"));
}
