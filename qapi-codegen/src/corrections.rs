//! What a schema cannot say, as data: reads `corrections.toml` and changes a [`Schema`] accordingly.
//!
//! Each entry names a member, says what its string really is, and why:
//!
//! ```toml
//! [[correction]]
//! at = "GuestFileRead.buf-b64"     # TYPE.MEMBER, COMMAND.ARGUMENT or EVENT.MEMBER
//! encoding = "base64"
//! reason = "documented as bytes in base64; QAPI has no type for bytes"
//!
//! [[correction]]
//! at = "guest-shutdown.mode"
//! as = "GuestShutdownMode"         # an enum; a new one if there are `values`
//! values = ["halt", "powerdown", "reboot"]
//! reason = "the documentation lists the only values that agents take"
//!
//! [[correction]]
//! at = "GuestExample.level"
//! as = "any"                       # any value, whatever its type in which release
//! reason = "a number until 9.0, a word since"
//!
//! [[correction]]
//! at = "guest-set-user-password.password"
//! secret = true                    # never to be shown; alone or with any of the above
//! reason = "it is a password"
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use crate::history::{items, member_path};
use crate::schema::{
    Builtin, Encoding, Entity, Enum, EnumValue, Member, Meta, ModuleItem, Schema, Type, TypeId,
    TypeKind,
};
use crate::syntax::quote::quoted;

/// A list of changes to a schema, each with a reason.
#[derive(Clone, Debug, Default)]
pub struct Corrections {
    list: Vec<Correction>,
}

/// Why corrections cannot be read or do not apply: one line for each complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionError {
    complaints: Vec<String>,
}

#[derive(Clone, Debug)]
struct Correction {
    owner: String,
    member: String,
    change: Option<Change>,
    secret: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Encoding(Encoding),
    Any,
    Enum { name: String, values: Option<Vec<String>> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    correction: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: String,
    reason: String,
    encoding: Option<String>,
    #[serde(rename = "as")]
    name: Option<String>,
    values: Option<Vec<String>>,
    #[serde(default)]
    secret: bool,
}

impl Corrections {
    /// Reads the text of a corrections file.
    ///
    /// # Errors
    /// When it is not TOML, or an entry lacks something or says too much.
    pub fn parse(text: &str) -> Result<Self, CorrectionError> {
        let file: File = toml::from_str(text).map_err(|error| CorrectionError {
            complaints: vec![error.to_string().trim_end().to_owned()],
        })?;
        let (mut list, mut complaints, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in file.correction {
            let at = entry.at.clone();
            if !seen.insert(at.clone()) {
                complaints.push(format!("{} is corrected twice", quoted(&at)));
            }
            match Correction::new(entry) {
                Ok(correction) => list.push(correction),
                Err(complaint) => {
                    complaints.push(format!("the correction of {} {complaint}", quoted(&at)));
                }
            }
        }
        if complaints.is_empty() { Ok(Self { list }) } else { Err(CorrectionError { complaints }) }
    }

    /// Drops the corrections of what `schema` does not have, and names them.
    pub fn retain_known(&mut self, schema: &Schema) -> Vec<String> {
        let items = items(schema);
        let mut dropped = Vec::new();
        self.list.retain(|correction| {
            let path = member_path(&correction.owner, &correction.member);
            let known = items.contains_key(&path);
            if !known {
                dropped.push(path);
            }
            known
        });
        dropped
    }

    /// The members that are to hold any value.
    pub(crate) fn loosened(&self) -> BTreeSet<String> {
        let loosened =
            self.list.iter().filter(|correction| matches!(correction.change, Some(Change::Any)));
        loosened.map(|correction| member_path(&correction.owner, &correction.member)).collect()
    }

    /// Applies every correction.
    ///
    /// # Errors
    /// When one names something the schema does not have, or does not fit what it names. The others are applied.
    pub fn apply(&self, schema: &mut Schema) -> Result<(), CorrectionError> {
        let mut complaints = Vec::new();
        let mut added = BTreeMap::new();
        for correction in &self.list {
            if let Err(complaint) = correction.apply(schema, &mut added) {
                let at = format!("{}.{}", correction.owner, correction.member);
                complaints
                    .push(format!("the correction of {} does not apply: {complaint}", quoted(&at)));
            }
        }
        if complaints.is_empty() { Ok(()) } else { Err(CorrectionError { complaints }) }
    }
}

impl Correction {
    fn new(entry: Entry) -> Result<Self, String> {
        let (owner, member) = entry
            .at
            .rsplit_once('.')
            .ok_or("needs `at` to be an owner and a member: `GuestFileRead.buf-b64`")?;
        if entry.reason.trim().is_empty() {
            return Err("needs a reason".to_owned());
        }
        let change = match (entry.encoding.as_deref(), entry.name, entry.values) {
            (Some("base64"), None, None) => Some(Change::Encoding(Encoding::Base64)),
            (Some(other), None, None) => {
                return Err(format!(
                    "has the unknown encoding {}; there is `base64`",
                    quoted(other)
                ));
            }
            (None, Some(name), None) if name == Builtin::Any.name() => Some(Change::Any),
            (None, Some(name), values) => Some(Change::Enum { name, values }),
            (None, None, Some(_)) => {
                return Err("has `values` but no name for them under `as`".to_owned());
            }
            (None, None, None) if entry.secret => None,
            (None, None, None) => {
                return Err("says nothing: give it `encoding`, `as` or `secret`".to_owned());
            }
            (Some(_), ..) => return Err("has both an encoding and an enum".to_owned()),
        };
        if let Some(Change::Enum { values: Some(values), .. }) = &change {
            let distinct: BTreeSet<_> = values.iter().collect();
            if values.is_empty()
                || distinct.len() < values.len()
                || values.iter().any(String::is_empty)
            {
                return Err("needs `values` that are distinct and not empty".to_owned());
            }
        }
        Ok(Self {
            owner: owner.to_owned(),
            member: member.to_owned(),
            change,
            secret: entry.secret,
        })
    }

