//! How one generated module names what it did not define.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;

use super::Item;
use crate::rust::names::ident;
use crate::rust::plan::Ty;

/// The names a module has, and those it borrows.
///
/// A name of the schema may be that of something generated code needs: then that is written with its path.
pub(super) struct Scope {
    defined: BTreeSet<String>,
    /// Whether the schema's types are in another module.
    types_elsewhere: bool,
    runtime: TokenStream,
    imported: RefCell<BTreeSet<&'static str>>,
    types_used: RefCell<bool>,
}

impl Scope {
    pub(super) fn new(
        runtime: TokenStream,
        types_elsewhere: bool,
        defined: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            defined: defined.into_iter().collect(),
            types_elsewhere,
            runtime,
            imported: RefCell::default(),
            types_used: RefCell::default(),
        }
    }

    /// Something of the prelude.
    pub(super) fn std(&self, name: &'static str) -> TokenStream {
        let short = ident(name);
        if !self.defined.contains(name) {
            return quote!(#short);
        }
        match name {
            "Box" => quote!(::std::boxed::Box),
            "Default" => quote!(::std::default::Default),
            "From" | "Into" => quote!(::std::convert::#short),
            "IntoIterator" => quote!(::std::iter::IntoIterator),
            "Option" => quote!(::std::option::Option),
            "Result" => quote!(::std::result::Result),
            "String" => quote!(::std::string::String),
            "Vec" => quote!(::std::vec::Vec),
            _ => quote!(#short),
        }
    }

    /// Something of the runtime, imported by its name.
    pub(super) fn wire(&self, name: &'static str) -> TokenStream {
        let short = ident(name);
        if self.defined.contains(name) {
            return quote!(wire::#short);
        }
        self.imported.borrow_mut().insert(name);
        quote!(#short)
    }

    /// One of the schema's types.
    pub(super) fn named(&self, name: &str) -> TokenStream {
        let name = ident(name);
        if !self.types_elsewhere {
            return quote!(#name);
        }
        self.types_used.replace(true);
        quote!(types::#name)
    }

    /// The type of a value.
    pub(super) fn ty(&self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::String => self.std("String"),
            Ty::Bool => quote!(bool),
            Ty::Int(name) => {
                let name = ident(name);
                quote!(#name)
            }
            Ty::Float => quote!(f64),
            Ty::Null => self.wire("Null"),
            Ty::Any => self.wire("Any"),
            Ty::Empty => self.wire("Empty"),
            Ty::Bytes => {
                let vec = self.std("Vec");
                quote!(#vec<u8>)
            }
            Ty::Named(name) | Ty::Alternate(name) => self.named(name),
            Ty::List(element) => {
                let (vec, element) = (self.std("Vec"), self.ty(element));
                quote!(#vec<#element>)
            }
            Ty::Boxed(inner) => {
                let (pointer, inner) = (self.std("Box"), self.ty(inner));
                quote!(#pointer<#inner>)
            }
        }
    }

    /// What the module's items borrowed, as `use` items. Asked last.
    pub(super) fn imports(&self, items: &[Item]) -> TokenStream {
        let runtime = &self.runtime;
        let names = self.imported.borrow();
        let names: Vec<_> = names.iter().map(|name| ident(name)).collect();
        let types = self.types_used.borrow().then(|| {
            quote!(
                use super::types;
            )
        });
        let with_module = items.iter().any(|item| names_the_runtime(item.tokens.clone()));
        let imported = if with_module && ends_in_wire(runtime) {
            quote!(use #runtime::{self, #(#names),*};)
        } else {
            let module = with_module.then(|| quote!(use #runtime as wire;));
            let imported = (!names.is_empty()).then(|| quote!(use #runtime::{#(#names),*};));
            quote!(#module #imported)
        };
        quote!(#types #imported)
    }
}

/// Whether the path ends in the name that generated code uses.
fn ends_in_wire(runtime: &TokenStream) -> bool {
    runtime.clone().into_iter().last().is_some_and(|last| last.to_string() == "wire")
}

/// Whether there is a path that begins with `wire::`.
fn names_the_runtime(tokens: TokenStream) -> bool {
    let mut last_was_wire = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            last_was_wire = false;
            names_the_runtime(group.stream())
        }
        TokenTree::Ident(ident) => {
            last_was_wire = ident == "wire";
            false
        }
        TokenTree::Punct(punct) => {
            let path = last_was_wire && punct.as_char() == ':' && punct.spacing() == Spacing::Joint;
            last_was_wire = false;
            path
        }
        TokenTree::Literal(_) => {
            last_was_wire = false;
            false
        }
    })
}
