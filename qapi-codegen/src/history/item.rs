//! Every part of a schema that has a name, as a flat list of facts that two releases can be compared by.

use std::collections::BTreeMap;

use crate::schema::{
    Branch, Command, Condition, Feature, Member, Meta, Schema, Type, TypeId, TypeKind,
};
use crate::source::Span;

/// What kind of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// A command.
    Command,
    /// An event.
    Event,
    /// A struct.
    Struct,
    /// An enum.
    Enum,
    /// A union.
    Union,
    /// An alternate.
    Alternate,
    /// An argument of a command.
    Argument,
    /// A member of a struct, of a union's base, or of an event's data.
    Member,
    /// A value of an enum.
    Value,
    /// A branch of a union or an alternate.
    Branch,
}

impl ItemKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Event => "event",
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Union => "union",
            Self::Alternate => "alternate",
            Self::Argument => "argument",
            Self::Member => "member",
            Self::Value => "value",
            Self::Branch => "branch",
        }
    }

    /// Whether it is defined at top level, not part of something else.
    pub const fn is_definition(self) -> bool {
        !matches!(self, Self::Argument | Self::Member | Self::Value | Self::Branch)
    }
}

impl std::fmt::Display for ItemKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one release says of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its type as the schema writes it, lists in brackets: of a member, an argument or a branch what it holds,
    /// of a command what it returns. `None` for other kinds, and for a command that returns nothing.
    pub ty: Option<String>,
    /// Whether it may be absent. Only members and arguments can.
    pub optional: bool,
    /// Whether it answers on success. Only a command can be without.
    pub success_response: bool,
    /// The member that selects the branch, of a union.
    pub discriminator: Option<String>,
    /// When it exists.
    pub condition: Option<Condition>,
    /// Names of its features.
    pub features: Vec<String>,
    /// The struct that declares it, where it is inherited from a base or a named argument type.
    pub via: Option<String>,
    /// Where it is written.
    pub span: Span,
}

impl Item {
    /// Whether nothing but the place in the text differs.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            kind,
            ty,
            optional,
            success_response,
            discriminator,
            condition,
            features,
            via,
            span: _,
        } = self;
        *kind == other.kind
            && *ty == other.ty
            && *optional == other.optional
            && *success_response == other.success_response
            && *discriminator == other.discriminator
            && *condition == other.condition
            && *features == other.features
            && *via == other.via
    }
}

/// All items of a schema by path: `guest-exec`, `guest-exec.path`, `GuestDiskBusType.nvme`, and with a slash
/// for branches, which may be named like a member: `GuestDiskSmart/nvme`.
pub fn items(schema: &Schema) -> BTreeMap<String, Item> {
    let mut list = Items { schema, items: BTreeMap::new() };
    for (id, ty) in schema.types().filter(|(_, ty)| !ty.implicit) {
        list.add_type(id, ty);
    }
    for (_, command) in schema.commands() {
        list.add_command(command);
    }
    for (_, event) in schema.events() {
        list.add(event.name.clone(), item(ItemKind::Event, &event.meta));
        list.add_members(&event.name, ItemKind::Member, event.arguments);
    }
    list.items
}

/// A type's name as schemas write it: `str`, `[GuestUser]`.
pub fn type_name(schema: &Schema, ty: TypeId) -> String {
    match schema[ty].kind {
        TypeKind::Array(element) => format!("[{}]", schema[element].name),
        _ => schema[ty].name.clone(),
    }
}

/// The path of a member, an argument or a value.
pub fn member_path(owner: &str, member: &str) -> String {
    format!("{owner}.{member}")
}

/// The path of a branch.
pub fn branch_path(owner: &str, branch: &str) -> String {
    format!("{owner}/{branch}")
}

