//! Commands: a struct of arguments, and what ties it to its name and its result.

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::structs::{self, constructors, encode, serialize_impl};
use super::{alias, needs};
use crate::history::Release;
use crate::rust::names::ident;
use crate::rust::plan::{Command, Derives, Output, Payload};

pub(super) fn emit(scope: &Scope, command: &Command) -> TokenStream {
    let payload = match &command.payload {
        Payload::Members(object) => {
            let definition = structs::definition(scope, object);
            let constructors = constructors(scope, object, true);
            let (decode, encode) = (structs::decode(scope, object), encode(scope, object));
            quote! { #definition #constructors #decode #encode }
        }
        Payload::Whole { .. } => whole(scope, &command.wire, &command.payload),
    };
    let (name, wire) = (ident(command.payload.name()), &command.wire);
    let (trait_name, release) = (scope.wire("Command"), scope.wire("Release"));
    let option = scope.std("Option");
    let since = optional_release(&release, command.since);
    let output = output(scope, &command.output);
    let required_release = needs::of_command(scope, command);
    quote! {
        #payload

        impl #trait_name for #name {
            const NAME: &'static str = #wire;
            const SINCE: #option<#release> = #since;
            type Output = #output;

            #required_release
        }
    }
}

pub(super) fn output(scope: &Scope, output: &Output) -> TokenStream {
    match output {
        Output::Nothing => scope.wire("Empty"),
        Output::Value(ty) => scope.ty(ty),
        Output::Silence => scope.wire("NoReply"),
    }
}

pub(super) fn release(ty: &TokenStream, release: Release) -> TokenStream {
    let Release { major, minor, .. } = release;
    let (major, minor) =
        (proc_macro2::Literal::u16_unsuffixed(major), proc_macro2::Literal::u16_unsuffixed(minor));
    quote!(#ty::new(#major, #minor))
}

fn optional_release(ty: &TokenStream, since: Option<Release>) -> TokenStream {
    let Some(since) = since else { return quote!(None) };
    let since = release(ty, since);
    quote!(Some(#since))
}

/// A command or event that is a union and nothing else.
pub(super) fn whole(scope: &Scope, wire: &str, payload: &Payload) -> TokenStream {
    let Payload::Whole { name, docs: lines, field_docs, ty, eq, .. } = payload else {
        return TokenStream::new();
    };
    let alias = alias(wire, name);
    let (docs_of_struct, field_docs, name) =
        (scope.docs(lines), scope.docs(field_docs), ident(name));
    let derives = structs::derives(Derives { eq: *eq, hash: false, default: false }, true);
    let ty = scope.named(ty);
    let serialize = scope.wire("Serialize");
    let encode =
        serialize_impl(scope, &quote!(#name), 1, &quote!(#serialize::serialize(&self.content, s)));
    let deserialize = scope.wire("Deserialize");
    let body = quote!(#deserialize::deserialize(d).map(|content| Self { content }));
    let decode = structs::deserialize_impl(scope, &quote!(#name), 1, &body);
    quote! {
        #docs_of_struct
        #alias
        #derives
        #[non_exhaustive]
        pub struct #name {
            #field_docs
            pub content: #ty,
        }

        impl #name {
            /// Creates it from its content.
            pub fn new(content: #ty) -> Self { Self { content } }
        }

        #decode

        #encode
    }
}
