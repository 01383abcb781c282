//! Plans the description of commands as data.

use super::{ArgumentInfo, CommandInfo, Planner, ValueKind};
use crate::history::{self, Life, Release};
use crate::report::condition_words;
use crate::schema::{self, Builtin, Condition, Encoding, Member, TypeId, TypeKind};

/// Alternates have no alternates in them; this only bounds what a type may look like here.
const MAX_DEPTH: usize = 4;

impl<'a> Planner<'a> {
    pub(super) fn plan_info(
        &self,
        command: &'a schema::Command,
        summary: String,
        summaries: Vec<String>,
    ) -> CommandInfo {
        let members = command.arguments.filter(|_| !summaries.is_empty());
        let members = members.map(|id| self.schema.members(id)).unwrap_or_default();
        let arguments = members
            .into_iter()
            .zip(summaries)
            .map(|(member, summary)| self.argument(command, member, summary))
            .collect();
        CommandInfo {
            summary,
            until: self.history.life(&command.name).and_then(|life| life.until),
            arguments,
            returns: command.returns.map(|ty| history::type_name(self.schema, ty)),
            condition: command.meta.condition.as_ref().map(condition_words),
            conditional: self.conditional(&command.name),
        }
    }

    fn conditional(&self, name: &str) -> Vec<(Release, Option<Release>, Condition)> {
        let spans = self.history.life(name).map(Life::conditional).unwrap_or_default();
        spans.into_iter().map(|(from, before, when)| (from, before, when.clone())).collect()
    }

    fn argument(
        &self,
        command: &schema::Command,
        member: &Member,
        summary: String,
    ) -> ArgumentInfo {
        let kind = match member.encoding {
            Some(Encoding::Base64) => ValueKind::Plain("Bytes"),
            None => self.value_kind(member.ty, 0),
        };
        let path = history::member_path(&command.name, &member.name);
        ArgumentInfo {
            wire: member.name.clone(),
            type_name: history::type_name(self.schema, member.ty),
            kind,
            summary,
            optional: member.optional,
            since: self.history.life(&path).map(|life| life.since),
        }
    }

    fn value_kind(&self, id: TypeId, depth: usize) -> ValueKind {
        match &self.schema[id].kind {
            _ if depth > MAX_DEPTH => ValueKind::Plain("Any"),
            TypeKind::Builtin(builtin) => ValueKind::Plain(match builtin {
                Builtin::Str => "String",
                Builtin::Bool => "Boolean",
                Builtin::Number => "Number",
                Builtin::Null => "Null",
                Builtin::Any => "Any",
                _ => "Integer",
            }),
            TypeKind::Enum(kind) => {
                ValueKind::Enum(kind.values.iter().map(|value| value.name.clone()).collect())
            }
            TypeKind::Struct(_) | TypeKind::Union(_) => ValueKind::Plain("Object"),
            TypeKind::Array(element) => {
                ValueKind::List(Box::new(self.value_kind(*element, depth + 1)))
            }
            TypeKind::Alternate(alternate) => {
                let kinds = alternate.branches.iter();
                ValueKind::Alternate(
                    kinds.map(|branch| self.value_kind(branch.ty, depth + 1)).collect(),
                )
            }
        }
    }
}