    /// Changes the member. `added` are the enums that other corrections have added.
    fn apply(
        &self,
        schema: &mut Schema,
        added: &mut BTreeMap<String, Vec<String>>,
    ) -> Result<(), String> {
        let entity = schema
            .entity_named(&self.owner)
            .ok_or_else(|| format!("the schema does not define {}", quoted(&self.owner)))?;
        let home = home(schema, entity)?;
        let position = own_members(schema, home)
            .iter()
            .position(|member| member.name == self.member)
            .ok_or_else(|| {
                format!("{} has no member {}", quoted(&self.owner), quoted(&self.member))
            })?;
        let ty = own_members(schema, home).get(position).map(|member| member.ty);
        let is_str = |ty: TypeId| schema[ty].kind == TypeKind::Builtin(Builtin::Str);
        if !matches!(self.change, Some(Change::Any)) && !ty.is_some_and(is_str) {
            return Err(format!("{} is not of type `str`", quoted(&self.member)));
        }
        let new_type = match &self.change {
            None | Some(Change::Encoding(_)) => None,
            Some(Change::Any) => schema.type_named(Builtin::Any.name()).map(|(id, _)| id),
            Some(Change::Enum { name, values }) => {
                Some(enum_type(schema, entity, name, values.as_deref(), added)?)
            }
        };
        let Some(member) =
            own_members_mut(schema, home).and_then(|members| members.get_mut(position))
        else {
            return Ok(());
        };
        match self.change {
            Some(Change::Encoding(encoding)) => member.encoding = Some(encoding),
            Some(Change::Enum { .. } | Change::Any) | None => {
                member.ty = new_type.unwrap_or(member.ty);
            }
        }
        member.secret |= self.secret;
        Ok(())
    }
}

/// The struct in which the members of `entity` are written.
fn home(schema: &Schema, entity: Entity) -> Result<TypeId, String> {
    let arguments = |ty: Option<TypeId>| match ty {
        Some(ty) if schema[ty].implicit => Ok(ty),
        Some(ty) => Err(format!(
            "its members are those of {}: correct them there",
            quoted(&schema[ty].name)
        )),
        None => Err("it has no members".to_owned()),
    };
    match entity {
        Entity::Command(id) => arguments(schema[id].arguments),
        Entity::Event(id) => arguments(schema[id].arguments),
        Entity::Type(id) => match &schema[id].kind {
            TypeKind::Struct(_) => Ok(id),
            TypeKind::Union(union) => arguments(Some(union.base)),
            _ => Err("it has no members".to_owned()),
        },
    }
}

fn own_members(schema: &Schema, id: TypeId) -> &[Member] {
    match &schema[id].kind {
        TypeKind::Struct(object) => &object.members,
        _ => &[],
    }
}

fn own_members_mut(schema: &mut Schema, id: TypeId) -> Option<&mut Vec<Member>> {
    match &mut schema.types.get_mut(id.0 as usize)?.kind {
        TypeKind::Struct(object) => Some(&mut object.members),
        _ => None,
    }
}

/// The enum named `name`: one of the schema, one that another correction added, or a new one.
fn enum_type(
    schema: &mut Schema,
    user: Entity,
    name: &str,
    values: Option<&[String]>,
    added: &mut BTreeMap<String, Vec<String>>,
) -> Result<TypeId, String> {
    let known = schema.type_named(name).map(|(id, ty)| (id, matches!(ty.kind, TypeKind::Enum(_))));
    match (known, values) {
        (Some((id, true)), None) => Ok(id),
        (Some((id, true)), Some(values))
            if added.get(name).is_some_and(|known| known == values) =>
        {
            Ok(id)
        }
        (Some((_, true)), Some(_)) => {
            Err(format!("{} exists and has values of its own", quoted(name)))
        }
        (Some((_, false)), _) => Err(format!("{} is not an enum", quoted(name))),
        (None, None) => {
            Err(format!("there is no enum {}; give its `values` to add it", quoted(name)))
        }
        (None, Some(_)) if schema.entity_named(name).is_some() => {
            Err(format!("{} is not an enum", quoted(name)))
        }
        (None, Some(values)) => {
            added.insert(name.to_owned(), values.to_vec());
            Ok(add_enum(schema, user, name, values))
        }
    }
}

/// Adds an enum, in the module of the entity that uses it.
fn add_enum(schema: &mut Schema, user: Entity, name: &str, values: &[String]) -> TypeId {
    let value = |name: &String| EnumValue { name: name.clone(), meta: Meta::default() };
    let id = schema.add_type(Type {
        name: name.to_owned(),
        implicit: false,
        meta: Meta::default(),
        doc: None,
        kind: TypeKind::Enum(Enum { values: values.iter().map(value).collect(), prefix: None }),
    });
    let is_home = |items: &[ModuleItem]| items.contains(&ModuleItem::Entity(user));
    if let Some(module) = schema.modules.iter_mut().find(|module| is_home(&module.items)) {
        module.items.push(ModuleItem::Entity(Entity::Type(id)));
    }
    id
}

impl fmt::Display for CorrectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.complaints.join("\n"))
    }
}

impl std::error::Error for CorrectionError {}

#[cfg(test)]
mod tests;
