//! One expression to one definition: the rules for each kind.

use std::fmt::Display;

use super::Checker;
use super::definition::{Body, Definition, Flags, Item, Members};
use super::members::Place;
use super::names::Style;
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::source::Spanned;
use crate::syntax::quote::{called, quoted};
use crate::syntax::tree::{Entry, Expression, Value, ValueKind};

/// The keys that begin a definition.
const KINDS: [&str; 6] = ["enum", "struct", "union", "alternate", "command", "event"];

impl Checker<'_> {
    /// Checks `expression` and adds the definition to `items`, if there is enough of it.
    pub(super) fn definition(&mut self, expression: Expression, items: &mut Vec<Item>) {
        let Expression { value, doc } = expression;
        self.at = value.span;
        let Some((kind, name)) = self.kind_and_name(&value) else { return };
        self.check_definition_name(kind, &name);
        let documented = self.check_doc(doc.as_ref(), &name, &value);
        let (doc, stray) = if documented { (doc, None) } else { (None, doc) };
        items.extend(stray.map(Item::FreeForm));

        let body = match kind {
            "enum" => self.enum_body(&value, &name.value),
            "struct" => self.struct_body(&value, &name.value),
            "union" => self.union_body(&value, &name.value),
            "alternate" => self.alternate_body(&value, &name.value),
            "command" => Some(self.command_body(&value, &name.value)),
            _ => Some(self.event_body(&value, &name.value)),
        };
        let traits = self.traits(&value, &called(kind, &name.value));
        let inline = std::mem::take(&mut self.inline);
        if let Some(body) = body {
            let definition = Definition { name, span: value.span, doc, traits, body, inline };
            items.push(Item::Definition(Box::new(definition)));
        }
    }

    fn kind_and_name(&mut self, object: &Value) -> Option<(&'static str, Spanned<String>)> {
        let kind_of = |entry: &Entry| match entry.key.value.as_str() {
            "type" if self.dialect.allows(Allowance::TypeKeyword) => Some("struct"),
            key => KINDS.into_iter().find(|&kind| kind == key),
        };
        let kinds: Vec<_> = object
            .as_object()?
            .iter()
            .filter_map(|entry| kind_of(entry).map(|kind| (kind, entry)))
            .collect();
        let [(kind, entry)] = kinds.as_slice() else {
            let list = KINDS.map(|kind| format!("`{kind}`")).join(", ");
            let message = format!("a definition needs exactly one of the keys {list}");
            let help = if kinds.is_empty() {
                "add the one that says what this defines, with its name"
            } else {
                "make a definition of each"
            };
            let mut fault = self.fault(Code::DefinitionKind, message).help(help);
            for (kind, entry) in &kinds {
                fault =
                    fault.label(entry.key.span, format!("makes it a definition of kind {kind}"));
            }
            self.report(fault);
            return None;
        };
        let name = self.string(&entry.value, &called("the name under", &entry.key.value))?;
        Some((kind, name))
    }

    fn check_definition_name(&mut self, kind: &str, name: &Spanned<String>) {
        let style = match kind {
            "event" => Style::Upper,
            "command" => {
                let underscore = self.exempt.command_names.contains(&name.value);
                Style::Lower { upper: false, underscore }
            }
            _ => Style::Camel,
        };
        self.check_name(name, kind, style);
        if matches!(style, Style::Camel) && name.value.ends_with("List") {
            let message = format!(
                "{} is reserved: names in `List` belong to array types",
                quoted(&name.value)
            );
            let fault = self.fault(Code::NameReserved, message).label(name.span, "");
            let fault = fault.help("let it end with another word");
            self.report_unless(Allowance::LooseNames, fault);
        }
    }

    fn enum_body(&mut self, object: &Value, name: &str) -> Option<Body> {
        let keyed = self.check_keys(
            object,
            &called("enum", name),
            &["enum", "data"],
            &["if", "features", "prefix"],
        );
        let data = object.get("data").filter(|_| keyed)?;
        let list = self.array(data, &"`data`")?;
        let prefix = object.get("prefix").and_then(|value| self.string(value, &"`prefix`"));
        let exempt = self.exempt.member_names.contains(name);
        let values = self.values(list, &called("enum", name), exempt);
        Some(Body::Enum { values, prefix: prefix.map(|prefix| prefix.value) })
    }

    fn struct_body(&mut self, object: &Value, name: &str) -> Option<Body> {
        // An old dialect's keyword is as good as the new one here.
        let keyword = if object.get("struct").is_some() { "struct" } else { "type" };
        let keyed = self.check_keys(
            object,
            &called("struct", name),
            &[keyword, "data"],
            &["base", "if", "features"],
        );
        let data = object.get("data").filter(|_| keyed)?;
        let Some(entries) = data.as_object() else {
            self.wrong_value(data, &"`data`", "an object");
            return None;
        };
        let members = self.members(entries, &name, self.exempt.member_names.contains(name));
        let base =
            object.get("base").and_then(|base| self.type_ref(base, place(&"`base`", &name, false)));
        Some(Body::Struct { base, members })
    }

    fn union_body(&mut self, object: &Value, name: &str) -> Option<Body> {
        let discriminator = object.get("discriminator");
        let owner = called("union", name);
        if discriminator.is_none() && self.dialect.allows(Allowance::SimpleUnions) {
            let keyed =
                self.check_keys(object, &owner, &["union", "data"], &["base", "if", "features"]);
            let entries = self.branch_entries(object.get("data").filter(|_| keyed)?)?;
            let base = object
                .get("base")
                .and_then(|base| self.type_ref(base, place(&"`base`", &name, false)));
            let branches = self.branches(entries, &name, Some(Style::LOWER), true);
            return Some(Body::SimpleUnion { base, branches });
        }
        let anonymous = discriminator.and_then(Value::as_object).is_some_and(<[Entry]>::is_empty);
        if anonymous && self.dialect.allows(Allowance::AnonymousUnions) {
            let keyed = self.check_keys(
                object,
                &owner,
                &["union", "data", "discriminator"],
                &["if", "features"],
            );
            let entries = self.branch_entries(object.get("data").filter(|_| keyed)?)?;
            return Some(Body::Alternate {
                branches: self.branches(entries, &name, Some(Style::LOWER), true),
            });
        }
        let required = ["union", "base", "discriminator", "data"];
        if !self.check_keys(object, &owner, &required, &["if", "features"]) {
            return None;
        }
        let exempt = self.exempt.member_names.contains(name);
        let base =
            self.members_or_name(object.get("base")?, place(&"`base`", &name, false), exempt);
        let discriminator = self.string(discriminator?, &"`discriminator`");
        let entries = self.branch_entries(object.get("data")?)?;
        let branches = self.branches(entries, &name, None, false);
        Some(Body::Union { base: base?, discriminator: discriminator?, branches })
    }

    fn alternate_body(&mut self, object: &Value, name: &str) -> Option<Body> {
        let keyed = self.check_keys(
            object,
            &called("alternate", name),
            &["alternate", "data"],
            &["if", "features"],
        );
        let data = object.get("data").filter(|_| keyed)?;
        let entries = self.branch_entries(data)?;
        if entries.is_empty() {
            let message = format!("alternate {} has no branches", quoted(name));
            let fault = self.fault(Code::AlternateEmpty, message).label(data.span, "");
            self.report(fault.help("add a branch for each type that a value may have"));
            return None;
        }
        Some(Body::Alternate { branches: self.branches(entries, &name, Some(Style::LOWER), true) })
    }

    fn branch_entries<'v>(&mut self, data: &'v Value) -> Option<&'v [Entry]> {
        if data.as_object().is_none() {
            self.wrong_value(data, &"`data`", "an object");
        }
        data.as_object()
    }

    fn command_body(&mut self, object: &Value, name: &str) -> Body {
        let optional = [
            "data",
            "returns",
            "boxed",
            "if",
            "features",
            "gen",
            "success-response",
            "allow-oob",
            "allow-preconfig",
            "coroutine",
        ];
        self.check_keys(object, &called("command", name), &["command"], &optional);
        let arguments = self.arguments(object, name);
        let returns = object.get("returns").and_then(|returns| {
            self.type_ref(returns, place(&"`returns`", &format_args!("{name}.returns"), true))
        });
        let flags = Flags {
            marshalled: self.flag(object, "gen", true),
            success_response: self.flag(object, "success-response", true),
            boxed: self.flag(object, "boxed", false),
            allow_oob: self.flag(object, "allow-oob", false),
            allow_preconfig: self.flag(object, "allow-preconfig", false),
            coroutine: self.flag(object, "coroutine", false),
        };
        if let Some((oob, coroutine)) = object.get("allow-oob").zip(object.get("coroutine")) {
            let message = "flags `allow-oob` and `coroutine` exclude each other";
            let fault = self.fault(Code::FlagConflict, message);
            let fault = fault.label(oob.span, "").label(coroutine.span, "");
            self.report(fault.help("remove one of them"));
        }
        Body::Command { arguments, returns, flags }
    }

    fn event_body(&mut self, object: &Value, name: &str) -> Body {
        self.check_keys(
            object,
            &called("event", name),
            &["event"],
            &["data", "boxed", "if", "features"],
        );
        let arguments = self.arguments(object, name);
        Body::Event { arguments, boxed: self.flag(object, "boxed", false) }
    }

    /// What a command or event has under `data`.
    fn arguments(&mut self, object: &Value, name: &str) -> Option<Members> {
        let data = object.get("data");
        let boxed = object.get("boxed").filter(|boxed| boxed.kind != ValueKind::Bool(false));
        let Some(boxed) = boxed else {
            return self.members_or_name(data?, place(&"`data`", &name, false), false);
        };
        let Some(data) = data else {
            let message = format!("{} is boxed, but has no `data`", quoted(name));
            let fault = self.fault(Code::BoxedWithoutData, message).label(boxed.span, "");
            self.report(fault.help("name a struct or union under `data`, or remove `boxed`"));
            return None;
        };
        if data.as_object().is_some() {
            let fault = self.fault(
                Code::TypeInvalid,
                format!("`data` of {}, which is boxed, must be a type name", quoted(name)),
            );
            let fault = fault.label(data.span, "this is an object");
            self.report(fault.help("define a struct that has these members, and name it here"));
            return None;
        }
        self.type_ref(data, place(&"`data`", &name, false)).map(Members::Named)
    }
}

fn place<'a>(what: &'a dyn Display, path: &'a dyn Display, array: bool) -> Place<'a> {
    Place { what, path, array }
}
