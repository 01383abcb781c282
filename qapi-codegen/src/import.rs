//! A schema as canonical text: definitions only, in today's spelling, the same bytes for the same meaning.
//!
//! This is what is pinned of an upstream release. Comments are left out, directives too, but for one pragma
//! that lists what QAPI's naming and return rules have to except. The text reads in strict mode, and writing
//! what was read from it gives the same text again.

use std::collections::BTreeSet;

use crate::schema::{
    Branch, Command, Condition, Entity, Enum, Event, Feature, Member, Meta, Schema, Struct, Type,
    TypeId, TypeKind, Union,
};

/// A definition that today's language has no form for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCanonical {
    /// The definition that cannot be written.
    pub definition: String,
    /// What is in the way.
    pub reason: String,
}

impl std::fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` has no canonical form: {}", self.definition, self.reason)
    }
}

impl std::error::Error for NotCanonical {}

/// Writes `schema` in canonical form.
///
/// # Errors
/// [`NotCanonical`] for what only older releases could say, such as a union whose branches are wrapped.
pub fn canonical(schema: &Schema) -> Result<String, NotCanonical> {
    let mut text = String::new();
    if let Some(pragma) = exceptions(schema) {
        write_expression(&mut text, &pragma);
    }
    for entity in schema.entities() {
        let expression = match *entity {
            Entity::Type(id) => {
                Writer { schema, definition: &schema[id].name }.type_definition(&schema[id])?
            }
            Entity::Command(id) => {
                Some(Writer { schema, definition: &schema[id].name }.command(&schema[id])?)
            }
            Entity::Event(id) => {
                Some(Writer { schema, definition: &schema[id].name }.event(&schema[id])?)
            }
        };
        if let Some(expression) = expression {
            write_expression(&mut text, &expression);
        }
    }
    Ok(text)
}

/// An expression about to be written.
enum Expr {
    Str(String),
    Bool(bool),
    List(Vec<Expr>),
    Object(Vec<(String, Expr)>),
}

fn string(text: impl Into<String>) -> Expr {
    Expr::Str(text.into())
}

fn object<const N: usize>(entries: [(&str, Expr); N]) -> Vec<(String, Expr)> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The pragma without which strict mode would refuse what the schema holds.
fn exceptions(schema: &Schema) -> Option<Expr> {
    let unusual = |name: &str| name.contains('_') || name.chars().any(|c| c.is_ascii_uppercase());
    let written = || schema.types().map(|(_, ty)| ty).filter(|ty| !ty.implicit);
    let members = written()
        .filter(|ty| own_names(schema, ty).iter().any(|name| unusual(stem(name))))
        .map(|ty| ty.name.clone())
        .collect::<Vec<_>>();
    let commands = schema.commands().map(|(_, command)| command);
    let names = commands
        .filter(|command| stem(&command.name).contains('_'))
        .map(|command| command.name.clone())
        .collect();
    let returns = schema
        .commands()
        .map(|(_, command)| command)
        .filter(|command| command.returns.is_some_and(|ty| !is_object_or_list(schema, ty)))
        .map(|command| command.name.clone())
        .collect();
    let lists = [
        ("member-name-exceptions", members),
        ("command-name-exceptions", names),
        ("command-returns-exceptions", returns),
    ];
    let entries = lists
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(key, names)| {
            let sorted = names.into_iter().collect::<BTreeSet<_>>();
            (key.to_owned(), Expr::List(sorted.into_iter().map(Expr::Str).collect()))
        })
        .collect::<Vec<_>>();
    (!entries.is_empty()).then(|| Expr::Object(object([("pragma", Expr::Object(entries))])))
}

/// A name without its vendor prefix and `x-`, to which the rules about case do not apply.
fn stem(name: &str) -> &str {
    let rest = name
        .strip_prefix("__")
        .and_then(|rest| rest.split_once('_'))
        .map_or(name, |(_, rest)| rest);
    rest.strip_prefix("x-").unwrap_or(rest)
}

/// The names a type itself declares: its members or values, those of an inline base too.
fn own_names<'a>(schema: &'a Schema, ty: &'a Type) -> Vec<&'a str> {
    match &ty.kind {
        TypeKind::Enum(kind) => kind.values.iter().map(|value| value.name.as_str()).collect(),
        TypeKind::Struct(kind) => kind.members.iter().map(|member| member.name.as_str()).collect(),
        TypeKind::Union(kind) if schema[kind.base].implicit => {
            own_names(schema, &schema[kind.base])
        }
        _ => Vec::new(),
    }
}

fn is_object_or_list(schema: &Schema, ty: TypeId) -> bool {
    let element = if let TypeKind::Array(element) = schema[ty].kind { element } else { ty };
    matches!(schema[element].kind, TypeKind::Struct(_) | TypeKind::Union(_))
}

/// Turns the model back into expressions, naming the definition where it cannot.
struct Writer<'a> {
    schema: &'a Schema,
    definition: &'a str,
}

impl Writer<'_> {
    fn impossible(&self, reason: impl Into<String>) -> NotCanonical {
        NotCanonical { definition: self.definition.to_owned(), reason: reason.into() }
    }

    fn type_definition(&self, ty: &Type) -> Result<Option<Expr>, NotCanonical> {
        if ty.implicit {
            return Ok(None);
        }
        let mut entries = match &ty.kind {
            TypeKind::Builtin(_) | TypeKind::Array(_) => return Ok(None),
            TypeKind::Enum(kind) => enumeration(&ty.name, kind),
            TypeKind::Struct(kind) => self.structure(&ty.name, kind)?,
            TypeKind::Union(kind) => self.union(&ty.name, kind)?,
            TypeKind::Alternate(kind) => {
                object([("alternate", string(&ty.name)), ("data", self.branches(&kind.branches)?)])
            }
        };
        push_meta(&mut entries, &ty.meta);
        Ok(Some(Expr::Object(entries)))
    }

    fn structure(&self, name: &str, kind: &Struct) -> Result<Vec<(String, Expr)>, NotCanonical> {
        let mut entries = object([("struct", string(name))]);
        if let Some(base) = kind.base {
            entries.push(("base".to_owned(), self.name_of(base)?));
        }
        entries.push(("data".to_owned(), self.members(&kind.members)?));
        Ok(entries)
    }

    fn union(&self, name: &str, kind: &Union) -> Result<Vec<(String, Expr)>, NotCanonical> {
        let base = match &self.schema[kind.base] {
            Type { implicit: true, kind: TypeKind::Struct(base), .. } => {
                self.members(&base.members)?
            }
            _ => self.name_of(kind.base)?,
        };
        Ok(object([
            ("union", string(name)),
            ("base", base),
            ("discriminator", string(&kind.discriminator)),
            ("data", self.branches(&kind.branches)?),
        ]))
    }

    fn command(&self, command: &Command) -> Result<Expr, NotCanonical> {
        let mut entries = object([("command", string(&command.name))]);
        if let Some(arguments) = command.arguments {
            entries.push(("data".to_owned(), self.arguments(arguments)?));
        }
        if let Some(returns) = command.returns {
            entries.push(("returns".to_owned(), self.type_ref(returns)?));
        }
        let flags = [
            ("boxed", command.boxed, true),
            ("gen", command.marshalled, false),
            ("success-response", command.success_response, false),
            ("allow-oob", command.allow_oob, true),
            ("allow-preconfig", command.allow_preconfig, true),
            ("coroutine", command.coroutine, true),
        ];
        let set = flags.into_iter().filter(|&(_, value, written)| value == written);
        entries.extend(set.map(|(key, value, _)| (key.to_owned(), Expr::Bool(value))));
        push_meta(&mut entries, &command.meta);
        Ok(Expr::Object(entries))
    }

    fn event(&self, event: &Event) -> Result<Expr, NotCanonical> {
        let mut entries = object([("event", string(&event.name))]);
        if let Some(arguments) = event.arguments {
            entries.push(("data".to_owned(), self.arguments(arguments)?));
        }
        if event.boxed {
            entries.push(("boxed".to_owned(), Expr::Bool(true)));
        }
        push_meta(&mut entries, &event.meta);
        Ok(Expr::Object(entries))
    }

    fn arguments(&self, ty: TypeId) -> Result<Expr, NotCanonical> {
        match &self.schema[ty] {
            // An object written in place has members: one that has none is `q_empty`, by its name.
            Type { implicit: true, kind: TypeKind::Struct(kind), .. }
                if !kind.members.is_empty() =>
            {
                self.members(&kind.members)
            }
            _ => self.name_of(ty),
        }
    }

    fn members(&self, members: &[Member]) -> Result<Expr, NotCanonical> {
        let member = |member: &Member| {
            let key =
                if member.optional { format!("*{}", member.name) } else { member.name.clone() };
            Ok((key, with_meta("type", self.type_ref(member.ty)?, &member.meta)))
        };
        members.iter().map(member).collect::<Result<_, _>>().map(Expr::Object)
    }

    fn branches(&self, branches: &[Branch]) -> Result<Expr, NotCanonical> {
        let branch = |branch: &Branch| {
            Ok((branch.name.clone(), with_meta("type", self.type_ref(branch.ty)?, &branch.meta)))
        };
        branches
            .iter()
            .filter(|branch| !branch.implied)
            .map(branch)
            .collect::<Result<_, _>>()
            .map(Expr::Object)
    }

    fn type_ref(&self, ty: TypeId) -> Result<Expr, NotCanonical> {
        match self.schema[ty].kind {
            TypeKind::Array(element) => Ok(Expr::List(vec![self.name_of(element)?])),
            _ => self.name_of(ty),
        }
    }

    fn name_of(&self, ty: TypeId) -> Result<Expr, NotCanonical> {
        let ty = &self.schema[ty];
        if ty.name.starts_with("q_obj_") {
            return Err(self
                .impossible("it uses an object that only an older release could write in place"));
        }
        Ok(string(&ty.name))
    }
}

fn enumeration(name: &str, kind: &Enum) -> Vec<(String, Expr)> {
    let mut entries = object([("enum", string(name))]);
    if let Some(prefix) = &kind.prefix {
        entries.push(("prefix".to_owned(), string(prefix)));
    }
    let values =
        kind.values.iter().map(|value| with_meta("name", string(&value.name), &value.meta));
    entries.push(("data".to_owned(), Expr::List(values.collect())));
    entries
}

/// The short form where there is nothing more to say than `value`, the long one, with `key`, otherwise.
fn with_meta(key: &str, value: Expr, meta: &Meta) -> Expr {
    if meta.condition.is_none() && meta.features.is_empty() {
        return value;
    }
    let mut entries = object([(key, value)]);
    push_meta(&mut entries, meta);
    Expr::Object(entries)
}

fn push_meta(entries: &mut Vec<(String, Expr)>, meta: &Meta) {
    if let Some(condition) = &meta.condition {
        entries.push(("if".to_owned(), condition_expr(condition)));
    }
    if !meta.features.is_empty() {
        entries
            .push(("features".to_owned(), Expr::List(meta.features.iter().map(feature).collect())));
    }
}

fn feature(feature: &Feature) -> Expr {
    let meta = Meta { condition: feature.condition.clone(), ..Meta::default() };
    with_meta("name", string(&feature.name), &meta)
}

fn condition_expr(condition: &Condition) -> Expr {
    let list =
        |conditions: &[Condition]| Expr::List(conditions.iter().map(condition_expr).collect());
    match condition {
        Condition::Defined(macro_name) => string(macro_name),
        Condition::All(conditions) => Expr::Object(object([("all", list(conditions))])),
        Condition::Any(conditions) => Expr::Object(object([("any", list(conditions))])),
        Condition::Not(condition) => Expr::Object(object([("not", condition_expr(condition))])),
    }
}

/// Lines are filled up to this column; what does not fit is broken, one element a line.
const WIDTH: usize = 80;

fn write_expression(text: &mut String, expr: &Expr) {
    if !text.is_empty() {
        text.push('\n');
    }
    write_expr(text, expr, 0, 0);
    text.push('\n');
}

/// Writes `expr` at `indent`; `taken` columns of the line are used already, or will be after it.
fn write_expr(text: &mut String, expr: &Expr, indent: usize, taken: usize) {
    let flat = flat(expr);
    if indent + taken + flat.len() <= WIDTH {
        text.push_str(&flat);
        return;
    }
    let open = |text: &mut String, at: usize| {
        // A definition's kind and name stand on its first line.
        if at == 0 && indent == 0 {
            text.push(' ');
            return;
        }
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(indent + 2));
    };
    match expr {
        Expr::Str(_) | Expr::Bool(_) => text.push_str(&flat),
        Expr::List(elements) => {
            text.push('[');
            for (at, element) in elements.iter().enumerate() {
                open(text, at);
                write_expr(text, element, indent + 2, 1);
            }
            text.push_str(" ]");
        }
        Expr::Object(entries) => {
            text.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                open(text, at);
                let key = format!("{}: ", quoted(key));
                text.push_str(&key);
                write_expr(text, value, indent + 2, key.len() + 1);
            }
            text.push_str(" }");
        }
    }
}

fn flat(expr: &Expr) -> String {
    let joined = |parts: Vec<String>, open: &str, close: &str| {
        if parts.is_empty() {
            format!("{open}{close}")
        } else {
            format!("{open} {} {close}", parts.join(", "))
        }
    };
    match expr {
        Expr::Str(text) => quoted(text),
        Expr::Bool(value) => value.to_string(),
        Expr::List(elements) => joined(elements.iter().map(flat).collect(), "[", "]"),
        Expr::Object(entries) => {
            let parts =
                entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), flat(value)));
            joined(parts.collect(), "{", "}")
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\"))
}
