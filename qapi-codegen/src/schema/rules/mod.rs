//! The rules that definitions have to follow together: every name means something, and something that fits.

mod alternate;
mod command;
mod docs;
mod features;
mod object;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use alternate::Looks;

use super::draft::{Draft, DraftKind, Drafts};
use crate::check::definition::{FeatureItem, TypeRef};
use crate::check::names::c_name;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Allowance, Dialect};
use crate::source::Span;
use crate::syntax::quote::quoted;
use crate::syntax::tree::Pragma;

/// How deep bases and branches may nest.
const DEPTH: u32 = 256;

/// How many members all objects may have together, each object's bases and branches included. QEMU's own schema
/// has 5,400; without a limit a small text could describe objects that fill any memory.
const SIZE: u64 = 1 << 18;

/// Checks `drafts` against each other. QEMU's own front end does this in the order in which the entities are
/// created, but looks at what an object contains first.
pub(super) fn check(
    drafts: &Drafts,
    pragma: &Pragma,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) {
    let mut rules = Rules {
        drafts,
        dialect,
        free_returns: pragma.command_returns_exceptions.iter().map(String::as_str).collect(),
        free_docs: pragma.documentation_exceptions.iter().map(String::as_str).collect(),
        diagnostics,
        progress: vec![Progress::Todo; drafts.entities.len()],
        size: 0,
        stopped: false,
        looks: BTreeMap::new(),
    };
    for (at, draft) in drafts.entities.iter().enumerate() {
        if rules.check(at, 0).is_some() {
            rules.check_described(draft);
        }
        if rules.stopped {
            return;
        }
    }
    if rules.diagnostics.has_errors() {
        return;
    }
    for draft in &drafts.entities {
        rules.check_descriptions(draft);
    }
    if !rules.diagnostics.has_errors() {
        features::check_number(drafts, diagnostics);
    }
}

struct Rules<'a> {
    drafts: &'a Drafts,
    dialect: Dialect,
    free_returns: BTreeSet<&'a str>,
    free_docs: BTreeSet<&'a str>,
    diagnostics: &'a mut Diagnostics,
    /// How far each entity is.
    progress: Vec<Progress>,
    /// How many members the objects checked so far have.
    size: u64,
    /// Whether a limit was passed: what else would be found is a consequence of that.
    stopped: bool,
    /// What the values of enums can be taken for, of those enums that alternates use.
    looks: BTreeMap<usize, Looks>,
}

#[derive(Clone, Copy)]
enum Progress {
    Todo,
    Doing,
    Done(Facts),
    /// Something is wrong, and has been reported.
    Failed,
}

/// What is known about an entity that passed.
#[derive(Clone, Copy, Default)]
struct Facts {
    /// How many members there are, with those of bases and branches.
    size: u64,
    /// How many objects there are from this one to the innermost base or branch.
    depth: u32,
    /// Whether a member that is always there, build permitting, has a condition.
    conditional: bool,
}

impl<'a> Rules<'a> {
    /// Checks an entity, if that has not been done yet. `None` if something is wrong with it, or with what it
    /// contains: that has been reported then.
    fn check(&mut self, at: usize, depth: u32) -> Option<Facts> {
        if self.stopped {
            return None;
        }
        let draft = self.drafts.entities.get(at)?;
        match *self.progress.get(at)? {
            Progress::Done(facts) => return Some(facts),
            Progress::Failed => return None,
            Progress::Doing => {
                let message = format!("{} contains itself", draft.describe());
                let help = "through bases and branches no object can be within itself; through members it can";
                self.report(
                    fault(draft, Code::ContainsItself, message).label(draft.label, "").help(help),
                );
                return None;
            }
            Progress::Todo => {}
        }
        self.set(at, Progress::Doing);
        let facts = self.check_features(draft).and(self.check_kind(at, draft, depth));
        self.set(at, facts.map_or(Progress::Failed, Progress::Done));
        facts
    }

