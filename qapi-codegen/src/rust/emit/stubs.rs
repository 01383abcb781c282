//! One method per command, for whatever can execute commands: in a blocking and an asynchronous trait.

use proc_macro2::TokenStream;
use quote::quote;

use super::commands::output;
use super::scope::Scope;
use crate::rust::names::ident;
use crate::rust::plan::{Command, Payload};

/// Whether the command has nothing to be told, ever so far: then its method takes nothing either.
fn is_bare(command: &Command) -> bool {
    matches!(&command.payload, Payload::Members(object) if object.fields.is_empty())
}

pub(super) fn blocking(scope: &Scope, commands: &[Command]) -> TokenStream {
    let execute = scope.wire("Execute");
    let result = scope.std("Result");
    let methods = commands.iter().map(|command| {
        let (docs, method) = (scope.docs(&command.method_docs), ident(&command.method));
        let (name, output) = (ident(command.payload.name()), output(scope, &command.output));
        let (parameter, value) = if is_bare(command) {
            (None, quote!(commands::#name::new()))
        } else {
            (Some(quote!(, command: commands::#name)), quote!(command))
        };
        quote! {
            #docs
            fn #method(&mut self #parameter) -> #result<#output, Self::Error> {
                #execute::execute(self, &#value)
            }
        }
    });
    quote! {
        /// One method per command, for anything that can execute a command.
        pub trait Commands: #execute {
            #(#methods)*
        }

        impl<T: #execute + ?Sized> Commands for T {}
    }
}

pub(super) fn asynchronous(scope: &Scope, commands: &[Command]) -> TokenStream {
    let execute = scope.wire("ExecuteAsync");
    let result = scope.std("Result");
    let methods = commands.iter().map(|command| {
        let (docs, method) = (scope.docs(&command.method_docs), ident(&command.method));
        let (name, output) = (ident(command.payload.name()), output(scope, &command.output));
        let (parameter, value) = if is_bare(command) {
            (None, quote!(commands::#name::new()))
        } else {
            (Some(quote!(, command: commands::#name)), quote!(command))
        };
        quote! {
            #docs
            fn #method(&mut self #parameter)
                -> impl ::std::future::Future<Output = #result<#output, Self::Error>> + Send
            {
                async move { #execute::execute(self, &#value).await }
            }
        }
    });
    quote! {
        /// The asynchronous twin of [`Commands`].
        pub trait CommandsAsync: #execute + Send {
            #(#methods)*
        }

        impl<T: #execute + Send + ?Sized> CommandsAsync for T {}
    }
}
