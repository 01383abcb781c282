//! The rules on structs and unions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{DEPTH, Facts, Rules, SIZE, fault};
use crate::check::definition::{BranchItem, MemberItem, TypeRef, ValueItem};
use crate::check::names::c_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Allowance;
use crate::schema::draft::{Branches, Draft, DraftKind};
use crate::syntax::quote::{called, quoted};

/// The members that an object has in any case, by their names in C.
type Seen<'a> = BTreeMap<Cow<'a, str>, Owned<'a>>;

/// A member and the object that it is written in.
#[derive(Clone, Copy)]
struct Owned<'a> {
    member: &'a MemberItem,
    owner: &'a Draft,
}

impl<'a> Rules<'a> {
    pub(super) fn check_object(
        &mut self,
        draft: &'a Draft,
        base: Option<&'a TypeRef>,
        members: &'a [MemberItem],
        branches: Option<&'a Branches>,
        depth: u32,
    ) -> Option<Facts> {
        // Whatever is wrong with the base, the types of the members are looked up all the same.
        let base = match base {
            Some(base) => self.check_base(draft, base, depth).map(Some),
            None => Some(None),
        };
        let mut good = Some(());
        for member in members {
            let owner = called("member", &member.name.value);
            good = self.resolve(draft, &member.ty, &owner).map(drop).and(good);
            good = self.check_duplicates(draft, &member.traits.features, &owner).and(good);
        }
        let base = base?;
        let mut facts = base.map(|base| self.facts(base)).unwrap_or_default();
        facts.conditional |= members.iter().any(|member| member.traits.condition.is_some());
        facts.size = facts.size.saturating_add(members.len() as u64 + 1);
        facts.depth += 1;
        self.weigh(draft, facts)?;

        let mut seen = Seen::new();
        let inherited = base.map(|base| self.members_of(base)).unwrap_or_default();
        seen.extend(inherited.into_iter().map(|owned| (c_name(&owned.member.name.value), owned)));
        for member in members {
            let owned = Owned { member, owner: draft };
            good = self.check_clash(draft, &seen, owned).and(good);
            seen.entry(c_name(&member.name.value)).or_insert(owned);
        }
        if let Some(branches) = branches {
            good.and(self.check_union(draft, branches, &seen, facts, depth))
        } else {
            self.size = self.size.saturating_add(facts.size);
            good.map(|()| facts)
        }
    }

    /// Counts the members of an object in, before anything takes time in proportion to them.
    fn weigh(&mut self, draft: &Draft, facts: Facts) -> Option<()> {
        if facts.depth > DEPTH {
            return self.too_deep(draft);
        }
        if self.size.saturating_add(facts.size) > SIZE {
            let message =
                format!("with {}, the objects have more than {SIZE} members", draft.describe());
            let help =
                "this counts the members that each object has through its bases and branches, too";
            return self.stop(fault(draft, Code::ObjectsTooLarge, message).help(help));
        }
        Some(())
    }

    fn too_deep<T>(&mut self, draft: &Draft) -> Option<T> {
        let message = format!(
            "bases and branches below {} nest deeper than {DEPTH} levels",
            draft.describe()
        );
        let fault = fault(draft, Code::ObjectTooDeep, message).label(draft.label, "");
        self.stop(fault.help("name what an object contains as a member, not as a base or branch"))
    }

    /// Reports that a limit is passed; the first time is enough.
    fn stop<T>(&mut self, fault: Diagnostic) -> Option<T> {
        if !self.stopped {
            self.report(fault);
        }
        self.stopped = true;
        None
    }

    /// Checks what an object contains: its base, or the type of a branch.
    fn check_within(&mut self, draft: &Draft, at: usize, depth: u32) -> Option<Facts> {
        if depth >= DEPTH { self.too_deep(draft) } else { self.check(at, depth + 1) }
    }

    fn check_base(&mut self, draft: &'a Draft, base: &TypeRef, depth: u32) -> Option<usize> {
        let (at, found) = self.resolve(draft, base, &"the base")?;
        if !matches!(found.kind, DraftKind::Object { branches: None, .. }) {
            let message = format!("the base of {} must be a struct", quoted(&draft.name));
            let label = format!("this is {}", found.describe());
            let help = "name a struct with the members that are common to both";
            let fault = fault(draft, Code::BaseInvalid, message).label(base.span, label);
            self.report(fault.help(help));
            return None;
        }
        self.check_within(draft, at, depth).map(|_| at)
    }