    fn check_kind(&mut self, at: usize, draft: &'a Draft, depth: u32) -> Option<Facts> {
        match &draft.kind {
            DraftKind::Builtin(_) => Some(Facts::default()),
            DraftKind::Array { element } => self.check_array(draft, element),
            DraftKind::Enum { values, .. } => self.check_enum(draft, values),
            DraftKind::Object { base, members, branches } => {
                self.check_object(draft, base.as_ref(), members, branches.as_ref(), depth)
            }
            DraftKind::Alternate { branches } => self.check_alternate(draft, branches),
            DraftKind::Command { arguments, returns, flags } => {
                let arguments = self.check_arguments(draft, arguments.as_ref(), flags.boxed);
                let returns = self.check_returns(at, draft, returns.as_ref());
                arguments.and(returns)
            }
            DraftKind::Event { arguments, boxed } => {
                self.check_arguments(draft, arguments.as_ref(), *boxed)
            }
        }
    }

    fn check_array(&mut self, draft: &'a Draft, element: &str) -> Option<Facts> {
        match self.drafts.type_named(element) {
            None => self.unknown_type(draft, element, draft.label, &"the array's element"),
            Some((_, Draft { kind: DraftKind::Array { element: inner }, .. })) => {
                let message = format!("the elements of {} are arrays themselves", draft.describe());
                let fault = fault(draft, Code::ArrayOfArray, message).label(draft.label, "");
                self.report(
                    fault.help(format!(
                        "{} is `['{inner}']`; put that into a struct",
                        quoted(element)
                    )),
                );
                None
            }
            Some(_) => Some(Facts::default()),
        }
    }

    /// The type that `ty` names; `what` is the one that has this type, in words.
    fn resolve(
        &mut self,
        draft: &Draft,
        ty: &TypeRef,
        what: &dyn Display,
    ) -> Option<(usize, &'a Draft)> {
        let found = self.drafts.resolve(ty);
        if found.is_none() {
            self.unknown_type::<()>(draft, &ty.name, ty.span, what);
        }
        found
    }

    fn unknown_type<T>(
        &mut self,
        draft: &Draft,
        name: &str,
        span: Span,
        what: &dyn Display,
    ) -> Option<T> {
        let message = format!("there is no type {}", quoted(name));
        let mut fault =
            fault(draft, Code::TypeUnknown, message).label(span, format!("as the type of {what}"));
        fault = fault.help("define it, or include the file that does");
        if let Some((_, other)) = self.drafts.named(name) {
            fault = fault.related(other.label, format!("this is {}", other.describe()));
        }
        self.report(fault);
        None
    }

    fn facts(&self, at: usize) -> Facts {
        match self.progress.get(at) {
            Some(Progress::Done(facts)) => *facts,
            _ => Facts::default(),
        }
    }

    fn set(&mut self, at: usize, progress: Progress) {
        if let Some(slot) = self.progress.get_mut(at) {
            *slot = progress;
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports what the dialect may forgive: then it is only a warning. Whether it does.
    fn report_unless(&mut self, allowance: Allowance, diagnostic: Diagnostic) -> Option<()> {
        let forgiven = self.dialect.allows(allowance);
        self.report(if forgiven { diagnostic.as_warning() } else { diagnostic });
        forgiven.then_some(())
    }

    /// Reports features that are given twice.
    fn check_duplicates(
        &mut self,
        draft: &Draft,
        features: &[FeatureItem],
        of: &dyn Display,
    ) -> Option<()> {
        let mut seen = BTreeMap::new();
        let mut distinct = Some(());
        for feature in features {
            if let Some(first) = seen.insert(c_name(&feature.name.value), feature.name.span) {
                let message = format!("{of} has the feature {} twice", quoted(&feature.name.value));
                let fault =
                    fault(draft, Code::FeatureDuplicate, message).label(feature.name.span, "");
                self.report(fault.related(first, "first given here").help("remove one of them"));
                distinct = None;
            }
        }
        distinct
    }
}

/// A fault of `draft`, reported where its definition starts.
fn fault(draft: &Draft, code: Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code, draft.at.unwrap_or_default(), message)
}

#[cfg(test)]
mod tests;
