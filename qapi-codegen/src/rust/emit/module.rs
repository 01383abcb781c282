//! Puts items into modules, and borrowed names at their heads.

use std::collections::BTreeSet;
use std::sync::Arc;

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::{Borrowed, Scope};
use super::{Module, alternates, commands, enums, events, info, needs, structs, stubs, unions};
use crate::diagnostic::Diagnostics;
use crate::parallel;
use crate::rust::format::{self, Documentation};
use crate::rust::plan::{Plan, Type};

/// The version of the runtime that generated code needs.
const RUNTIME_VERSION: u32 = 1;

/// All modules of a plan, in the order of their names' use.
pub(in crate::rust) fn modules(
    plan: &Plan,
    runtime: &TokenStream,
    diagnostics: &mut Diagnostics,
) -> Vec<Module> {
    let mut modules = vec![types(plan), commands_module(plan)];
    if !plan.events.is_empty() {
        modules.push(events_module(plan));
    }
    modules.push(stubs_module(plan));
    modules.push(info_module(plan));
    let printed = print(&modules);
    let printed = modules.iter().zip(printed);
    printed.map(|(module, printed)| module.printed(printed, runtime, diagnostics)).collect()
}

/// What makes generated code of one version refuse the runtime of another.
pub(in crate::rust) fn version_check(runtime: &TokenStream) -> TokenStream {
    let version = proc_macro2::Literal::u32_unsuffixed(RUNTIME_VERSION);
    quote!(const _: () = #runtime::assert_version(#version);)
}

/// A module as what emits its items.
struct Plans<'p> {
    name: &'static str,
    docs: &'static str,
    /// Whether the schema's types are in another module.
    types_elsewhere: bool,
    /// The names that the module defines.
    defined: Arc<BTreeSet<String>>,
    /// Whether the types of commands are named.
    commands: bool,
    items: Vec<Emit<'p>>,
}

/// Emits one item, or a few that belong together, and says what they are made of.
type Emit<'p> = Box<dyn Fn(&Scope) -> (&'p str, TokenStream) + Sync + 'p>;

/// The items of a module as text.
#[derive(Default)]
struct Printed {
    text: String,
    borrowed: Borrowed,
    diagnostics: Diagnostics,
}

