//! The resolved model of one schema: what every later stage works on.
//!
//! A [`Schema`] is complete: every reference is an id into its arenas, every rule of QAPI has been checked.
//! Nothing outside this crate can build or change one.

mod build;
mod builtin;
mod declare;
mod draft;
mod dump;
mod item;
mod qapi_test;
mod rules;

pub use builtin::JsonType;
pub use item::{
    Alternate, Branch, Builtin, Command, Condition, Encoding, Enum, EnumValue, Event, Feature,
    Member, Meta, Struct, Type, TypeKind, Union,
};

use std::collections::BTreeMap;
use std::ops::Index;

use crate::check::Definitions;
use crate::check::definition::Item;
use crate::diagnostic::Diagnostics;
use crate::dialect::Dialect;
use crate::syntax::doc::Doc;
use build::Parts;
use declare::Declarer;

/// One schema, resolved.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub(crate) types: Vec<Type>,
    pub(crate) commands: Vec<Command>,
    pub(crate) events: Vec<Event>,
    pub(crate) modules: Vec<Module>,
    pub(crate) docs: Vec<Doc>,
    entities: Vec<Entity>,
    names: BTreeMap<String, Entity>,
}

/// Makes a schema of checked definitions: looks up every name and checks the definitions against each other.
///
/// `None` if that found errors, which are then among `diagnostics`.
pub fn resolve(
    definitions: Definitions,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Schema> {
    let Definitions { items, pragma, modules } = definitions;
    let mut declarer = Declarer::new(dialect, diagnostics);
    let (mut includes, mut docs) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Include(include) => includes.push((declarer.drafts.entities.len(), include)),
            Item::FreeForm(doc) => docs.push(doc),
            Item::Definition(definition) => {
                docs.extend(definition.doc.clone());
                declarer.definition(*definition);
            }
        }
    }
    let drafts = declarer.drafts;
    if diagnostics.has_errors() {
        return None;
    }
    rules::check(&drafts, &pragma, dialect, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    build::build(Parts { drafts, includes, docs, modules }).ok()
}

/// Names a type of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(crate) u32);

/// Names a command of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(crate) u32);

/// Names an event of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub(crate) u32);

/// Anything that has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// A type.
    Type(TypeId),
    /// A command.
    Command(CommandId),
    /// An event.
    Event(EventId),
}

/// A file of the schema, or the built-in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Path relative to the root file's folder; `./builtin` for the built-in part.
    pub name: String,
    /// What it holds, in order; implicit types stand before their first user, arrays with their element's type.
    pub items: Vec<ModuleItem>,
}

/// One thing in a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleItem {
    /// An include directive and the module it names.
    Include(String),
    /// A definition, or a type made for one.
    Entity(Entity),
}

impl Schema {
    /// All types, in the order of creation: built-in ones first, implicit ones before their first user.
    pub fn types(&self) -> impl ExactSizeIterator<Item = (TypeId, &Type)> {
        self.types.iter().enumerate().map(|(at, ty)| (TypeId(id(at)), ty))
    }

    /// All commands, in schema order.
    pub fn commands(&self) -> impl ExactSizeIterator<Item = (CommandId, &Command)> {
        self.commands.iter().enumerate().map(|(at, command)| (CommandId(id(at)), command))
    }

    /// All events, in schema order.
    pub fn events(&self) -> impl ExactSizeIterator<Item = (EventId, &Event)> {
        self.events.iter().enumerate().map(|(at, event)| (EventId(id(at)), event))
    }

    /// Everything that has a name, in the order of creation.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The modules: `./builtin`, the root, then the others in the order they are first included.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// All documentation comments, free-form ones included, in schema order.
    pub fn docs(&self) -> &[Doc] {
        &self.docs
    }

    /// Whatever is named `name`: types, commands and events share one space of names.
    pub fn entity_named(&self, name: &str) -> Option<Entity> {
        self.names.get(name).copied()
    }

    /// The type named `name`.
    pub fn type_named(&self, name: &str) -> Option<(TypeId, &Type)> {
        let Entity::Type(id) = self.entity_named(name)? else { return None };
        Some((id, &self[id]))
    }

    /// The command named `name`.
    pub fn command_named(&self, name: &str) -> Option<&Command> {
        let Entity::Command(id) = self.entity_named(name)? else { return None };
        Some(&self[id])
    }

    /// The event named `name`.
    pub fn event_named(&self, name: &str) -> Option<&Event> {
        let Entity::Event(id) = self.entity_named(name)? else { return None };
        Some(&self[id])
    }

    /// All members of an object type: those of its bases first. Empty for anything but a struct or a union;
    /// of a union only the members that are always there.
    pub fn members(&self, ty: TypeId) -> Vec<&Member> {
        let mut chain = Vec::new();
        let mut next = Some(ty);
        // No struct is its own base in a resolved schema; the bound keeps that from mattering here.
        while let Some(current) = next.filter(|_| chain.len() <= self.types.len()) {
            next = match &self[current].kind {
                TypeKind::Struct(object) => {
                    chain.push(object.members.as_slice());
                    object.base
                }
                TypeKind::Union(union) => Some(union.base),
                _ => None,
            };
        }
        chain.into_iter().rev().flatten().collect()
    }

    pub(crate) fn add_type(&mut self, ty: Type) -> TypeId {
        let id = TypeId(id(self.types.len()));
        // In an old schema a definition may have the name of an array type; then that is what the name means.
        if ty.implicit && self.names.contains_key(&ty.name) {
            self.entities.push(Entity::Type(id));
        } else {
            self.enter(&ty.name, Entity::Type(id));
        }
        self.types.push(ty);
        id
    }

    pub(crate) fn add_command(&mut self, command: Command) -> CommandId {
        let id = CommandId(id(self.commands.len()));
        self.enter(&command.name, Entity::Command(id));
        self.commands.push(command);
        id
    }

    pub(crate) fn add_event(&mut self, event: Event) -> EventId {
        let id = EventId(id(self.events.len()));
        self.enter(&event.name, Entity::Event(id));
        self.events.push(event);
        id
    }

    fn enter(&mut self, name: &str, entity: Entity) {
        self.entities.push(entity);
        self.names.insert(name.to_owned(), entity);
    }
}

fn id(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Index<TypeId> for Schema {
    type Output = Type;

    fn index(&self, TypeId(id): TypeId) -> &Type {
        &self.types[id as usize]
    }
}

impl Index<CommandId> for Schema {
    type Output = Command;

    fn index(&self, CommandId(id): CommandId) -> &Command {
        &self.commands[id as usize]
    }
}

impl Index<EventId> for Schema {
    type Output = Event;

    fn index(&self, EventId(id): EventId) -> &Event {
        &self.events[id as usize]
    }
}
