//! Puts items into modules, and borrowed names at their heads.

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use super::{
    Item, Module, alternates, commands, enums, events, info, needs, structs, stubs, unions,
};
use crate::rust::plan::{Plan, Type};

/// The version of the runtime that generated code needs.
const RUNTIME_VERSION: u32 = 1;

/// All modules of a plan, in the order of their names' use.
pub(in crate::rust) fn modules(plan: &Plan, runtime: &TokenStream) -> Vec<Module> {
    let mut modules = vec![types(plan, runtime), commands_module(plan, runtime)];
    if !plan.events.is_empty() {
        modules.push(events_module(plan, runtime));
    }
    modules.push(stubs_module(plan, runtime));
    modules.push(info_module(plan, runtime));
    modules
}

/// What makes generated code of one version refuse the runtime of another.
pub(in crate::rust) fn version_check(runtime: &TokenStream) -> TokenStream {
    let version = proc_macro2::Literal::u32_unsuffixed(RUNTIME_VERSION);
    quote!(const _: () = #runtime::assert_version(#version);)
}

fn finish(name: &'static str, docs: &'static str, scope: &Scope, mut items: Vec<Item>) -> Module {
    let imports = Item { origin: name.to_owned(), tokens: scope.imports(&items) };
    items.insert(0, imports);
    Module { name, docs, items }
}

fn types(plan: &Plan, runtime: &TokenStream) -> Module {
    let names = plan.types.iter().flat_map(|ty| match ty {
        Type::Struct(object) => vec![object.name.clone()],
        Type::Enum(kind) => vec![kind.name.clone()],
        Type::Union(union) => vec![union.name.clone(), union.branch_enum.clone()],
        Type::Alternate(alternate) => vec![alternate.name.clone()],
    });
    let scope = Scope::new(runtime.clone(), false, names);
    let items = plan.types.iter().map(|ty| match ty {
        Type::Struct(object) => {
            let definition = structs::definition(&scope, object);
            let constructors = structs::constructors(&scope, object, false);
            let (decode, encode) =
                (structs::decode(&scope, object), structs::encode(&scope, object));
            let needs = needs::of_struct(&scope, object);
            item(&object.wire, quote! { #definition #constructors #decode #encode #needs })
        }
        Type::Enum(kind) => {
            let (kind_, needs) = (enums::emit(&scope, kind), needs::of_enum(&scope, kind));
            item(&kind.wire, quote! { #kind_ #needs })
        }
        Type::Union(union) => {
            let (union_, needs) = (unions::emit(&scope, union), needs::of_union(&scope, union));
            item(&union.wire, quote! { #union_ #needs })
        }
        Type::Alternate(kind) => {
            let (kind_, needs) =
                (alternates::emit(&scope, kind), needs::of_alternate(&scope, kind));
            item(&kind.wire, quote! { #kind_ #needs })
        }
    });
    let items = items.collect();
    finish("types", "The types that commands take and return.", &scope, items)
}

fn commands_module(plan: &Plan, runtime: &TokenStream) -> Module {
    let names = plan.commands.iter().map(|command| command.payload.name().to_owned());
    let scope = Scope::new(runtime.clone(), true, names);
    let items = plan.commands.iter();
    let items = items.map(|command| item(&command.wire, commands::emit(&scope, command)));
    let items = items.collect();
    finish("commands", "The commands, each with its arguments.", &scope, items)
}

fn events_module(plan: &Plan, runtime: &TokenStream) -> Module {
    let own = ["Event".to_owned(), "EventKind".to_owned()];
    let names = plan.events.iter().map(|event| event.payload.name().to_owned()).chain(own);
    let scope = Scope::new(runtime.clone(), true, names);
    let items = plan.events.iter();
    let mut items: Vec<_> =
        items.map(|event| item(&event.wire, events::emit(&scope, event))).collect();
    items.insert(0, item("events", events::all(&scope, &plan.events)));
    finish("events", "The events, each with its data.", &scope, items)
}

fn stubs_module(plan: &Plan, runtime: &TokenStream) -> Module {
    let scope = Scope::new(runtime.clone(), true, []);
    let items = vec![
        item("stubs", stubs::blocking(&scope, &plan.commands)),
        item("stubs", stubs::asynchronous(&scope, &plan.commands)),
    ];
    let docs = "Commands as methods of what can execute them.";
    with_commands(plan, finish("stubs", docs, &scope, items))
}

fn info_module(plan: &Plan, runtime: &TokenStream) -> Module {
    let scope = Scope::new(runtime.clone(), true, []);
    let mut items = vec![item("info", info::emit(&scope, &plan.commands, &plan.releases))];
    if plan.commands.is_empty() {
        return finish("info", "The commands as data.", &scope, items);
    }
    items.push(item("info", info::visit(&scope, &plan.commands)));
    let docs = "The commands as data, and their types by name.";
    with_commands(plan, finish("info", docs, &scope, items))
}

/// A module that names the types of commands.
fn with_commands(plan: &Plan, mut module: Module) -> Module {
    if let Some(imports) = module.items.first_mut().filter(|_| !plan.commands.is_empty()) {
        let others = &imports.tokens;
        imports.tokens = quote!(use super::commands; #others);
    }
    module
}

fn item(origin: &str, tokens: TokenStream) -> Item {
    Item { origin: origin.to_owned(), tokens }
}
