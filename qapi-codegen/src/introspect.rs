//! A schema as clients of QMP see it: the `SchemaInfo` objects that `query-qmp-schema` returns.
//!
//! First come commands and events, then the types that can be reached from them, in the order of their first
//! use. Conditions are taken to hold: whether they do is known only to the program that serves the schema.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::schema::{
    Alternate, Branch, Builtin, Entity, Enum, Feature, JsonType, Member, Meta, ModuleItem, Schema,
    TypeId, TypeKind,
};

/// How types are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// As the schema names them.
    Real,
    /// By numbers in the order of first use, as on the wire: clients are not meant to rely on names of types.
    Masked,
}

/// One command, event or type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SchemaInfo {
    /// Its name; a number for a type whose name is masked.
    pub name: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: InfoKind,
    /// The names of its features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// What there is to say about each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "meta-type", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of `SchemaInfo` in QEMU's own schema")]
pub enum InfoKind {
    Builtin {
        json_type: &'static str,
    },
    Enum {
        members: Vec<InfoValue>,
        values: Vec<String>,
    },
    Array {
        element_type: String,
    },
    Object {
        members: Vec<InfoMember>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tag: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        variants: Option<Vec<InfoVariant>>,
    },
    Alternate {
        members: Vec<InfoAlternative>,
    },
    Command {
        arg_type: String,
        ret_type: String,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        allow_oob: bool,
    },
    Event {
        arg_type: String,
    },
}

/// One value of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfoValue {
    /// The value.
    pub name: String,
    /// The names of its features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfoMember {
    /// The member's name.
    pub name: String,
    /// The name of its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// `null` if it is optional, absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<()>,
    /// The names of its features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// The members that an object has in addition when its tag has one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfoVariant {
    /// The tag's value.
    pub case: String,
    /// The name of the object type.
    #[serde(rename = "type")]
    pub ty: String,
}

/// One branch of an alternate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfoAlternative {
    /// The name of its type.
    #[serde(rename = "type")]
    pub ty: String,
}

/// Everything in `schema` that clients can see.
pub fn introspect(schema: &Schema, names: Names) -> Vec<SchemaInfo> {
    let mut introspection = Introspection {
        schema,
        names,
        masks: BTreeMap::new(),
        next_mask: 0,
        used: Vec::new(),
        seen: BTreeSet::new(),
        infos: Vec::new(),
    };
    for item in schema.modules().iter().flat_map(|module| &module.items) {
        match item {
            ModuleItem::Entity(Entity::Command(id)) => introspection.command(*id),
            ModuleItem::Entity(Entity::Event(id)) => introspection.event(*id),
            ModuleItem::Entity(Entity::Type(_)) | ModuleItem::Include(_) => {}
        }
    }
    let mut next = 0;
    while let Some(&ty) = introspection.used.get(next) {
        introspection.ty(ty);
        next += 1;
    }
    introspection.infos
}

/// `infos` as a JSON array with one entry on each line.
///
/// # Errors
/// Never in practice: everything in there has a form in JSON.
pub fn to_json(infos: &[SchemaInfo]) -> Result<String, serde_json::Error> {
    let lines = infos.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

struct Introspection<'a> {
    schema: &'a Schema,
    names: Names,
    masks: BTreeMap<TypeId, usize>,
    next_mask: usize,
    /// The types to describe, in the order of first use.
    used: Vec<TypeId>,
    seen: BTreeSet<TypeId>,
    infos: Vec<SchemaInfo>,
}