impl Plans<'_> {
    fn printed(
        &self,
        items: Printed,
        runtime: &TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Module {
        let imports = items.borrowed.imports(runtime, &items.text);
        let commands = self.commands.then(|| {
            quote!(
                use super::commands;
            )
        });
        let none = Documentation::default();
        let head = format::item(self.name, quote!(#commands #imports), &none, diagnostics);
        diagnostics.extend(items.diagnostics);
        Module { name: self.name, docs: self.docs, text: head + &items.text }
    }
}

/// Emits and prints the items of all modules, on all processors: tokens cannot leave the thread that made them, texts can.
fn print(modules: &[Plans<'_>]) -> Vec<Printed> {
    let jobs = modules.iter().enumerate();
    let jobs = jobs.flat_map(|(at, module)| module.items.iter().map(move |emit| (at, emit)));
    let jobs: Vec<_> = jobs.collect();
    // Begun with the last modules, which have the largest items: nobody has to wait for one of those in the end.
    let printed = parallel::each(jobs.len(), |at| {
        let (module, emit) = &jobs[at];
        print_one(&modules[*module], emit)
    });
    let mut all: Vec<Printed> = modules.iter().map(|_| Printed::default()).collect();
    for ((module, _), item) in jobs.iter().zip(printed) {
        let module = &mut all[*module];
        module.text.push_str(&item.text);
        module.borrowed.extend(item.borrowed);
        module.diagnostics.extend(item.diagnostics);
    }
    all
}

fn print_one(module: &Plans<'_>, emit: &Emit<'_>) -> Printed {
    let scope = Scope::new(module.types_elsewhere, Arc::clone(&module.defined));
    let mut diagnostics = Diagnostics::new();
    let (origin, tokens) = emit(&scope);
    let (docs, borrowed) = scope.finish();
    let text = format::item(origin, tokens, &docs, &mut diagnostics);
    Printed { text, borrowed, diagnostics }
}

fn types(plan: &Plan) -> Plans<'_> {
    let names = plan.types.iter().flat_map(|ty| match ty {
        Type::Struct(object) => vec![object.name.clone()],
        Type::Enum(kind) => vec![kind.name.clone()],
        Type::Union(union) => vec![union.name.clone(), union.branch_enum.clone()],
        Type::Alternate(alternate) => vec![alternate.name.clone()],
    });
    Plans {
        name: "types",
        docs: "The types that commands take and return.",
        types_elsewhere: false,
        defined: Arc::new(names.collect()),
        commands: false,
        items: each(&plan.types, ty),
    }
}

fn ty<'p>(scope: &Scope, ty: &'p Type) -> (&'p str, TokenStream) {
    match ty {
        Type::Struct(object) => {
            let definition = structs::definition(scope, object);
            let constructors = structs::constructors(scope, object, false);
            let (decode, encode) = (structs::decode(scope, object), structs::encode(scope, object));
            let needs = needs::of_struct(scope, object);
            (&object.wire, quote! { #definition #constructors #decode #encode #needs })
        }
        Type::Enum(kind) => {
            let (kind_, needs) = (enums::emit(scope, kind), needs::of_enum(scope, kind));
            (&kind.wire, quote! { #kind_ #needs })
        }
        Type::Union(union) => {
            let (union_, needs) = (unions::emit(scope, union), needs::of_union(scope, union));
            (&union.wire, quote! { #union_ #needs })
        }
        Type::Alternate(kind) => {
            let (kind_, needs) = (alternates::emit(scope, kind), needs::of_alternate(scope, kind));
            (&kind.wire, quote! { #kind_ #needs })
        }
    }
}

fn commands_module(plan: &Plan) -> Plans<'_> {
    let names = plan.commands.iter().map(|command| command.payload.name().to_owned());
    Plans {
        name: "commands",
        docs: "The commands, each with its arguments.",
        types_elsewhere: true,
        defined: Arc::new(names.collect()),
        commands: false,
        items: each(&plan.commands, |scope, command| {
            (&command.wire, commands::emit(scope, command))
        }),
    }
}

fn events_module(plan: &Plan) -> Plans<'_> {
    let own = ["Event".to_owned(), "EventKind".to_owned()];
    let names = plan.events.iter().map(|event| event.payload.name().to_owned()).chain(own);
    let mut items: Vec<Emit<'_>> =
        vec![Box::new(|scope| ("events", events::all(scope, &plan.events)))];
    items.extend(each(&plan.events, |scope, event| (&event.wire, events::emit(scope, event))));
    Plans {
        name: "events",
        docs: "The events, each with its data.",
        types_elsewhere: true,
        defined: Arc::new(names.collect()),
        commands: false,
        items,
    }
}

fn stubs_module(plan: &Plan) -> Plans<'_> {
    let docs = "Commands as methods of what can execute them.";
    let items: Vec<Emit<'_>> = vec![
        Box::new(|scope| ("stubs", stubs::blocking(scope, &plan.commands))),
        Box::new(|scope| ("stubs", stubs::asynchronous(scope, &plan.commands))),
    ];
    Plans { name: "stubs", docs, items, ..of_all_commands(plan) }
}

fn info_module(plan: &Plan) -> Plans<'_> {
    let (commands, releases) = (&plan.commands, &plan.releases);
    let mut docs = "The commands as data.";
    let mut items: Vec<Emit<'_>> =
        vec![Box::new(|scope| ("info", info::emit(scope, commands, releases)))];
    if !commands.is_empty() {
        docs = "The commands as data, and their types by name.";
        items.push(Box::new(|scope| ("info", info::visit(scope, commands))));
    }
    Plans { name: "info", docs, items, ..of_all_commands(plan) }
}

/// A module of items that are about all commands together.
fn of_all_commands(plan: &Plan) -> Plans<'_> {
    Plans {
        name: "",
        docs: "",
        types_elsewhere: true,
        defined: Arc::default(),
        commands: !plan.commands.is_empty(),
        items: Vec::new(),
    }
}

/// What emits each of many by itself.
fn each<'p, T: Sync>(
    things: &'p [T],
    emit: fn(&Scope, &'p T) -> (&'p str, TokenStream),
) -> Vec<Emit<'p>> {
    things.iter().map(|thing| -> Emit<'p> { Box::new(move |scope| emit(scope, thing)) }).collect()
}
