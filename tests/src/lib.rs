//! What the tests of this workspace share.

#[cfg(unix)]
pub mod agent;
pub mod archive;
pub mod back_ends;
pub mod both;
#[cfg(unix)]
pub mod bridge;
pub mod browser;
pub mod channel;
pub mod channels;
pub mod clock;
pub mod compatibility;
pub mod face;
pub mod fit;
pub mod folder;
pub mod front_end;
pub mod golden;
#[cfg(unix)]
pub mod lab;
#[cfg(unix)]
pub mod libvirt;
#[cfg(unix)]
pub mod matrix;
pub mod mutate;
#[cfg(unix)]
mod process;
#[cfg(unix)]
pub mod reference;
pub mod replies;
pub mod seed;
pub mod shown;
#[cfg(target_os = "linux")]
pub mod soak;
pub mod stream;
pub mod values;
#[cfg(unix)]
pub mod vm;

/// The quick start of the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// And that of the bindings.
#[cfg(doctest)]
#[doc = include_str!("../../qga-bindings/README.md")]
pub struct BindingsReadme;
