//! Unions: an enum of branches, in a struct where the union has more members than its discriminator.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::alias;
use super::scope::Scope;
use super::structs::{
    NEW, allow_bools, allow_lines, debug, derives, deserialize_impl, entry, field, new,
    serialize_impl, slot, slots, taken, written,
};
use crate::rust::names::ident;
use crate::rust::plan::{Branch, Derives, Field, Union};

pub(super) fn emit(scope: &Scope, plan: &Union) -> TokenStream {
    if plan.is_struct() { with_base(scope, plan) } else { plain(scope, plan) }
}

fn union_derives(plan: &Union, debug: bool) -> TokenStream {
    derives(Derives { eq: plan.eq, hash: false, default: false }, debug)
}

/// A union of which only the discriminator is always there.
fn plain(scope: &Scope, plan: &Union) -> TokenStream {
    let (wire, tag) = (&plan.wire, &plan.tag);
    let name = ident(&plan.name);
    let definition = branch_enum(scope, plan, &plan.docs);
    let must = scope.wire("Must");
    let read = read(plan);
    let decode = deserialize_impl(
        scope,
        &quote!(#name),
        plan.branches.len(),
        &quote!(wire::union(d, #wire, &[#tag], |#must(tag), rest| #read)),
    );
    let write = write(plan);
    let body = quote! {
        let map = wire::write(s)?.must(#tag, &self.tag())?;
        let map = #write?;
        map.end()
    };
    let encode = serialize_impl(scope, &quote!(#name), plan.branches.len(), &body);
    quote! { #definition #decode #encode }
}

/// A union with a base: a struct of the base's members, the branch in a field of its own.
fn with_base(scope: &Scope, plan: &Union) -> TokenStream {
    let (name, wire, branch) = (ident(&plan.name), &plan.wire, ident(&plan.branch_enum));
    let alias = alias(wire, &plan.name);
    let own: Vec<Field> = plan.base.iter().flatten().cloned().collect();
    let fields = own.iter().map(|member| field(scope, member));
    let tag = &plan.tag;
    let names = plan.base.iter().map(|member| member.as_ref().map_or(tag, |field| &field.wire));
    let (selector, rest) = (ident(&plan.tag_name), ident(&free_name("rest", &own, &plan.tag_name)));
    let must = scope.wire("Must");
    let places = plan.base.iter().map(|member| {
        member.as_ref().map_or_else(|| quote!(#must(#selector)), |field| slot(scope, field))
    });
    let pattern = slots(places.collect());
    let inits = own.iter().map(taken);
    let decode = deserialize_impl(
        scope,
        &quote!(#name),
        3 * plan.base.len() + 20,
        &quote! {
            wire::union(d, #wire, &[#(#names),*], |#pattern, #rest| {
                Ok(Self { #(#inits,)* branch: #branch::read(#selector, #rest)? })
            })
        },
    );
    let entries = plan.base.iter().map(|member| {
        member.as_ref().map_or_else(|| quote!(.must(#tag, &self.branch.tag())?), entry)
    });
    let (begun, map) = written(&entries.collect::<Vec<_>>());
    let body = quote! { #begun self.branch.write(#map)?.end() };
    let encode = serialize_impl(scope, &quote!(#name), plan.base.len(), &body);
    let docs_of_struct = scope.docs(&plan.docs);
    let has_secrets = own.iter().any(|field| field.secret);
    let derives = union_derives(plan, !has_secrets);
    let debug = has_secrets.then(|| debug(&plan.name, &own, Some("branch")));
    let branch_docs = format!("The members that depend on `{tag}`, and its value.");
    let branch_docs = scope.docs(&[branch_docs]);
    let lints = allow_bools(&own);
    let new = new(scope, &own, NEW, Some((quote!(branch), quote!(#branch))));
    let enum_docs = vec![format!("The branches of [`{}`].", plan.name)];
    let definition = branch_enum(scope, plan, &enum_docs);
    let helpers = helpers(scope, plan);
    quote! {
        #docs_of_struct
        #alias
        #derives
        #[non_exhaustive]
        #lints
        pub struct #name {
            #(#fields)*
            #branch_docs
            pub branch: #branch,
        }

        #debug

        impl #name { #new }

        #decode

        #encode

        #definition

        #helpers
    }
}

/// `name`, or the first of `name_`, `name__` and so on that is neither a field nor the discriminator.
fn free_name(name: &str, fields: &[Field], tag: &str) -> String {
    let mut free = name.to_owned();
    while free == tag || fields.iter().any(|field| field.name == free) {
        free.push('_');
    }
    free
}

/// How the struct reads and writes its branch.
fn helpers(scope: &Scope, plan: &Union) -> TokenStream {
    let (name, tag_type) = (ident(&plan.branch_enum), ident(&plan.tag_type));
    let (read, write) = (read(plan), write(plan));
    let (result, map) = (scope.std("Result"), scope.wire("SerializeMap"));
    let lint = allow_lines(plan.branches.len());
    quote! {
        impl #name {
            #lint
            fn read(tag: #tag_type, rest: wire::Rest) -> wire::Result<Self> { #read }

            #lint
            fn write<M: #map>(&self, map: wire::Writer<M>) -> #result<wire::Writer<M>, M::Error> {
                #write
            }
        }
    }
}

/// The enum of branches.
fn branch_enum(scope: &Scope, plan: &Union, lines: &[String]) -> TokenStream {
    let (name, tag_type) = (ident(&plan.branch_enum), ident(&plan.tag_type));
    let alias = (!plan.is_struct()).then(|| alias(&plan.wire, &plan.name));
    let variants = plan.branches.iter().map(|branch| {
        let (docs, name) = (scope.docs(&branch.docs), ident(&branch.name));
        let ty = scope.ty(&branch.ty);
        quote! { #docs #name(#ty), }
    });
    let (docs, derives) = (scope.docs(lines), union_derives(plan, true));
    let other = scope.docs(&[format!("`{}` is any other value.", plan.tag)]);
    let tag_docs = scope.docs(&[format!("The value of `{}`.", plan.tag)]);
    let other_branch = scope.wire("OtherBranch");
    let tags = plan.branches.iter().map(|branch| {
        let (name, tag) = (ident(&branch.name), ident(&branch.tag));
        quote!(Self::#name(_) => #tag_type::#tag,)
    });
    let empty = plan.has_empty.then(|| without_members(scope, plan));
    let lint = allow_lines(plan.branches.len());
    quote! {
        #docs
        #alias
        #derives
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            #other
            Other(#other_branch<#tag_type>),
        }

        impl #name {
            #tag_docs
            #lint
            pub fn tag(&self) -> #tag_type {
                match self {
                    #(#tags)*
                    Self::Other(branch) => branch.tag().clone(),
                }
            }

            #empty
        }
    }
}

/// The way to make a value for a discriminator that selects nothing.
fn without_members(scope: &Scope, plan: &Union) -> TokenStream {
    let tag_type = ident(&plan.tag_type);
    let docs = format!(
        "The branch that `{}` selects with a value that has no members of its own; `None` for one that has.",
        plan.tag
    );
    let docs = scope.docs(&[docs]);
    let option = scope.std("Option");
    let tags = plan.branches.iter().map(|branch| {
        let tag = ident(&branch.tag);
        quote!(#tag_type::#tag)
    });
    let known = (!plan.branches.is_empty()).then(|| quote!(#(#tags)|* => None,));
    let other = scope.wire("OtherBranch");
    let some = quote!(Some(Self::Other(#other::empty(tag))));
    let body = match known {
        Some(known) => quote!(match tag { #known tag => #some, }),
        None => some,
    };
    let lint = allow_lines(plan.branches.len());
    quote! {
        #docs
        #lint
        pub fn without_members(tag: #tag_type) -> #option<Self> { #body }
    }
}

/// Reads `rest` as the branch that `tag` selects.
fn read(plan: &Union) -> TokenStream {
    if plan.branches.is_empty() {
        return quote!(rest.keep(tag, Self::Other));
    }
    let tag_type = ident(&plan.tag_type);
    let arms = plan.branches.iter().map(|branch| {
        let (name, tag) = (ident(&branch.name), ident(&branch.tag));
        quote!(#tag_type::#tag => rest.branch(Self::#name),)
    });
    quote!(match tag { #(#arms)* tag => rest.keep(tag, Self::Other), })
}

/// Writes the branch into `map`. Branches of one type share an arm.
fn write(plan: &Union) -> TokenStream {
    let mut by_type: BTreeMap<String, Vec<&Branch>> = BTreeMap::new();
    for branch in &plan.branches {
        by_type.entry(format!("{:?}", branch.ty)).or_default().push(branch);
    }
    let arms = plan.branches.iter().filter_map(|branch| {
        let same = by_type.remove(&format!("{:?}", branch.ty))?;
        let names = same.iter().map(|branch| ident(&branch.name));
        Some(quote!(#(Self::#names(branch))|* => map.flatten(branch),))
    });
    quote!(match self { #(#arms)* Self::Other(branch) => map.flatten(branch), })
}