    /// The members of an object that has been checked: those of its bases first.
    fn members_of(&self, at: usize) -> Vec<Owned<'a>> {
        let mut chain = Vec::new();
        let mut next = self.drafts.entities.get(at);
        while let Some(owner) = next.filter(|_| chain.len() <= DEPTH as usize) {
            let DraftKind::Object { base, members, .. } = &owner.kind else { break };
            chain.push(members.iter().map(move |member| Owned { member, owner }));
            next = base.as_ref().and_then(|base| self.drafts.resolve(base)).map(|(_, draft)| draft);
        }
        chain.into_iter().rev().flatten().collect()
    }

    fn check_clash(&mut self, draft: &Draft, seen: &Seen<'a>, new: Owned<'a>) -> Option<()> {
        let name = &new.member.name;
        let Some(old) = seen.get(&c_name(&name.value)) else { return Some(()) };
        let message = if name.value == old.member.name.value {
            format!("{} has the member {} twice", draft.describe(), quoted(&name.value))
        } else {
            format!(
                "{} and {} are one name in C",
                quoted(&old.member.name.value),
                quoted(&name.value)
            )
        };
        let place = |owned: &Owned<'_>, own: &str| match owned.owner.at {
            at if at == draft.at => own.to_owned(),
            _ => format!("a member of {}", owned.owner.describe()),
        };
        let fault = fault(draft, Code::MemberClash, message)
            .label(name.span, place(&new, ""))
            .related(old.member.name.span, place(old, "the other member"))
            .help("remove or rename one of them");
        // QEMU compares names as C sees them since 2.6.
        if name.value == old.member.name.value {
            self.report(fault);
            None
        } else {
            self.report_unless(Allowance::LooseNames, fault)
        }
    }

    fn check_union(
        &mut self,
        draft: &'a Draft,
        branches: &'a Branches,
        seen: &Seen<'a>,
        mut facts: Facts,
        depth: u32,
    ) -> Option<Facts> {
        let values = self.check_discriminator(draft, branches, seen)?;
        let names: BTreeSet<&str> = values.iter().map(|value| value.name.value.as_str()).collect();
        if branches.list.is_empty() && names.is_empty() {
            let message = format!("union {} has no branches", quoted(&draft.name));
            let help = "its discriminator has no values, either: add them to the enum";
            self.report(fault(draft, Code::UnionEmpty, message).label(draft.label, "").help(help));
            return None;
        }
        facts.size = facts.size.saturating_add(values.len() as u64);
        let mut good = Some(());
        let mut types = Vec::with_capacity(branches.list.len());
        for branch in &branches.list {
            let Some((at, inner)) = self.check_branch(draft, branch, &names, depth) else {
                good = None;
                continue;
            };
            types.push(at);
            facts.size = facts.size.saturating_add(inner.size);
            facts.depth = facts.depth.max(inner.depth + 1);
        }
        good?;
        self.weigh(draft, facts)?;
        self.size = self.size.saturating_add(facts.size);
        for at in types {
            good = self.check_branch_clash(draft, seen, at).and(good);
        }
        good.map(|()| facts)
    }

    /// The values of the discriminator.
    fn check_discriminator(
        &mut self,
        draft: &Draft,
        branches: &Branches,
        seen: &Seen<'a>,
    ) -> Option<&'a [ValueItem]> {
        let name = &branches.discriminator;
        let complain = |complaint: &str| {
            let message = format!("the discriminator {} {complaint}", quoted(&name.value));
            fault(draft, Code::DiscriminatorInvalid, message).label(name.span, "")
        };
        let found =
            seen.get(&c_name(&name.value)).filter(|owned| owned.member.name.value == name.value);
        let Some(Owned { member, .. }) = found else {
            let help = "add it to the base, with an enum as its type";
            self.report(complain("is not a member of the base").help(help));
            return None;
        };
        let tag = match &branches.tag {
            Some(tag) => self.drafts.type_named(tag),
            None => self.drafts.resolve(&member.ty),
        };
        let (_, Draft { kind: DraftKind::Enum { values, .. }, .. }) = tag? else {
            let label = format!("its type is {}", quoted(&member.ty.name));
            let help = "give it an enum as its type, with a value for each branch";
            let complaint = complain("must be of an enum type").related(member.ty.span, label);
            self.report(complaint.help(help));
            return None;
        };
        let complaint = match (member.optional, &member.traits.condition) {
            (true, _) => complain("must not be optional").help("remove the `*` before its name"),
            (false, Some(_)) => complain("must not depend on a condition").help("remove its `if`"),
            (false, None) => return Some(values),
        };
        self.report(complaint.related(member.name.span, "the member"));
        None
    }

    fn check_branch(
        &mut self,
        draft: &'a Draft,
        branch: &BranchItem,
        names: &BTreeSet<&str>,
        depth: u32,
    ) -> Option<(usize, Facts)> {
        let name = &branch.name;
        let (at, found) = self.resolve(draft, &branch.ty, &called("branch", &name.value))?;
        if !names.contains(name.value.as_str()) {
            let message =
                format!("branch {} is not a value of the discriminator", quoted(&name.value));
            let known: Vec<_> = names.iter().take(10).map(|name| quoted(name)).collect();
            let more = if names.len() > known.len() { ", ..." } else { "" };
            let help = match known.as_slice() {
                [] => "the enum has no values: add them".to_owned(),
                _ => format!("the values are {}{more}", known.join(", ")),
            };
            let fault = fault(draft, Code::BranchUnknown, message).label(name.span, "").help(help);
            self.report_unless(Allowance::LooseUnions, fault)?;
        }
        if !matches!(found.kind, DraftKind::Object { .. }) {
            let message = format!("branch {} must be a struct or a union", quoted(&name.value));
            let label = format!("this is {}", found.describe());
            let help = "make it a member of a struct, and name that here";
            let fault = fault(draft, Code::BranchType, message).label(branch.ty.span, label);
            self.report(fault.help(help));
            return None;
        }
        self.check_within(draft, at, depth).map(|facts| (at, facts))
    }

    /// Checks that the members within a branch differ from those that are always there. That they differ from
    /// each other is a matter of the branch's own type.
    fn check_branch_clash(&mut self, draft: &Draft, seen: &Seen<'a>, at: usize) -> Option<()> {
        for owned in self.members_of(at) {
            self.check_clash(draft, seen, owned)?;
        }
        let DraftKind::Object { branches: Some(branches), .. } =
            &self.drafts.entities.get(at)?.kind
        else {
            return Some(());
        };
        for branch in &branches.list {
            let (inner, _) = self.drafts.resolve(&branch.ty)?;
            self.check_branch_clash(draft, seen, inner)?;
        }
        Some(())
    }
}
