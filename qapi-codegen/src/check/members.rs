//! Members, values, branches and features: short and long forms to one.

use std::fmt::{self, Display};

use super::Checker;
use super::definition::{
    BranchItem, FeatureItem, InlineStruct, MemberItem, Members, Traits, TypeRef, ValueItem,
};
use super::names::Style;
use super::shape::describe;
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::source::Spanned;
use crate::syntax::quote::called;
use crate::syntax::tree::{Entry, Value, ValueKind};

/// Where a type is named, and what may name it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// In words, such as "the type of member `a`".
    pub(super) what: &'a dyn Display,
    /// The definition and the members down to here, to name a struct that is written in place.
    pub(super) path: &'a dyn Display,
    /// Whether it may be an array.
    pub(super) array: bool,
}

/// The path of a member.
#[derive(Clone, Copy)]
struct Below<'a> {
    path: &'a dyn Display,
    name: &'a str,
}

impl Display for Below<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.path, self.name)
    }
}

impl Checker<'_> {
    /// The condition and features that `object` has. `of` says whose they are.
    pub(super) fn traits(&mut self, object: &Value, of: &dyn Display) -> Traits {
        Traits { condition: self.condition(object, of), features: self.features(object, of) }
    }

    fn features(&mut self, object: &Value, of: &dyn Display) -> Vec<FeatureItem> {
        let Some(list) = object.get("features") else { return Vec::new() };
        let Some(list) = self.array(list, &format_args!("`features` of {of}")) else {
            return Vec::new();
        };
        let mut features = Vec::with_capacity(list.len());
        for value in list {
            let Some(name) = self.named(value, &format_args!("a feature of {of}"), &["if"]) else {
                continue;
            };
            self.check_name(&name, "feature", Style::LOWER);
            let condition = self.condition(value, &called("feature", &name.value));
            features.push(FeatureItem { name, condition });
        }
        features
    }

    /// The name of something that is written as a string, or as an object with `name` and some `optional` keys.
    fn named(
        &mut self,
        value: &Value,
        owner: &dyn Display,
        optional: &[&str],
    ) -> Option<Spanned<String>> {
        let name = match &value.kind {
            ValueKind::Object(_) => {
                self.check_keys(value, owner, &["name"], optional).then(|| value.get("name"))??
            }
            _ => value,
        };
        if name.as_str().is_none() {
            self.wrong_value(name, &format_args!("the name of {owner}"), "a string");
        }
        name.as_str().map(|text| Spanned::new(text.to_owned(), name.span))
    }

    /// The values of an enum.
    pub(super) fn values(
        &mut self,
        list: &[Value],
        of: &dyn Display,
        exempt: bool,
    ) -> Vec<ValueItem> {
        let mut values = Vec::with_capacity(list.len());
        for value in list {
            let optional = ["if", "features"];
            let Some(name) = self.named(value, &format_args!("a value of {of}"), &optional) else {
                continue;
            };
            self.check_value_name(&name, Style::member(exempt));
            let traits = self.traits(value, &called("value", &name.value));
            values.push(ValueItem { name, traits });
        }
        values
    }

    /// Members that are written in place, or the name of the struct that has them.
    pub(super) fn members_or_name(
        &mut self,
        value: &Value,
        place: Place<'_>,
        exempt: bool,
    ) -> Option<Members> {
        match &value.kind {
            ValueKind::Object(entries) => {
                Some(Members::Inline(self.members(entries, place.path, exempt)))
            }
            ValueKind::String(_) => self.type_ref(value, place).map(Members::Named),
            _ => {
                self.wrong_value(value, place.what, "an object or the name of a type");
                None
            }
        }
    }

    /// The members of a struct, or the arguments of a command or event.
    pub(super) fn members(
        &mut self,
        entries: &[Entry],
        path: &dyn Display,
        exempt: bool,
    ) -> Vec<MemberItem> {
        let mut members = Vec::with_capacity(entries.len());
        for Entry { key, value } in entries {
            let (name, optional) = match key.value.strip_prefix('*') {
                Some(name) => (name, true),
                None => (key.value.as_str(), false),
            };
            let name = Spanned::new(name.to_owned(), key.span);
            self.check_member_name(&name, Style::member(exempt));
            let owner = called("member", &name.value);
            let path = Below { path, name: &name.value };
            let Some(ty) = self.item_type(value, &owner, path, true, &["if", "features"]) else {
                continue;
            };
            let traits =
                if self.is_long(value) { self.traits(value, &owner) } else { Traits::default() };
            members.push(MemberItem { name, optional, ty, traits });
        }
        members
    }

    /// The branches of a union or an alternate. The names of a union's are the values of its discriminator.
    pub(super) fn branches(
        &mut self,
        entries: &[Entry],
        path: &dyn Display,
        style: Option<Style>,
        array: bool,
    ) -> Vec<BranchItem> {
        let mut branches = Vec::with_capacity(entries.len());
        for Entry { key, value } in entries {
            if let Some(style) = style {
                self.check_name(key, "branch", style);
            }
            let owner = called("branch", &key.value);
            let path = Below { path, name: &key.value };
            let Some(ty) = self.item_type(value, &owner, path, array, &["if"]) else { continue };
            let condition = if self.is_long(value) { self.condition(value, &owner) } else { None };
            branches.push(BranchItem { name: key.clone(), ty, condition });
        }
        branches
    }

    /// The type of a member or branch: the value itself, or what a long form has under `type`.
    fn item_type(
        &mut self,
        value: &Value,
        owner: &dyn Display,
        path: Below<'_>,
        array: bool,
        optional: &[&str],
    ) -> Option<TypeRef> {
        let value = if self.is_long(value) {
            self.check_keys(value, owner, &["type"], optional).then(|| value.get("type"))??
        } else {
            value
        };
        self.type_ref(
            value,
            Place { what: &format_args!("the type of {owner}"), path: &path, array },
        )
    }

    /// Whether an object where a type should be is the long form, and not a struct written in place.
    fn is_long(&self, value: &Value) -> bool {
        let Some(entries) = value.as_object() else { return false };
        let known = |entry: &Entry| matches!(entry.key.value.as_str(), "type" | "if" | "features");
        !self.dialect.allows(Allowance::InlineStructs)
            || (value.get("type").is_some() && entries.iter().all(known))
    }

    /// What `value` names as a type.
    pub(super) fn type_ref(&mut self, value: &Value, place: Place<'_>) -> Option<TypeRef> {
        let inline_structs = self.dialect.allows(Allowance::InlineStructs);
        let (name, array) = match &value.kind {
            ValueKind::String(name) => (self.current_name(name), false),
            ValueKind::Object(entries) if inline_structs => {
                (self.inline_struct(entries, place.path), false)
            }
            ValueKind::Array(elements) if place.array => {
                let name = match elements.as_slice() {
                    [Value { kind: ValueKind::String(name), .. }] => self.current_name(name),
                    [Value { kind: ValueKind::Object(entries), .. }] if inline_structs => {
                        self.inline_struct(entries, place.path)
                    }
                    _ => {
                        let message =
                            format!("{} must have one type name in its brackets", place.what);
                        let fault = self.fault(Code::TypeInvalid, message).label(value.span, "");
                        self.report(fault.help("write `[ 'TYPE' ]`"));
                        return None;
                    }
                };
                (name, true)
            }
            _ => {
                let expected =
                    if place.array { "a type name, or one in brackets" } else { "a type name" };
                let message = format!("{} must be {expected}", place.what);
                let found = format!("this is {}", describe(value));
                let help = match value.kind {
                    ValueKind::Object(_) => {
                        "define a struct that has these members, and name it here"
                    }
                    ValueKind::Array(_) => {
                        "make the array a member of a struct, and name that here"
                    }
                    _ if place.array => "write `'TYPE'` or `[ 'TYPE' ]`",
                    _ => "write `'TYPE'`",
                };
                let fault = self.fault(Code::TypeInvalid, message).label(value.span, found);
                self.report(fault.help(help));
                return None;
            }
        };
        Some(TypeRef { name, array, span: value.span })
    }

    fn inline_struct(&mut self, entries: &[Entry], path: &dyn Display) -> String {
        let members = self.members(entries, path, true);
        let name = format!("q_obj_{path}");
        self.inline.push(InlineStruct { name: name.clone(), members });
        name
    }

    /// The name that a type has today.
    fn current_name(&self, name: &str) -> String {
        let synonym = matches!(name, "**" | "dict" | "visitor");
        let renamed = synonym && self.dialect.allows(Allowance::AnySynonyms);
        if renamed { "any" } else { name }.to_owned()
    }
}
