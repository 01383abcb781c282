//! Spells out a plan: plan items in, tokens out, and printed at once. Nothing is decided here.

mod alternates;
mod commands;
mod enums;
mod events;
mod info;
mod module;
mod needs;
mod scope;
mod structs;
mod stubs;
mod unions;

pub(super) use module::{modules, version_check};

use proc_macro2::TokenStream;
use quote::quote;

/// A module of the generated code.
pub(super) struct Module {
    pub(super) name: &'static str,
    pub(super) docs: &'static str,
    pub(super) text: String,
}

/// Lets a search for QAPI's name find the Rust item.
fn alias(wire: &str, name: &str) -> Option<TokenStream> {
    (wire != name).then(|| quote!(#[doc(alias = #wire)]))
}

/// Allows one lint on one item, where the schema's shape leaves no choice.
fn allow(needed: bool, lint: &str, reason: &str) -> Option<TokenStream> {
    let lint = quote::format_ident!("{lint}");
    needed.then(|| quote!(#[allow(clippy::#lint, reason = #reason)]))
}
