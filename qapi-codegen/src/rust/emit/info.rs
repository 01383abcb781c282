//! Commands as data, and their types by name.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::commands::release;
use super::scope::Scope;
use super::structs::allow_lines;
use crate::history::Release;
use crate::rust::names::ident;
use crate::rust::plan::{ArgumentInfo, Command, Output, ValueKind};
use crate::schema::Condition;

pub(super) fn emit(scope: &Scope, commands: &[Command], releases: &[Release]) -> TokenStream {
    let info = scope.wire("CommandInfo");
    let entries = commands.iter().map(|command| self::command(scope, &info, command));
    let ty = scope.wire("Release");
    let releases = releases.iter().map(|&known| release(&ty, known));
    quote! {
        /// Every release of QEMU that is known here, oldest first; none if nothing is known of releases.
        pub static RELEASES: &[#ty] = &[#(#releases),*];

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
    let conditional = conditional(scope, &command.info.conditional);
    quote!(#info::new(#wire, #summary) #since #until #arguments #returns #silent #condition #conditional)
}

fn conditional(
    scope: &Scope,
    spans: &[(Release, Option<Release>, Condition)],
) -> Option<TokenStream> {
    if spans.is_empty() {
        return None;
    }
    let (ty, span_ty) = (scope.wire("Release"), scope.wire("ReleaseSpan"));
    let spans = spans.iter().map(|(from, before, when)| {
        let (from, when) = (release(&ty, *from), condition(scope, when));
        let end = before.map(|before| {
            let before = release(&ty, before);
            quote!(.before(#before))
        });
        quote!((#span_ty::since(#from) #end, #when))
    });
    Some(quote!(.conditional(&[#(#spans),*])))
}

fn condition(scope: &Scope, when: &Condition) -> TokenStream {
    let ty = scope.wire("BuildCondition");
    let each = |conditions: &[Condition]| {
        conditions.iter().map(|inner| condition(scope, inner)).collect::<Vec<_>>()
    };
    match when {
        Condition::Defined(name) => quote!(#ty::Defined(#name)),
        Condition::All(conditions) => {
            let conditions = each(conditions);
            quote!(#ty::All(&[#(#conditions),*]))
        }
        Condition::Any(conditions) => {
            let conditions = each(conditions);
            quote!(#ty::Any(&[#(#conditions),*]))
        }
        Condition::Not(inner) => {
            let inner = condition(scope, inner);
            quote!(#ty::Not(&#inner))
        }
    }
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
