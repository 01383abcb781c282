//! Structs: fields, constructor, optional builders, and how they are read and written.

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::{alias, allow};
use crate::rust::names::ident;
use crate::rust::plan::{Derives, Field, Struct, Ty};

/// The most places that one tuple of the runtime has.
const MAX_TUPLE: usize = 12;

/// The most members that are written in one expression.
const MAX_CHAIN: usize = 128;

/// What `new` of a type says of itself.
pub(super) const NEW: &str = "Creates a value with every mandatory member set and no other.";

/// More lines in one function than this are a matter for `clippy::too_many_lines`.
pub(super) const MAX_LINES: usize = 90;

/// The struct itself.
pub(super) fn definition(scope: &Scope, object: &Struct) -> TokenStream {
    let name = ident(&object.name);
    let alias = alias(&object.wire, &object.name);
    let lints = allow_bools(&object.fields);
    let fields = object.fields.iter().map(|field| self::field(scope, field));
    let has_secrets = object.fields.iter().any(|field| field.secret);
    let debug = has_secrets.then(|| debug(&object.name, &object.fields, None));
    let (docs, derives) = (scope.docs(&object.docs), derives(object.derives, !has_secrets));
    quote! {
        #docs
        #alias
        #derives
        #[non_exhaustive]
        #lints
        pub struct #name { #(#fields)* }

        #debug
    }
}

