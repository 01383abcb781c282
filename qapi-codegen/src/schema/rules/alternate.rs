//! The rules on enums and alternates: names differ, and a value's JSON type tells its branch.

use std::collections::BTreeMap;

use super::{Facts, Rules, fault};
use crate::check::definition::{BranchItem, ValueItem};
use crate::check::names::c_name;
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::schema::JsonType;
use crate::schema::draft::{Draft, DraftKind};
use crate::source::Spanned;
use crate::syntax::quote::{called, quoted};

/// What text on a command line can be taken for, other than text.
#[derive(Clone, Copy, Default)]
pub(super) struct Looks {
    bool: bool,
    number: bool,
}

impl Looks {
    fn of(values: &[ValueItem]) -> Self {
        let has = |wanted: fn(&str) -> bool| values.iter().any(|value| wanted(&value.name.value));
        Self {
            bool: has(|name| name == "on" || name == "off"),
            number: has(|name| name.starts_with(|c: char| "-+.".contains(c) || c.is_ascii_digit())),
        }
    }
}

impl<'a> Rules<'a> {
    pub(super) fn check_enum(
        &mut self,
        draft: &'a Draft,
        values: &'a [ValueItem],
    ) -> Option<Facts> {
        let names = values.iter().map(|value| &value.name);
        self.check_distinct(draft, names, Code::ValueClash, "value")?;
        Some(Facts::default())
    }

    fn check_distinct<'n>(
        &mut self,
        draft: &Draft,
        names: impl Iterator<Item = &'n Spanned<String>>,
        code: Code,
        what: &str,
    ) -> Option<()> {
        let mut seen = BTreeMap::new();
        let mut good = Some(());
        for name in names {
            let Some(first) = seen.insert(c_name(&name.value), name) else { continue };
            let same = first.value == name.value;
            let message = if same {
                format!("{} has the {what} {} twice", draft.describe(), quoted(&name.value))
            } else {
                format!(
                    "the {what} names {} and {} are one name in C",
                    quoted(&first.value),
                    quoted(&name.value)
                )
            };
            let fault =
                fault(draft, code, message).label(name.span, "").related(first.span, "the first");
            let fault = fault.help(if same { "remove one of them" } else { "rename one of them" });
            if same {
                self.report(fault);
                good = None;
            } else {
                good = self.report_unless(Allowance::LooseNames, fault).and(good);
            }
        }
        good
    }

    pub(super) fn check_alternate(
        &mut self,
        draft: &'a Draft,
        branches: &'a [BranchItem],
    ) -> Option<Facts> {
        let mut types = Some(Vec::with_capacity(branches.len()));
        for branch in branches {
            let found = self.resolve(draft, &branch.ty, &called("branch", &branch.name.value));
            types = types.zip(found).map(|(mut types, found)| {
                types.push(found);
                types
            });
        }
        let types = types?;
        let names = branches.iter().map(|branch| &branch.name);
        self.check_distinct(draft, names, Code::BranchClash, "branch")?;

        let mut taken = BTreeMap::new();
        let mut good = Some(());
        for (branch, (at, ty)) in branches.iter().zip(types) {
            let Some(json) = kind_of(ty) else {
                let message =
                    format!("branch {} has no JSON type of its own", quoted(&branch.name.value));
                let label = format!("this is {}", ty.describe());
                let help = "name a type whose values are all of one JSON type";
                let fault = fault(draft, Code::BranchType, message).label(branch.ty.span, label);
                self.report(fault.help(help));
                good = None;
                continue;
            };
            let mut conflict = None;
            for (json, strict) in self.claims(at, ty, json) {
                let other = taken.insert(json, (branch, strict));
                conflict = conflict
                    .or(other.map(|(other, other_strict)| (other, json, strict && other_strict)));
            }
            if let Some((other, json, sure)) = conflict {
                good = self.ambiguous(draft, other, branch, json, sure).and(good);
            }
        }
        good.map(|()| Facts::default())
    }

    /// The JSON types that values of a branch may be taken for, and whether JSON itself cannot tell them apart.
    /// On command lines everything is text, so there a string may look like a number or a bool.
    fn claims(&mut self, at: usize, ty: &Draft, json: JsonType) -> Vec<(JsonType, bool)> {
        let looks = match (&ty.kind, json) {
            (DraftKind::Enum { values, .. }, _) => {
                *self.looks.entry(at).or_insert_with(|| Looks::of(values))
            }
            (_, JsonType::String) => Looks { bool: true, number: true },
            _ => Looks::default(),
        };
        let mut claims = vec![(json, true)];
        claims.extend(looks.bool.then_some((JsonType::Boolean, false)));
        claims.extend(looks.number.then_some((JsonType::Number, false)));
        claims
    }

    fn ambiguous(
        &mut self,
        draft: &Draft,
        first: &BranchItem,
        second: &BranchItem,
        json: JsonType,
        sure: bool,
    ) -> Option<()> {
        let message = format!(
            "branches {} and {} cannot be told apart",
            quoted(&first.name.value),
            quoted(&second.name.value)
        );
        let help = if sure {
            "an alternate can have at most one branch per JSON type"
        } else {
            "on a command line a string can look like a number or a bool, \
             and so can an enum that has such values"
        };
        let label = format!("either may be a JSON {}", json.as_str());
        let fault = fault(draft, Code::AlternateAmbiguous, message)
            .label(second.ty.span, label)
            .related(first.ty.span, "the other branch")
            .help(help);
        if sure {
            self.report(fault);
            None
        } else {
            self.report_unless(Allowance::LooseUnions, fault)
        }
    }
}

/// The JSON type that tells a value of this type from others; all numbers are alike.
fn kind_of(ty: &Draft) -> Option<JsonType> {
    match &ty.kind {
        DraftKind::Builtin(builtin) => match builtin.json_type() {
            JsonType::Int => Some(JsonType::Number),
            JsonType::Value => None,
            other => Some(other),
        },
        DraftKind::Enum { .. } => Some(JsonType::String),
        DraftKind::Object { .. } => Some(JsonType::Object),
        DraftKind::Array { .. } => Some(JsonType::Array),
        _ => None,
    }
}
