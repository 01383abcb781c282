//! Events: a struct of data for each, and the enum of all.

use proc_macro2::TokenStream;
use quote::quote;

use super::commands::whole;
use super::scope::Scope;
use super::structs::{self, allow_lines, constructors, encode};
use crate::rust::names::ident;
use crate::rust::plan::{Event, Payload};

/// One event's data.
pub(super) fn emit(scope: &Scope, event: &Event) -> TokenStream {
    match &event.payload {
        Payload::Members(object) => {
            let definition = structs::definition(scope, object);
            let constructors = constructors(scope, object, false);
            let (decode, encode) = (structs::decode(scope, object), encode(scope, object));
            quote! { #definition #constructors #decode #encode }
        }
        Payload::Whole { .. } => whole(scope, &event.wire, &event.payload),
    }
}

/// The type that any event can be read as.
pub(super) fn all(scope: &Scope, events: &[Event]) -> TokenStream {
    let (pointer, other) = (scope.std("Box"), scope.wire("OtherEvent"));
    let derive_eq = events.iter().all(|event| match &event.payload {
        Payload::Members(object) => object.derives.eq,
        Payload::Whole { eq, .. } => *eq,
    });
    let derive_eq = derive_eq.then(|| quote!(, Eq));
    let variants = events.iter().map(|event| {
        let (docs, name) = (scope.docs(&event.docs), ident(event.payload.name()));
        quote! { #docs #name(#pointer<#name>), }
    });
    let set = event_set(scope, events);
    quote! {
        /// Any event, with its time.
        pub type Event = wire::Event<EventKind>;

        /// What happened: one of the schema's events, or one that these bindings do not know.
        #[derive(Clone, Debug, PartialEq #derive_eq)]
        #[non_exhaustive]
        pub enum EventKind {
            #(#variants)*
            /// An event that these bindings do not know.
            Other(#other),
        }

        #set
    }
}

fn event_set(scope: &Scope, events: &[Event]) -> TokenStream {
    let lint = allow_lines(events.len());
    let (set, data, map) =
        (scope.wire("EventSet"), scope.wire("EventData"), scope.wire("SerializeMap"));
    let result = scope.std("Result");
    let decode = events.iter().map(|event| {
        let (wire, name) = (&event.wire, ident(event.payload.name()));
        quote!(#wire => data.decode(Self::#name),)
    });
    let names = events.iter().map(|event| {
        let (wire, name) = (&event.wire, ident(event.payload.name()));
        quote!(Self::#name(_) => #wire,)
    });
    let with_data = events.iter().filter(|event| event.has_data).map(|event| {
        let name = ident(event.payload.name());
        quote!(Self::#name(data) => map.must("data", data),)
    });
    let without: Vec<_> =
        events.iter().filter(|event| !event.has_data).map(|e| ident(e.payload.name())).collect();
    let without = (!without.is_empty()).then(|| quote!(#(Self::#without(_))|* => Ok(map),));
    quote! {
        impl #set for EventKind {
            #lint
            fn decode(name: &str, data: #data) -> wire::Result<Self> {
                match name {
                    #(#decode)*
                    _ => data.keep(name, Self::Other),
                }
            }

            #lint
            fn name(&self) -> &str {
                match self {
                    #(#names)*
                    Self::Other(event) => event.name(),
                }
            }

            #lint
            fn encode<M: #map>(&self, map: wire::Writer<M>) -> #result<wire::Writer<M>, M::Error> {
                match self {
                    #(#with_data)*
                    #without
                    Self::Other(event) => map.may("data", event.data()),
                }
            }
        }
    }
}