/// `Debug` that does not show what is secret.
///
/// `last` is a field more.
pub(super) fn debug(name: &str, fields: &[Field], last: Option<&str>) -> TokenStream {
    let (name, text) = (ident(name), name);
    let last = last.map(|last| {
        let name = ident(last);
        quote!(.field(#last, &self.#name))
    });
    let fields = fields.iter().map(|field| {
        let (name, text) = (ident(&field.name), &field.name);
        if field.secret {
            quote!(.field(#text, &wire::Secret))
        } else {
            quote!(.field(#text, &self.#name))
        }
    });
    quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#text)#(#fields)* #last.finish()
            }
        }
    }
}

/// The `derive` attribute. Without `debug`, that is written by hand.
pub(super) fn derives(derives: Derives, debug: bool) -> TokenStream {
    let debug = debug.then(|| quote!(, Debug));
    let eq = derives.eq.then(|| quote!(, Eq));
    let hash = derives.hash.then(|| quote!(, Hash));
    let default = derives.default.then(|| quote!(, Default));
    quote!(#[derive(Clone #debug #default, PartialEq #eq #hash)])
}

pub(super) fn allow_bools(fields: &[Field]) -> Option<TokenStream> {
    let bools = fields.iter().filter(|field| field.ty == Ty::Bool && !field.optional).count();
    allow(bools > 3, "struct_excessive_bools", "the schema has as many")
}

pub(super) fn field(scope: &Scope, field: &Field) -> TokenStream {
    let (docs, name) = (scope.docs(&field.docs), ident(&field.name));
    let ty = field_ty(scope, field);
    quote! { #docs pub #name: #ty, }
}

fn field_ty(scope: &Scope, field: &Field) -> TokenStream {
    let ty = scope.ty(&field.ty);
    if field.optional {
        let option = scope.std("Option");
        quote!(#option<#ty>)
    } else {
        ty
    }
}

/// `new`, and for commands a method for each optional argument.
pub(super) fn constructors(scope: &Scope, object: &Struct, builders: bool) -> Option<TokenStream> {
    let name = ident(&object.name);
    let line = match (builders, object.derives.default) {
        (true, true) => "Creates the command.",
        (true, false) => "Creates the command with its mandatory arguments.",
        (false, true) => "Creates a value with no member set.",
        (false, false) => NEW,
    };
    let new = object.constructor.then(|| {
        if object.derives.default {
            let docs = scope.docs(&[line]);
            quote! {
                #docs
                pub fn new() -> Self { Self::default() }
            }
        } else {
            new(scope, &object.fields, line, None)
        }
    });
    let setters = object.fields.iter().filter(|field| builders && field.optional);
    let setters: Vec<_> = setters.map(|field| setter(scope, field)).collect();
    (new.is_some() || !setters.is_empty()).then(|| quote! { impl #name { #new #(#setters)* } })
}

/// The function that takes all mandatory members. `last` is one parameter more, with its type.
pub(super) fn new(
    scope: &Scope,
    fields: &[Field],
    line: &str,
    last: Option<(TokenStream, TokenStream)>,
) -> TokenStream {
    let mandatory = || fields.iter().filter(|field| !field.optional);
    let mut parameters: Vec<_> = mandatory().map(|field| parameter(scope, field)).collect();
    let mut inits: Vec<_> = fields.iter().map(|field| init(scope, field)).collect();
    if let Some((name, ty)) = last {
        parameters.push(quote!(#name: #ty));
        inits.push(name);
    }
    let bools = mandatory().filter(|field| field.ty == Ty::Bool).count();
    let reason = "one for each mandatory member";
    let many = allow(parameters.len() > 7, "too_many_arguments", reason);
    let bools = allow(bools > 3, "fn_params_excessive_bools", reason);
    let similar = allow(has_similar_names(fields), "similar_names", "the schema's names");
    let letters = mandatory().filter(|field| field.name.len() == 1).count();
    let letters = allow(letters > 4, "many_single_char_names", "the schema's names");
    let docs = scope.docs(&[line]);
    quote! {
        #docs
        #many #bools #similar #letters
        pub fn new(#(#parameters),*) -> Self { Self { #(#inits),* } }
    }
}

fn setter(scope: &Scope, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    let docs = scope.docs(&[format!("Sets [`{0}`](Self#structfield.{0}).", field.name)]);
    let parameter = parameter(scope, field);
    let value = converted(scope, field);
    quote! {
        #docs
        #[must_use]
        pub fn #name(mut self, #parameter) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

/// A parameter that takes whatever easily becomes the member.
fn parameter(scope: &Scope, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    let into = |ty: TokenStream| {
        let into = scope.std("Into");
        quote!(impl #into<#ty>)
    };
    let ty = match &field.ty {
        Ty::String | Ty::Bytes | Ty::Alternate(_) => into(scope.ty(&field.ty)),
        Ty::List(element) => {
            let iterator = scope.std("IntoIterator");
            let item = scope.ty(element);
            let item = if is_converted(element) { into(item) } else { item };
            quote!(impl #iterator<Item = #item>)
        }
        Ty::Boxed(inner) => scope.ty(inner),
        other => scope.ty(other),
    };
    quote!(#name: #ty)
}

fn is_converted(element: &Ty) -> bool {
    matches!(element, Ty::String | Ty::Alternate(_))
}

/// The parameter as the member's value.
fn converted(scope: &Scope, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    match &field.ty {
        Ty::String | Ty::Bytes | Ty::Alternate(_) => quote!(#name.into()),
        Ty::List(element) if is_converted(element) => {
            let into = scope.std("Into");
            quote!(#name.into_iter().map(#into::into).collect())
        }
        Ty::List(_) => quote!(#name.into_iter().collect()),
        Ty::Boxed(_) => quote!(::std::boxed::Box::new(#name)),
        _ => quote!(#name),
    }
}

fn init(scope: &Scope, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    if field.optional {
        return quote!(#name: None);
    }
    match converted(scope, field) {
        value if name == value.to_string() => quote!(#name),
        value => quote!(#name: #value),
    }
}

/// Whether `clippy::similar_names` might find two of the parameters too close: the same but for one
/// letter. It is a rough reading of its rule, on the safe side.
fn has_similar_names(fields: &[Field]) -> bool {
    let names: Vec<&str> =
        fields.iter().filter(|field| !field.optional).map(|field| field.name.as_str()).collect();
    let similar = |one: &str, two: &str| {
        let (short, long) = if one.len() < two.len() { (one, two) } else { (two, one) };
        let start = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
        let (short, long) = (short.as_bytes().get(start..), long.as_bytes().get(start + 1..));
        // The rest after the first difference: the same, or the same but for that letter.
        short == long || short.and_then(|short| short.get(1..)) == long
    };
    names.len() <= 32
        && names.iter().enumerate().any(|(at, one)| {
            names.iter().skip(at + 1).any(|two| one.len() > 2 && similar(one, two))
        })
}

/// `Deserialize`.
pub(super) fn decode(scope: &Scope, object: &Struct) -> TokenStream {
    let (name, wire) = (ident(&object.name), &object.wire);
    let members = object.fields.iter().map(|field| &field.wire);
    let pattern = slots(object.fields.iter().map(|field| slot(scope, field)).collect());
    let inits = object.fields.iter().map(taken);
    let call = quote! {
        wire::object(d, #wire, &[#(#members),*], |#pattern| Self { #(#inits),* })
    };
    deserialize_impl(scope, &quote!(#name), 3 * object.fields.len() + 20, &call)
}

/// `Deserialize` for a type, with this body.
pub(super) fn deserialize_impl(
    scope: &Scope,
    name: &TokenStream,
    lines: usize,
    body: &TokenStream,
) -> TokenStream {
    let lint = allow_lines(lines);
    let (deserialize, deserializer) = (scope.wire("Deserialize"), scope.wire("Deserializer"));
    let result = scope.std("Result");
    quote! {
        impl<'de> #deserialize<'de> for #name {
            #lint
            fn deserialize<D: #deserializer<'de>>(d: D) -> #result<Self, D::Error> { #body }
        }
    }
}

/// `Serialize` for a type, with this body.
pub(super) fn serialize_impl(
    scope: &Scope,
    name: &TokenStream,
    lines: usize,
    body: &TokenStream,
) -> TokenStream {
    let (serialize, serializer) = (scope.wire("Serialize"), scope.wire("Serializer"));
    let result = scope.std("Result");
    let lint = allow_lines(lines);
    quote! {
        impl #serialize for #name {
            #lint
            fn serialize<S: #serializer>(&self, s: S) -> #result<S::Ok, S::Error> { #body }
        }
    }
}

pub(super) fn allow_lines(lines: usize) -> Option<TokenStream> {
    allow(lines > MAX_LINES, "too_many_lines", "as many as the schema has names")
}

/// The place a member is read into.
pub(super) fn slot(scope: &Scope, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    if field.optional {
        let may = scope.wire("May");
        return quote!(#may(#name));
    }
    let must = scope.wire("Must");
    if field.ty == Ty::Bytes { quote!(#must(wire::Base64(#name))) } else { quote!(#must(#name)) }
}

/// Places as one pattern: alone, in a tuple, or in tuples of tuples.
pub(super) fn slots(mut slots: Vec<TokenStream>) -> TokenStream {
    while slots.len() > MAX_TUPLE {
        let chunk = |chunk: &[TokenStream]| match chunk {
            [one] => one.clone(),
            many => quote!((#(#many),*)),
        };
        slots = slots.chunks(MAX_TUPLE).map(chunk).collect();
    }
    match &slots[..] {
        [one] => one.clone(),
        many => quote!((#(#many),*)),
    }
}

/// The field, from what is in its place.
pub(super) fn taken(field: &Field) -> TokenStream {
    let name = ident(&field.name);
    if field.optional && field.ty == Ty::Bytes {
        quote!(#name: #name.map(|wire::Base64(bytes)| bytes))
    } else {
        quote!(#name)
    }
}

/// `Serialize`.
pub(super) fn encode(scope: &Scope, object: &Struct) -> TokenStream {
    let name = ident(&object.name);
    let (begun, map) = written(&object.fields.iter().map(entry).collect::<Vec<_>>());
    let body = quote! { #begun #map.end() };
    serialize_impl(scope, &quote!(#name), object.fields.len(), &body)
}

/// Statements that write all but the last few entries, and the map with those too.
///
/// A chain of calls is an expression as deep as it is long, and compilers are not made for any depth.
pub(super) fn written(entries: &[TokenStream]) -> (TokenStream, TokenStream) {
    let mut begun = TokenStream::new();
    let mut map = quote!(wire::write(s)?);
    for (at, entries) in entries.chunks(MAX_CHAIN).enumerate() {
        if at > 0 {
            begun.extend(quote!(let map = #map;));
            map = quote!(map);
        }
        map.extend(quote!(#(#entries)*));
    }
    (begun, map)
}

/// The call that writes a member.
pub(super) fn entry(field: &Field) -> TokenStream {
    let (name, wire) = (ident(&field.name), &field.wire);
    let is_float = match &field.ty {
        Ty::Float => true,
        Ty::List(element) => **element == Ty::Float,
        _ => false,
    };
    match (field.optional, &field.ty) {
        (false, Ty::Bytes) => quote!(.must(#wire, &wire::Bytes(&self.#name))?),
        (true, Ty::Bytes) => quote!(.may(#wire, self.#name.as_deref().map(wire::Bytes))?),
        (false, _) if is_float => quote!(.must(#wire, &wire::Finite(&self.#name))?),
        (true, _) if is_float => quote!(.may(#wire, self.#name.as_ref().map(wire::Finite))?),
        (false, _) => quote!(.must(#wire, &self.#name)?),
        (true, _) => quote!(.may(#wire, self.#name.as_ref())?),
    }
}
