//! Commands as data, and their types by name.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::commands::release;
use super::scope::Scope;
use super::structs::allow_lines;
use crate::rust::names::ident;
use crate::rust::plan::{ArgumentInfo, Command, Output, ValueKind};

pub(super) fn emit(scope: &Scope, commands: &[Command]) -> TokenStream {
    let info = scope.wire("CommandInfo");
    let entries = commands.iter().map(|command| self::command(scope, &info, command));
    quote! {
        /// Every command, in schema order.
        pub static COMMANDS: &[#info] = &[#(#entries),*];
    }
}

/// The way from a name to a type.
pub(super) fn visit(scope: &Scope, commands: &[Command]) -> TokenStream {
    let (visitor, option) = (scope.wire("CommandVisitor"), scope.std("Option"));
    let lint = allow_lines(commands.len());
    let arms = commands.iter().map(|command| {
        let (wire, name) = (&command.wire, ident(command.payload.name()));
        quote!(#wire => Some(visitor.visit::<commands::#name>()),)
    });
    quote! {
        /// Hands the type of the command of this name to a visitor; `None` if there is no such command.
        #lint
        pub fn visit<V: #visitor>(name: &str, visitor: V) -> #option<V::Output> {
            match name { #(#arms)* _ => None, }
        }
    }
}

fn command(scope: &Scope, info: &TokenStream, command: &Command) -> TokenStream {
    let (wire, summary) = (&command.wire, &command.info.summary);
    let since = command.since.map(|since| {
        let since = release(&scope.wire("Release"), since);
        quote!(.since(#since))
    });
    let until = command.info.until.map(|until| {
        let until = release(&scope.wire("Release"), until);
        quote!(.until(#until))
    });
    let arguments = &command.info.arguments;
    let arguments = (!arguments.is_empty()).then(|| {
        let entries = arguments.iter().map(|entry| argument(scope, entry));
        quote!(.arguments(&[#(#entries),*]))
    });
    let returns = command.info.returns.as_ref().map(|name| quote!(.returns(#name)));
    let silent = matches!(command.output, Output::Silence).then(|| quote!(.silent()));
    let condition = command.info.condition.as_ref().map(|text| quote!(.condition(#text)));
    quote!(#info::new(#wire, #summary) #since #until #arguments #returns #silent #condition)
}

fn argument(scope: &Scope, argument: &ArgumentInfo) -> TokenStream {
    let info = scope.wire("ArgumentInfo");
    let ArgumentInfo { wire, type_name, summary, .. } = argument;
    let kind = kind(scope, &argument.kind);
    let optional = argument.optional.then(|| quote!(.optional()));
    let since = argument.since.map(|since| {
        let since = release(&scope.wire("Release"), since);
        quote!(.since(#since))
    });
    quote!(#info::new(#wire, #type_name, #kind, #summary) #optional #since)
}

fn kind(scope: &Scope, kind: &ValueKind) -> TokenStream {
    let ty = scope.wire("ValueKind");
    match kind {
        ValueKind::Plain(name) => {
            let name = format_ident!("{name}");
            quote!(#ty::#name)
        }
        ValueKind::Enum(values) => quote!(#ty::Enum(&[#(#values),*])),
        ValueKind::List(element) => {
            let element = self::kind(scope, element);
            quote!(#ty::List(&#element))
        }
        ValueKind::Alternate(kinds) => {
            let kinds = kinds.iter().map(|one| self::kind(scope, one));
            quote!(#ty::Alternate(&[#(#kinds),*]))
        }
    }
}
