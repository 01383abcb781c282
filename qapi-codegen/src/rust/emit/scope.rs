//! How one generated module names what it did not define.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use proc_macro2::TokenStream;
use quote::quote;

use crate::rust::format::Documentation;
use crate::rust::names::ident;
use crate::rust::plan::Ty;

/// The names a module has, and those it borrows.
///
/// A name of the schema may be that of something generated code needs: then that is written with its path.
pub(super) struct Scope {
    defined: Arc<BTreeSet<String>>,
    /// Whether the schema's types are in another module.
    types_elsewhere: bool,
    imported: RefCell<BTreeSet<&'static str>>,
    types_used: RefCell<bool>,
    docs: RefCell<Documentation>,
}

impl Scope {
    pub(super) fn new(types_elsewhere: bool, defined: Arc<BTreeSet<String>>) -> Self {
        Self {
            defined,
            types_elsewhere,
            imported: RefCell::default(),
            types_used: RefCell::default(),
            docs: RefCell::default(),
        }
    }

    /// Documentation of what follows.
    pub(super) fn docs(&self, lines: &[impl AsRef<str>]) -> Option<TokenStream> {
        self.docs.borrow_mut().add(lines)
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

    /// The documentation of the items that were emitted in this scope, and what they borrowed.
    pub(super) fn finish(self) -> (Documentation, Borrowed) {
        let (names, types) = (self.imported.into_inner(), self.types_used.into_inner());
        (self.docs.into_inner(), Borrowed { names, types })
    }
}

/// What items need from elsewhere.
#[derive(Default)]
pub(super) struct Borrowed {
    names: BTreeSet<&'static str>,
    types: bool,
}

impl Borrowed {
    /// What others need, too.
    pub(super) fn extend(&mut self, other: Self) {
        self.names.extend(other.names);
        self.types |= other.types;
    }

    /// As `use` items, for a module with this text.
    pub(super) fn imports(&self, runtime: &TokenStream, text: &str) -> TokenStream {
        let names: Vec<_> = self.names.iter().map(|name| ident(name)).collect();
        let types = self.types.then(|| {
            quote!(
                use super::types;
            )
        });
        let with_module = text.lines().any(names_the_runtime);
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

/// Whether there is a path that begins with `wire::` in a line of code: not in a comment or a string, none of which spans lines.
fn names_the_runtime(line: &str) -> bool {
    if !line.contains("wire::") || line.trim_start().starts_with("///") {
        return false;
    }
    let unescaped = line.replace("\\\\", "").replace("\\\"", "");
    let code = unescaped.split('"').step_by(2);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '#');
    code.into_iter()
        .any(|code| code.match_indices("wire::").any(|(at, _)| !code[..at].ends_with(is_name)))
}

#[cfg(test)]
mod tests {
    use super::names_the_runtime;

    #[test]
    fn the_runtime_is_named_by_a_path_and_not_by_text_or_longer_names() {
        for line in ["    fn f(_: wire::Result<()>) {}", r#"    x("a\"", wire::y);"#] {
            assert!(names_the_runtime(line), "{line}");
        }
        for line in ["/// See wire::y.", r#"    x("\" wire::y");"#, "firewire::y", "crate::wire::y"]
        {
            assert!(!names_the_runtime(line), "{line}");
        }
    }
}