impl Introspection<'_> {
    fn add(&mut self, name: String, kind: InfoKind, meta: &Meta) {
        self.infos.push(SchemaInfo { name, kind, features: feature_names(&meta.features) });
    }

    fn command(&mut self, id: crate::schema::CommandId) {
        let command = &self.schema[id];
        let arg_type = self.use_arguments(command.arguments);
        let ret_type = self.use_arguments(command.returns);
        let kind = InfoKind::Command { arg_type, ret_type, allow_oob: command.allow_oob };
        self.add(command.name.clone(), kind, &command.meta);
    }

    fn event(&mut self, id: crate::schema::EventId) {
        let event = &self.schema[id];
        let arg_type = self.use_arguments(event.arguments);
        self.add(event.name.clone(), InfoKind::Event { arg_type }, &event.meta);
    }

    /// The name of what is taken or returned; nothing is an empty object.
    fn use_arguments(&mut self, ty: Option<TypeId>) -> String {
        let ty = ty.or_else(|| self.schema.type_named("q_empty").map(|(id, _)| id));
        ty.map(|ty| self.use_type(ty)).unwrap_or_default()
    }

    /// The name of a type that is going to be described.
    fn use_type(&mut self, ty: TypeId) -> String {
        let ty = self.without_width(ty);
        if self.seen.insert(ty) {
            self.used.push(ty);
        }
        match &self.schema[ty].kind {
            TypeKind::Builtin(builtin) => builtin.name().to_owned(),
            TypeKind::Array(element) => format!("[{}]", self.use_type(*element)),
            _ => self.name(ty),
        }
    }

    /// All integers look alike to clients.
    fn without_width(&self, ty: TypeId) -> TypeId {
        let is_integer = |ty: TypeId| matches!(self.schema[ty].kind, TypeKind::Builtin(builtin) if builtin.json_type() == JsonType::Int);
        let stand_in = match self.schema[ty].kind {
            _ if is_integer(ty) => Builtin::Int.name(),
            TypeKind::Array(element) if is_integer(element) => "intList",
            _ => return ty,
        };
        self.schema.type_named(stand_in).map_or(ty, |(id, _)| id)
    }

    fn name(&mut self, ty: TypeId) -> String {
        match self.names {
            Names::Real => self.schema[ty].name.clone(),
            Names::Masked => self.mask(ty).to_string(),
        }
    }

    /// The number that stands for a name: none that is itself the name of a command or an event, as old dialects allow.
    fn mask(&mut self, ty: TypeId) -> usize {
        if let Some(&mask) = self.masks.get(&ty) {
            return mask;
        }
        while self.is_shown(&self.next_mask.to_string()) {
            self.next_mask += 1;
        }
        let mask = self.next_mask;
        self.next_mask += 1;
        self.masks.insert(ty, mask);
        mask
    }

    /// Whether a command or an event has this name, which is never masked.
    fn is_shown(&self, name: &str) -> bool {
        matches!(self.schema.entity_named(name), Some(Entity::Command(_) | Entity::Event(_)))
    }

    fn ty(&mut self, id: TypeId) {
        let ty = &self.schema[id];
        match &ty.kind {
            TypeKind::Builtin(builtin) => {
                let json_type = builtin.json_type().as_str();
                self.add(builtin.name().to_owned(), InfoKind::Builtin { json_type }, &ty.meta);
            }
            TypeKind::Array(element) => {
                let element_type = self.use_type(*element);
                self.add(format!("[{element_type}]"), InfoKind::Array { element_type }, &ty.meta);
            }
            TypeKind::Enum(Enum { values, .. }) => {
                let name = self.name(id);
                let members = values.iter().map(|value| InfoValue {
                    name: value.name.clone(),
                    features: feature_names(&value.meta.features),
                });
                let values = values.iter().map(|value| value.name.clone()).collect();
                self.add(name, InfoKind::Enum { members: members.collect(), values }, &ty.meta);
            }
            TypeKind::Struct(_) => self.object(id, None, &[]),
            TypeKind::Union(union) => self.object(id, Some(&union.discriminator), &union.branches),
            TypeKind::Alternate(Alternate { branches }) => {
                let name = self.name(id);
                let members = branches
                    .iter()
                    .map(|branch| InfoAlternative { ty: self.use_type(branch.ty) })
                    .collect();
                self.add(name, InfoKind::Alternate { members }, &ty.meta);
            }
        }
    }

    fn object(&mut self, id: TypeId, tag: Option<&str>, branches: &[Branch]) {
        let schema = self.schema;
        let name = self.name(id);
        let members = schema.members(id).into_iter().map(|member| self.member(member)).collect();
        let variant = |branch: &Branch| InfoVariant {
            case: branch.name.clone(),
            ty: self.use_type(branch.ty),
        };
        let variants = tag.map(|_| branches.iter().map(variant).collect());
        let kind = InfoKind::Object { members, tag: tag.map(str::to_owned), variants };
        self.add(name, kind, &schema[id].meta);
    }

    fn member(&mut self, member: &Member) -> InfoMember {
        InfoMember {
            name: member.name.clone(),
            ty: self.use_type(member.ty),
            default: member.optional.then_some(()),
            features: feature_names(&member.meta.features),
        }
    }
}

fn feature_names(features: &[Feature]) -> Vec<String> {
    features.iter().map(|feature| feature.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Names, introspect};
    use crate::diagnostic::Diagnostics;
    use crate::dialect::Dialect;
    use crate::load::{Memory, load_with};
    use crate::source::SourceMap;

    #[test]
    fn a_masked_type_never_has_the_name_of_a_command_that_old_dialects_let_be_a_number() {
        let text =
            "{'struct': 'Ab', 'data': {}} {'command': '0', 'returns': 'Ab'} {'command': '2'}";
        let (files, mut diagnostics) = (Memory::new().with("a.json", text), Diagnostics::new());
        let (mut sources, dialect) = (SourceMap::new(), Dialect::any());
        let schema = load_with(&files, &mut sources, "a.json", dialect, &mut diagnostics)
            .and_then(|tree| crate::resolve(tree, dialect, &mut diagnostics));
        let infos = schema.map(|schema| introspect(&schema, Names::Masked)).unwrap_or_default();
        let names: Vec<_> = infos.iter().map(|info| info.name.as_str()).collect();
        assert_eq!(names, ["0", "2", "1", "3"]);
    }
}
