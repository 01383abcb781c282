//! Plans commands and events: what they carry, what comes back, and how they are called.

use super::types::Owner;
use super::{Command, Derives, Event, Output, Payload, Planner, Struct};
use crate::history::Release;
use crate::rust::names::{self, Namespace};
use crate::schema::{self, Meta, TypeId, TypeKind};
use crate::syntax::doc::Doc;

impl<'a> Planner<'a> {
    pub(super) fn plan_commands(&mut self) -> Vec<Command> {
        let mut names = Namespace::new("`commands`");
        let mut methods = Namespace::new("the client's methods");
        let schema = self.schema;
        let options = self.options;
        let wanted = schema.commands().filter(|(_, command)| options.selects(&command.name));
        wanted.map(|(_, command)| self.plan_command(command, &mut names, &mut methods)).collect()
    }

    fn plan_command(
        &mut self,
        command: &'a schema::Command,
        taken: &mut Namespace,
        methods: &mut Namespace,
    ) -> Command {
        let span = command.meta.span;
        let name = self.choose(&command.name, || names::upper_camel(&command.name));
        taken.claim(&name, &command.name, span, self.diagnostics);
        let method = names::member_name(&command.name);
        methods.claim(&method, &command.name, span, self.diagnostics);
        let owner = Owner {
            name: &command.name,
            group: "commands",
            parts: "arguments",
            doc: command.doc.as_ref(),
            span,
            floor: self.history.life(&command.name).map(|life| life.since),
        };
        let fallback = format!("The command `{}`.", command.name);
        let text =
            self.describe.definition("commands", &command.name, owner.doc, &command.meta, fallback);
        let (summary, one_line) = (text.summary().to_vec(), text.summary_line());
        let (arguments, payload) = self.plan_payload(owner, name, text.lines, command.arguments);
        self.check_builders(owner, &payload);
        let life = self.history.life(&command.name);
        let since = life.map(|life| life.since);
        Command {
            wire: command.name.clone(),
            since,
            output: self.plan_output(command),
            method,
            method_docs: method_docs(summary, &command.name, since),
            info: self.plan_info(command, one_line, arguments),
            payload,
        }
    }

    fn plan_output(&self, command: &schema::Command) -> Output {
        match command.returns {
            _ if !command.success_response => Output::Silence,
            Some(ty) => Output::Value(self.ty(ty)),
            None => Output::Nothing,
        }
    }

    /// What a command or event carries, and the one-line descriptions of its members.
    fn plan_payload(
        &mut self,
        owner: Owner<'a>,
        name: String,
        docs: Vec<String>,
        arguments: Option<TypeId>,
    ) -> (Vec<String>, Payload) {
        let whole = arguments.filter(|id| matches!(self.schema[*id].kind, TypeKind::Union(_)));
        if let Some(id) = whole {
            let field_docs = vec![format!("What the {} is about.", noun(owner))];
            let (ty, eq, varies) = (self.name(id), self.facts.is_eq(id), self.needs.varies(id));
            return (Vec::new(), Payload::Whole { name, docs, field_docs, ty, eq, varies });
        }
        let fields = match arguments {
            Some(id) => self.plan_fields(owner, id, false),
            None => Vec::new(),
        };
        let derives = Derives {
            eq: arguments.is_none_or(|id| self.facts.is_eq(id)),
            hash: arguments.is_none_or(|id| self.facts.is_hash(id)),
            default: fields.iter().all(|field| field.optional),
        };
        let summaries = fields.iter().map(|field| field.summary.clone()).collect();
        let wire = owner.name.to_owned();
        let varies = fields.iter().any(|field| !field.needs.is_empty());
        let object = Struct { name, wire, docs, fields, derives, constructor: true, varies };
        (summaries, Payload::Members(object))
    }

    /// Optional arguments have methods of their names, next to `new`.
    fn check_builders(&mut self, owner: Owner<'_>, payload: &Payload) {
        let Payload::Members(object) = payload else { return };
        if object.fields.iter().any(|field| field.optional && field.name == "new") {
            let mut taken = Namespace::new(format!("the methods of `{}`", object.name));
            taken.reserve("new", "the constructor");
            let path = format!("{}.new", owner.name);
            taken.claim("new", &path, owner.span, self.diagnostics);
        }
    }

    pub(super) fn plan_events(&mut self) -> Vec<Event> {
        if self.options.only.is_some() {
            return Vec::new();
        }
        let mut taken = Namespace::new("`events`");
        taken.reserve("Event", "the type of all events");
        taken.reserve("EventKind", "the enum of all events");
        taken.reserve("Other", "the variant for unknown events");
        let schema = self.schema;
        schema.events().map(|(_, event)| self.plan_event(event, &mut taken)).collect()
    }

    fn plan_event(&mut self, event: &'a schema::Event, taken: &mut Namespace) -> Event {
        let Meta { span, .. } = event.meta;
        let name = self.choose(&event.name, || names::event_name(&event.name));
        taken.claim(&name, &event.name, span, self.diagnostics);
        let doc: Option<&'a Doc> = event.doc.as_ref();
        let (name_of, parts) = (event.name.as_str(), "members");
        let owner = Owner { name: name_of, group: "events", parts, doc, span, floor: None };
        let fallback = format!("The event `{}`.", event.name);
        let text = self.describe.definition("events", &event.name, doc, &event.meta, fallback);
        let summary = text.summary().to_vec();
        let (_, payload) = self.plan_payload(owner, name, text.lines, event.arguments);
        let has_data = match &payload {
            Payload::Members(object) => !object.fields.is_empty(),
            Payload::Whole { .. } => true,
        };
        Event { wire: event.name.clone(), payload, has_data, docs: summary }
    }
}

fn noun(owner: Owner<'_>) -> &'static str {
    if owner.group == "events" { "event" } else { "command" }
}

fn method_docs(mut lines: Vec<String>, name: &str, since: Option<Release>) -> Vec<String> {
    let since = since.map(|since| format!(", since QEMU {since}")).unwrap_or_default();
    let rest = [
        "",
        &format!("This is `{name}`{since}."),
        "",
        "# Errors",
        "",
        "Whatever keeps the command from having a result.",
    ];
    lines.extend(rest.map(str::to_owned));
    lines
}
