//! Puts items into modules, and borrowed names at their heads.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::thread;

use proc_macro2::TokenStream;
use quote::quote;

use super::scope::{Borrowed, Scope};
use super::{Module, alternates, commands, enums, events, info, needs, structs, stubs, unions};
use crate::diagnostic::Diagnostics;
use crate::rust::format;
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
    modules.into_iter().map(|printed| printed.into_module(runtime, diagnostics)).collect()
}

/// What makes generated code of one version refuse the runtime of another.
pub(in crate::rust) fn version_check(runtime: &TokenStream) -> TokenStream {
    let version = proc_macro2::Literal::u32_unsuffixed(RUNTIME_VERSION);
    quote!(const _: () = #runtime::assert_version(#version);)
}

/// The items of a module as text.
#[derive(Default)]
struct Printed {
    name: &'static str,
    docs: &'static str,
    text: String,
    borrowed: Borrowed,
    /// Whether the types of commands are named.
    commands: bool,
    diagnostics: Diagnostics,
}

impl Printed {
    fn into_module(self, runtime: &TokenStream, diagnostics: &mut Diagnostics) -> Module {
        let imports = self.borrowed.imports(runtime, &self.text);
        let commands = self.commands.then(|| {
            quote!(
                use super::commands;
            )
        });
        let head = format::item(self.name, quote!(#commands #imports), diagnostics);
        diagnostics.extend(self.diagnostics);
        Module { name: self.name, docs: self.docs, text: head + &self.text }
    }
}

/// What emits one of many, and what that is called.
type Emit<T> = fn(&Scope, &T) -> (String, TokenStream);

/// Emits and prints each of `things`, on all processors: tokens cannot leave the thread that made them, texts can.
fn print<T: Sync>(
    things: &[T],
    types_elsewhere: bool,
    defined: &BTreeSet<String>,
    emit: Emit<T>,
) -> Printed {
    let print_some = |things: &[T]| {
        let scope = Scope::new(types_elsewhere, defined.clone());
        let (mut text, mut diagnostics) = (String::new(), Diagnostics::new());
        for thing in things {
            let (origin, tokens) = emit(&scope, thing);
            text.push_str(&format::item(&origin, tokens, &mut diagnostics));
        }
        Printed { text, borrowed: scope.borrowed(), diagnostics, ..Printed::default() }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let chunks = things.chunks(things.len().div_ceil(processors).max(1));
    let parts: Vec<Printed> = thread::scope(|scope| {
        let threads: Vec<_> = chunks.map(|some| scope.spawn(move || print_some(some))).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|part| part.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let mut all = Printed::default();
    for part in parts {
        all.text.push_str(&part.text);
        all.borrowed.extend(part.borrowed);
        all.diagnostics.extend(part.diagnostics);
    }
    all
}

fn types(plan: &Plan) -> Printed {
    let names = plan.types.iter().flat_map(|ty| match ty {
        Type::Struct(object) => vec![object.name.clone()],
        Type::Enum(kind) => vec![kind.name.clone()],
        Type::Union(union) => vec![union.name.clone(), union.branch_enum.clone()],
        Type::Alternate(alternate) => vec![alternate.name.clone()],
    });
    let printed = print(&plan.types, false, &names.collect(), |scope, ty| match ty {
        Type::Struct(object) => {
            let definition = structs::definition(scope, object);
            let constructors = structs::constructors(scope, object, false);
            let (decode, encode) = (structs::decode(scope, object), structs::encode(scope, object));
            let needs = needs::of_struct(scope, object);
            (object.wire.clone(), quote! { #definition #constructors #decode #encode #needs })
        }
        Type::Enum(kind) => {
            let (kind_, needs) = (enums::emit(scope, kind), needs::of_enum(scope, kind));
            (kind.wire.clone(), quote! { #kind_ #needs })
        }
        Type::Union(union) => {
            let (union_, needs) = (unions::emit(scope, union), needs::of_union(scope, union));
            (union.wire.clone(), quote! { #union_ #needs })
        }
        Type::Alternate(kind) => {
            let (kind_, needs) = (alternates::emit(scope, kind), needs::of_alternate(scope, kind));
            (kind.wire.clone(), quote! { #kind_ #needs })
        }
    });
    Printed { name: "types", docs: "The types that commands take and return.", ..printed }
}

fn commands_module(plan: &Plan) -> Printed {
    let names = plan.commands.iter().map(|command| command.payload.name().to_owned());
    let printed = print(&plan.commands, true, &names.collect(), |scope, command| {
        (command.wire.clone(), commands::emit(scope, command))
    });
    Printed { name: "commands", docs: "The commands, each with its arguments.", ..printed }
}

fn events_module(plan: &Plan) -> Printed {
    let own = ["Event".to_owned(), "EventKind".to_owned()];
    let names = plan.events.iter().map(|event| event.payload.name().to_owned()).chain(own);
    let names = names.collect();
    let mut all = print(&[plan], true, &names, |scope, plan| {
        ("events".to_owned(), events::all(scope, &plan.events))
    });
    let each = print(&plan.events, true, &names, |scope, event| {
        (event.wire.clone(), events::emit(scope, event))
    });
    all.text.push_str(&each.text);
    all.borrowed.extend(each.borrowed);
    all.diagnostics.extend(each.diagnostics);
    Printed { name: "events", docs: "The events, each with its data.", ..all }
}

fn stubs_module(plan: &Plan) -> Printed {
    let faces: [Emit<Plan>; 2] = [
        |scope, plan| ("stubs".to_owned(), stubs::blocking(scope, &plan.commands)),
        |scope, plan| ("stubs".to_owned(), stubs::asynchronous(scope, &plan.commands)),
    ];
    let docs = "Commands as methods of what can execute them.";
    Printed { name: "stubs", docs, ..of_all_commands(plan, &faces) }
}

fn info_module(plan: &Plan) -> Printed {
    let parts: [Emit<Plan>; 2] = [
        |scope, plan| ("info".to_owned(), info::emit(scope, &plan.commands, &plan.releases)),
        |scope, plan| ("info".to_owned(), info::visit(scope, &plan.commands)),
    ];
    if plan.commands.is_empty() {
        let docs = "The commands as data.";
        return Printed { name: "info", docs, ..of_all_commands(plan, &parts[..1]) };
    }
    let docs = "The commands as data, and their types by name.";
    Printed { name: "info", docs, ..of_all_commands(plan, &parts) }
}

/// Items that are about all commands together.
fn of_all_commands(plan: &Plan, items: &[Emit<Plan>]) -> Printed {
    let items: Vec<_> = items.iter().map(|emit| (plan, *emit)).collect();
    let printed = print(&items, true, &BTreeSet::new(), |scope, (plan, emit)| emit(scope, plan));
    Printed { commands: !plan.commands.is_empty(), ..printed }
}
