//! Alternates: an enum whose variant is told by the value's JSON type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::alias;
use super::scope::Scope;
use super::structs::{derives, deserialize_impl, serialize_impl};
use crate::rust::names::ident;
use crate::rust::plan::{Alternate, Branch, JsonKind, Ty};

pub(super) fn emit(scope: &Scope, plan: &Alternate) -> TokenStream {
    let name = ident(&plan.name);
    let alias = alias(&plan.wire, &plan.name);
    let (docs_of_type, derives) = (scope.docs(&plan.docs), derives(plan.derives, true));
    let variants = plan.branches.iter().map(|(_, branch)| {
        let (docs, name) = (scope.docs(&branch.docs), ident(&branch.name));
        let ty = scope.ty(&branch.ty);
        quote! { #docs #name(#ty), }
    });
    let conversions = plan.branches.iter().map(|(_, branch)| conversion(scope, plan, branch));
    let decode = decode(scope, plan);
    let encode = encode(scope, plan);
    quote! {
        #docs_of_type
        #alias
        #derives
        #[non_exhaustive]
        pub enum #name { #(#variants)* }

        #(#conversions)*

        #decode

        #encode
    }
}

/// `From` what a branch holds.
fn conversion(scope: &Scope, plan: &Alternate, branch: &Branch) -> TokenStream {
    let (name, variant) = (ident(&plan.name), ident(&branch.name));
    let from = scope.std("From");
    let held = match &branch.ty {
        Ty::Boxed(inner) => scope.ty(inner),
        other => scope.ty(other),
    };
    let is_boxed = matches!(branch.ty, Ty::Boxed(_));
    let value = if is_boxed { quote!(::std::boxed::Box::new(value)) } else { quote!(value) };
    let text = (branch.ty == Ty::String).then(|| {
        quote! {
            impl #from<&str> for #name {
                fn from(value: &str) -> Self { Self::#variant(value.into()) }
            }
        }
    });
    quote! {
        impl #from<#held> for #name {
            fn from(value: #held) -> Self { Self::#variant(#value) }
        }

        #text
    }
}

fn decode(scope: &Scope, plan: &Alternate) -> TokenStream {
    let name = ident(&plan.name);
    let expected = format!("{} as a {}", expected(plan), plan.wire);
    let arms = plan.branches.iter().map(|(kind, branch)| {
        let (kind, variant) = (format_ident!("{kind:?}"), ident(&branch.name));
        quote!(wire::Kind::#kind => value.decode(Self::#variant),)
    });
    let refused = refused(plan).map(|pattern| quote!(#pattern => other.unexpected(#expected),));
    deserialize_impl(
        scope,
        &quote!(#name),
        plan.branches.len(),
        &quote!(wire::alternate(d, |kind, value| match kind { #(#arms)* #refused })),
    )
}

/// The pattern of the JSON types without a branch. A wildcard for a single one would be a lint's finding.
fn refused(plan: &Alternate) -> Option<TokenStream> {
    let missing =
        JsonKind::ALL.into_iter().filter(|kind| !plan.branches.iter().any(|(k, _)| k == kind));
    match missing.collect::<Vec<_>>()[..] {
        [] => None,
        [only] => {
            let only = format_ident!("{only:?}");
            Some(quote!(other @ wire::Kind::#only))
        }
        _ => Some(quote!(other)),
    }
}

/// The JSON types that have a branch, in words.
fn expected(plan: &Alternate) -> String {
    let words: Vec<&str> = plan
        .branches
        .iter()
        .map(|(kind, branch)| match kind {
            JsonKind::Null => "null",
            JsonKind::Boolean => "a boolean",
            JsonKind::Number if branch.ty == Ty::Float => "a number",
            JsonKind::Number => "an integer",
            JsonKind::String => "a string",
            JsonKind::Array => "an array",
            JsonKind::Object => "an object",
        })
        .collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

fn encode(scope: &Scope, plan: &Alternate) -> TokenStream {
    let name = ident(&plan.name);
    let serialize = scope.wire("Serialize");
    let arms = plan.branches.iter().map(|(_, branch)| {
        let variant = ident(&branch.name);
        let is_float = match &branch.ty {
            Ty::Float => true,
            Ty::List(element) => **element == Ty::Float,
            _ => false,
        };
        let value = if is_float { quote!(&wire::Finite(value)) } else { quote!(value) };
        quote!(Self::#variant(value) => #serialize::serialize(#value, s),)
    });
    let body = if plan.branches.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match self { #(#arms)* })
    };
    serialize_impl(scope, &quote!(#name), plan.branches.len(), &body)
}
