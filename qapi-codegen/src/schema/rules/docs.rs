//! Documentation comments against what they describe.

use std::collections::BTreeSet;

use super::{Rules, fault};
use crate::check::definition::{FeatureItem, MemberItem, TypeRef};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Allowance;
use crate::schema::draft::{Draft, DraftKind};
use crate::source::{Span, Spanned};
use crate::syntax::doc::{Doc, SectionKind};
use crate::syntax::quote::quoted;

/// Something that the comment of its definition has to describe.
struct Described<'a> {
    what: &'static str,
    name: &'a Spanned<String>,
    features: &'a [FeatureItem],
}

impl<'a> Rules<'a> {
    /// Checks that the comment of a definition, if it has one, describes all there is to describe.
    pub(super) fn check_described(&mut self, draft: &'a Draft) {
        // Before 9.0 nothing had to be described.
        let Some(doc) = draft.doc.as_ref().filter(|_| !self.dialect.allows(Allowance::LegacyDocs))
        else {
            return;
        };
        let members =
            names(doc, |kind| if let SectionKind::Member(name) = kind { Some(name) } else { None });
        let features =
            names(
                doc,
                |kind| if let SectionKind::Feature(name) = kind { Some(name) } else { None },
            );
        let exempt = self.free_docs.contains(draft.name.as_str());
        let mut missing = Vec::new();
        let seek_features = |list: &'a [FeatureItem]| {
            let lacks = |item: &&FeatureItem| !features.contains(item.name.value.as_str());
            list.iter().filter(lacks).map(|item| ("feature", &item.name)).collect::<Vec<_>>()
        };
        missing.extend(seek_features(&draft.traits.features));
        for one in self.described(draft) {
            if !exempt && !members.contains(one.name.value.as_str()) {
                missing.push((one.what, one.name));
            }
            missing.extend(seek_features(one.features));
        }
        for (what, name) in missing {
            let message = format!("{what} {} is not described", quoted(&name.value));
            let fault = fault(draft, Code::DocIncomplete, message)
                .label(name.span, "")
                .related(doc.span, "in this comment")
                .help(if what == "feature" {
                    format!("add `@{}: ...` below a line `Features:`", name.value)
                } else {
                    format!("add `@{}: ...` below the introduction", name.value)
                });
            self.report(fault);
        }
    }

    /// Checks that whatever the comment of a definition describes is there.
    pub(super) fn check_descriptions(&mut self, draft: &'a Draft) {
        let Some(doc) = &draft.doc else { return };
        let described = self.described(draft);
        let of_members = described.iter().flat_map(|one| one.features);
        let features: BTreeSet<&str> = draft
            .traits
            .features
            .iter()
            .chain(of_members)
            .map(|item| item.name.value.as_str())
            .collect();
        let members: BTreeSet<&str> = described.iter().map(|one| one.name.value.as_str()).collect();

        let unknown = |wanted: for<'d> fn(&'d SectionKind) -> Option<&'d String>,
                       known: &BTreeSet<&str>| {
            let find = |section: &'a crate::syntax::doc::Section| {
                let name = wanted(&section.kind)?.as_str();
                (!known.contains(name)).then_some((name, section.span))
            };
            doc.sections.iter().filter_map(find).collect::<Vec<_>>()
        };
        let members = unknown(
            |kind| if let SectionKind::Member(name) = kind { Some(name) } else { None },
            &members,
        );
        let features = unknown(
            |kind| if let SectionKind::Feature(name) = kind { Some(name) } else { None },
            &features,
        );
        let part = match draft.kind {
            DraftKind::Enum { .. } => "value",
            DraftKind::Alternate { .. } => "branch",
            _ => "member",
        };
        self.report_strangers(draft, &members, Code::DocMemberUnknown, part);
        self.report_strangers(draft, &features, Code::DocFeatureUnknown, "feature");
    }

    fn report_strangers(
        &mut self,
        draft: &Draft,
        strangers: &[(&str, Span)],
        code: Code,
        what: &str,
    ) {
        for &(name, span) in strangers {
            let message = format!("{} has no {what} {}", draft.describe(), quoted(name));
            let fault = Diagnostic::error(code, span, message)
                .related(draft.label, "the definition")
                .help(match what {
                    "member" => {
                        "remove it; what a type with a name of its own has is described with that type"
                    }
                    _ => "remove it, or correct the name",
                });
            self.report_unless(Allowance::LegacyDocs, fault);
        }
    }

    /// What the comment of a definition has to describe: what is written within it.
    fn described(&self, draft: &'a Draft) -> Vec<Described<'a>> {
        match &draft.kind {
            DraftKind::Enum { values, .. } => values
                .iter()
                .map(|value| Described {
                    what: "value",
                    name: &value.name,
                    features: &value.traits.features,
                })
                .collect(),
            DraftKind::Object { base, members, .. } => {
                let inherited =
                    base.as_ref().map(|base| self.inline_members(base)).unwrap_or_default();
                inherited.iter().chain(members).map(describe_member).collect()
            }
            DraftKind::Alternate { branches } => branches
                .iter()
                .map(|branch| Described { what: "branch", name: &branch.name, features: &[] })
                .collect(),
            DraftKind::Command { arguments: Some(ty), .. }
            | DraftKind::Event { arguments: Some(ty), .. } => {
                self.inline_members(ty).iter().map(describe_member).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The members of a type that has no definition of its own, but is part of the one that names it.
    fn inline_members(&self, ty: &TypeRef) -> &'a [MemberItem] {
        match self.drafts.resolve(ty) {
            Some((_, Draft { kind: DraftKind::Object { members, .. }, implicit: true, .. })) => {
                members
            }
            _ => &[],
        }
    }
}

fn describe_member(member: &MemberItem) -> Described<'_> {
    Described { what: "member", name: &member.name, features: &member.traits.features }
}

/// The names that the sections of one kind describe.
fn names(doc: &Doc, wanted: for<'d> fn(&'d SectionKind) -> Option<&'d String>) -> BTreeSet<&str> {
    doc.sections.iter().filter_map(|section| wanted(&section.kind)).map(String::as_str).collect()
}
