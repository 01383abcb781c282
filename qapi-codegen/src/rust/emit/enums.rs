//! Enums of strings, open for values that are not known yet.

use proc_macro2::TokenStream;
use quote::quote;

use super::alias;
use super::scope::Scope;
use super::structs::{allow_lines, deserialize_impl, serialize_impl};
use crate::rust::names::ident;
use crate::rust::plan::Enum;

pub(super) fn emit(scope: &Scope, plan: &Enum) -> TokenStream {
    let (name, wire) = (ident(&plan.name), &plan.wire);
    let alias = alias(wire, &plan.name);
    let docs_of_enum = scope.docs(&plan.docs);
    let variants = plan.values.iter().map(|value| {
        let (docs, name) = (scope.docs(&value.docs), ident(&value.name));
        quote! { #docs #name, }
    });
    let unrecognized = scope.wire("Unrecognized");
    let decode = deserialize_impl(scope, &quote!(#name), 1, &quote!(wire::text(d, #wire)));
    let encode = serialize_impl(scope, &quote!(#name), 1, &quote!(s.serialize_str(self.as_str())));
    let strings = strings(scope, plan);
    quote! {
        #docs_of_enum
        #alias
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// A value that these bindings do not know.
            Unrecognized(#unrecognized),
        }

        #strings

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        #decode

        #encode
    }
}

/// To and from text.
fn strings(scope: &Scope, plan: &Enum) -> TokenStream {
    let name = ident(&plan.name);
    let lint = allow_lines(plan.values.len());
    let to_text = plan.values.iter().map(|value| {
        let (name, wire) = (ident(&value.name), &value.wire);
        quote!(Self::#name => #wire,)
    });
    let from_text = plan.values.iter().map(|value| {
        let (name, wire) = (ident(&value.name), &value.wire);
        quote!(#wire => Self::#name,)
    });
    let unknown = quote!(Self::Unrecognized(wire::unrecognized(text)));
    let from_text = if plan.values.is_empty() {
        unknown
    } else {
        quote!(match text { #(#from_text)* _ => #unknown, })
    };
    let from = scope.std("From");
    quote! {
        impl #name {
            /// The value's name in QAPI.
            #lint
            pub fn as_str(&self) -> &str {
                match self {
                    #(#to_text)*
                    Self::Unrecognized(text) => text.as_str(),
                }
            }
        }

        impl #from<&str> for #name {
            #lint
            fn from(text: &str) -> Self { #from_text }
        }
    }
}