/// The path of the definition that a path is part of. Vendor prefixes (`__org.qemu_`) hold dots of their own.
pub fn owner_path(path: &str) -> &str {
    let prefix = path.strip_prefix("__").and_then(|rest| rest.find('_')).map_or(0, |at| at + 2);
    path[prefix..].find(['.', '/']).map_or(path, |at| &path[..prefix + at])
}

struct Items<'a> {
    schema: &'a Schema,
    items: BTreeMap<String, Item>,
}

impl Items<'_> {
    fn add(&mut self, path: String, item: Item) {
        self.items.insert(path, item);
    }

    fn add_command(&mut self, command: &Command) {
        let ty = command.returns.map(|ty| type_name(self.schema, ty));
        let success_response = command.success_response;
        self.add(
            command.name.clone(),
            Item { ty, success_response, ..item(ItemKind::Command, &command.meta) },
        );
        self.add_members(&command.name, ItemKind::Argument, command.arguments);
        self.add_branches(&command.name, command.arguments);
    }

    fn add_type(&mut self, id: TypeId, ty: &Type) {
        let kind = match ty.kind {
            TypeKind::Builtin(_) | TypeKind::Array(_) => return,
            TypeKind::Enum(_) => ItemKind::Enum,
            TypeKind::Struct(_) => ItemKind::Struct,
            TypeKind::Union(_) => ItemKind::Union,
            TypeKind::Alternate(_) => ItemKind::Alternate,
        };
        let discriminator = if let TypeKind::Union(union) = &ty.kind {
            Some(union.discriminator.clone())
        } else {
            None
        };
        self.add(ty.name.clone(), Item { discriminator, ..item(kind, &ty.meta) });
        if let TypeKind::Enum(kind) = &ty.kind {
            for value in &kind.values {
                self.add(member_path(&ty.name, &value.name), item(ItemKind::Value, &value.meta));
            }
        }
        self.add_members(&ty.name, ItemKind::Member, Some(id));
        self.add_branches(&ty.name, Some(id));
    }

    fn add_members(&mut self, owner: &str, kind: ItemKind, object: Option<TypeId>) {
        let mut next = object;
        let mut left = self.schema.types().len();
        while let Some(current) = next.filter(|_| left > 0) {
            left -= 1;
            let ty = &self.schema[current];
            let (members, base): (&[Member], _) = match &ty.kind {
                TypeKind::Struct(object) => (&object.members, object.base),
                TypeKind::Union(union) => (&[], Some(union.base)),
                _ => (&[], None),
            };
            let via = (!ty.implicit && ty.name != owner).then(|| ty.name.clone());
            for member in members {
                let facts = Item {
                    ty: Some(type_name(self.schema, member.ty)),
                    optional: member.optional,
                    via: via.clone(),
                    ..item(kind, &member.meta)
                };
                self.add(member_path(owner, &member.name), facts);
            }
            next = base;
        }
    }

    fn add_branches(&mut self, owner: &str, ty: Option<TypeId>) {
        let Some(ty) = ty.map(|ty| &self.schema[ty]) else { return };
        let branches: &[Branch] = match &ty.kind {
            TypeKind::Union(union) => &union.branches,
            TypeKind::Alternate(alternate) => &alternate.branches,
            _ => &[],
        };
        let via = (ty.name != owner).then(|| ty.name.clone());
        for branch in branches.iter().filter(|branch| !branch.implied) {
            let facts = Item {
                ty: Some(type_name(self.schema, branch.ty)),
                via: via.clone(),
                ..item(ItemKind::Branch, &branch.meta)
            };
            self.add(branch_path(owner, &branch.name), facts);
        }
    }
}

fn item(kind: ItemKind, meta: &Meta) -> Item {
    let name = |feature: &Feature| feature.name.clone();
    Item {
        kind,
        ty: None,
        optional: false,
        success_response: true,
        discriminator: None,
        condition: meta.condition.clone(),
        features: meta.features.iter().map(name).collect(),
        via: None,
        span: meta.span,
    }
}
