//! How generated values tell which release they need.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::commands::release;
use super::scope::Scope;
use crate::history::Release;
use crate::rust::names::ident;
use crate::rust::plan::{Alternate, Branch, Command, Enum, Field, Need, Payload, Struct, Union};

/// The method of a command, unless the default will do.
pub(super) fn of_command(scope: &Scope, command: &Command) -> Option<TokenStream> {
    let steps = match &command.payload {
        Payload::Members(object) if object.varies => of_fields(scope, &object.fields),
        Payload::Whole { varies: true, .. } => quote!(.value(&self.content)),
        Payload::Members(_) | Payload::Whole { .. } => return None,
    };
    let (needs, option) = (scope.wire("Needs"), scope.std("Option"));
    let release = scope.wire("Release");
    Some(quote! {
        fn required_release(&self) -> #option<#release> {
            #needs::new(Self::SINCE) #steps.release()
        }
    })
}

pub(super) fn of_struct(scope: &Scope, object: &Struct) -> Option<TokenStream> {
    object.varies.then(|| {
        let steps = of_fields(scope, &object.fields);
        versioned(scope, &object.name, &quote!(needs #steps))
    })
}

pub(super) fn of_enum(scope: &Scope, plan: &Enum) -> Option<TokenStream> {
    plan.varies.then(|| {
        let values = plan.values.iter().map(|value| (value.needs, value.name.as_str()));
        let newer = newer(scope, values, &TokenStream::new());
        let unknown = quote!(.unknown(matches!(self, Self::Unrecognized(_))));
        versioned(scope, &plan.name, &quote!(needs #newer #unknown))
    })
}

pub(super) fn of_alternate(scope: &Scope, plan: &Alternate) -> Option<TokenStream> {
    plan.varies.then(|| {
        let branches: Vec<_> = plan.branches.iter().map(|(_, branch)| branch).collect();
        of_variants(scope, &plan.name, &branches, None)
    })
}

/// Of a union, and of the enum of its branches if that is another.
pub(super) fn of_union(scope: &Scope, plan: &Union) -> Option<TokenStream> {
    plan.varies.then(|| {
        let branches: Vec<_> = plan.branches.iter().collect();
        let other = quote!(Self::Other(branch) => needs.value(branch.tag()),);
        let branches = of_variants(scope, &plan.branch_enum, &branches, Some(&other));
        let object = plan.is_struct().then(|| {
            let steps = of_fields(scope, plan.base.iter().flatten());
            versioned(scope, &plan.name, &quote!(needs #steps.value(&self.branch)))
        });
        quote! { #object #branches }
    })
}

fn versioned(scope: &Scope, name: &str, body: &TokenStream) -> TokenStream {
    let (versioned, needs) = (scope.wire("Versioned"), scope.wire("Needs"));
    let name = ident(name);
    quote! {
        impl #versioned for #name {
            fn needs(&self, needs: #needs) -> #needs { #body }
        }
    }
}

fn of_fields<'a>(scope: &Scope, fields: impl IntoIterator<Item = &'a Field>) -> TokenStream {
    let steps = fields.into_iter().flat_map(|field| {
        field
            .needs
            .iter()
            .map(|need| {
                let name = ident(&field.name);
                match need {
                    Need::There(since) => when(scope, &quote!(true), *since),
                    Need::Set(since) => when(scope, &quote!(self.#name.is_some()), *since),
                    Need::Unset(since) => when(scope, &quote!(self.#name.is_none()), *since),
                    Need::Form { ty, variants, since } => {
                        let ty = scope.named(ty);
                        let forms = variants.iter().map(|variant| {
                            let variant = ident(variant);
                            if field.optional {
                                quote!(Some(#ty::#variant(_)))
                            } else {
                                quote!(#ty::#variant(_))
                            }
                        });
                        when(scope, &quote!(matches!(self.#name, #(#forms)|*)), *since)
                    }
                    Need::Value => quote!(.value(&self.#name)),
                }
            })
            .collect::<Vec<_>>()
    });
    steps.collect()
}

fn when(scope: &Scope, condition: &TokenStream, since: Release) -> TokenStream {
    let since = release(&scope.wire("Release"), since);
    quote!(.when(#condition, #since))
}

/// The releases of variants that are newer than their type.
fn newer<'a>(
    scope: &Scope,
    variants: impl Iterator<Item = (Option<Release>, &'a str)>,
    held: &TokenStream,
) -> TokenStream {
    let mut by_release: BTreeMap<Release, Vec<_>> = BTreeMap::new();
    for (needs, name) in variants {
        if let Some(since) = needs {
            by_release.entry(since).or_default().push(ident(name));
        }
    }
    by_release
        .into_iter()
        .map(|(since, names)| when(scope, &quote!(matches!(self, #(Self::#names #held)|*)), since))
        .collect()
}

/// The release of a branch that is older without its members.
fn when_set(scope: &Scope, branch: &Branch, since: Release) -> TokenStream {
    let name = ident(&branch.name);
    let is_set = quote!(matches!(self, Self::#name(value) if wire::is_set(value)));
    when(scope, &is_set, since)
}

/// Of an enum whose variants hold something. `other` is the arm of a variant more.
fn of_variants(
    scope: &Scope,
    name: &str,
    branches: &[&Branch],
    other: Option<&TokenStream>,
) -> TokenStream {
    let variants = branches.iter().map(|branch| (branch.needs, branch.name.as_str()));
    let mut newer = newer(scope, variants, &quote!((_)));
    let if_set = branches.iter().filter_map(|branch| Some((branch, branch.needs_if_set?)));
    newer.extend(if_set.map(|(branch, since)| when_set(scope, branch, since)));
    let mut by_type: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for branch in branches.iter().filter(|branch| branch.varies) {
        by_type.entry(format!("{:?}", branch.ty)).or_default().push(ident(&branch.name));
    }
    let constant: Vec<_> = branches.iter().filter(|branch| !branch.varies).collect();
    if by_type.is_empty() && other.is_none() {
        return versioned(scope, name, &quote!(needs #newer));
    }
    let deep =
        by_type.values().map(|names| quote!(#(Self::#names(value))|* => needs.value(value),));
    let constant = constant.iter().map(|branch| ident(&branch.name)).collect::<Vec<_>>();
    let constant = (!constant.is_empty()).then(|| quote!(#(Self::#constant(_))|* => needs,));
    let start = (!newer.is_empty()).then(|| quote!(let needs = needs #newer;));
    versioned(scope, name, &quote!(#start match self { #(#deep)* #constant #other }))
}
