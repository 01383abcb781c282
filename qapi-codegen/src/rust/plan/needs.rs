//! Plans what decides the release that a value needs: arguments, values and branches that came after the command
//! they are sent with, and members that could not be left out at first.
//!
//! A type has a floor: it is only ever sent where it exists, and with a command that exists. What of it is no newer
//! than that needs no code.

use std::collections::{BTreeMap, BTreeSet};

use super::facts;
use crate::history::{History, Life, Release, branch_path, member_path, type_name};
use crate::rust::Options;
use crate::schema::{Alternate, Branch, Member, Schema, TypeId, TypeKind};

/// Something about a field that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rust) enum Need {
    /// That it is there; it always is.
    There(Release),
    /// That it is set.
    Set(Release),
    /// That it is left out.
    Unset(Release),
    /// That it holds the alternate `ty` in one of these forms.
    Form { ty: String, variants: Vec<String>, since: Release },
    /// What its value needs itself.
    Value,
}

/// The types whose values do not all need the same release, among those that commands take.
#[derive(Debug)]
pub(super) struct Needs<'a> {
    history: &'a History,
    floors: BTreeMap<TypeId, Release>,
    varying: BTreeSet<TypeId>,
}

impl<'a> Needs<'a> {
    pub(super) fn find(history: &'a History, options: &Options) -> Self {
        let schema = history.schema();
        let mut floors = BTreeMap::new();
        for (_, command) in schema.commands().filter(|(_, one)| options.selects(&one.name)) {
            let Some(life) = history.life(&command.name) else { continue };
            for id in command.arguments.iter().flat_map(|id| facts::taken(schema, *id)) {
                let floor = floors.entry(id).or_insert(life.since);
                *floor = life.since.min(*floor);
            }
        }
        for (id, floor) in &mut floors {
            *floor = history.life(&schema[*id].name).map_or(*floor, |life| life.since.max(*floor));
        }
        let mut needs = Self { history, floors, varying: BTreeSet::new() };
        let sources = needs.floors.iter().filter(|(id, floor)| needs.decides(**id, **floor));
        let sources = sources.map(|(id, _)| *id).collect();
        needs.varying = facts::users_of(schema, sources);
        needs
    }

    /// Whether something of the type itself decides, whatever its members do.
    fn decides(&self, id: TypeId, floor: Release) -> bool {
        let schema = self.schema();
        let ty = &schema[id];
        match &ty.kind {
            // A value without a name is of no release that is known, and so is a union that it selects.
            TypeKind::Enum(_) | TypeKind::Union(_) => true,
            TypeKind::Struct(_) => {
                let members = schema.members(id);
                members
                    .into_iter()
                    .any(|member| !self.of_member(&ty.name, floor, member).is_empty())
            }
            TypeKind::Alternate(kind) => {
                kind.branches.iter().any(|branch| self.of_branch(&ty.name, floor, branch).is_some())
            }
            TypeKind::Builtin(_) | TypeKind::Array(_) => false,
        }
    }

    fn schema(&self) -> &'a Schema {
        self.history.schema()
    }

    /// The oldest release in which values of the type are sent; `None` if no command takes it.
    pub(super) fn floor(&self, id: TypeId) -> Option<Release> {
        self.floors.get(&id).copied()
    }

    /// Whether values of the type, or in a list of it, may need different releases.
    pub(super) fn varies(&self, id: TypeId) -> bool {
        match self.schema()[id].kind {
            TypeKind::Array(element) => self.varies(element),
            _ => self.floors.contains_key(&id) && self.varying.contains(&id),
        }
    }

    /// What a member of `owner` decides by being there or not, and by the form that it has. Forms go by the
    /// schema's names.
    pub(super) fn of_member(&self, owner: &str, floor: Release, member: &Member) -> Vec<Need> {
        let Some(life) = self.history.life(&member_path(owner, &member.name)) else {
            return Vec::new();
        };
        let newer = Some(life.since).filter(|since| *since > floor);
        let mut needs = Vec::new();
        needs.extend(newer.map(if member.optional { Need::Set } else { Need::There }));
        if member.optional && newer.is_none() {
            needs.extend(life.optional_since().filter(|since| *since > floor).map(Need::Unset));
        }
        if let TypeKind::Alternate(kind) = &self.schema()[member.ty].kind {
            self.forms(member.ty, kind, floor.max(life.since), life, &mut needs);
        }
        needs
    }

    /// The forms that a member took on later than itself, and later than the alternate tells of.
    fn forms(
        &self,
        id: TypeId,
        kind: &Alternate,
        floor: Release,
        life: &Life,
        needs: &mut Vec<Need>,
    ) {
        let ty = &self.schema()[id].name;
        let types = life.types();
        let Some(((now, _), before)) = types.split_last() else { return };
        let mut forms: BTreeMap<Release, Vec<String>> = BTreeMap::new();
        for branch in &kind.branches {
            let held = type_name(self.schema(), branch.ty);
            let Some(branch_life) = self.history.life(&branch_path(ty, &branch.name)) else {
                continue;
            };
            if before.iter().any(|(_, old)| *old == Some(held.as_str())) {
                continue;
            }
            let first = branch_life.eras.first().map_or(branch_life.since, |era| era.from);
            let told = self.floor(id).and_then(|floor| self.of_branch(ty, floor, branch));
            let since = first.max(*now);
            if since > floor.max(told.unwrap_or(floor)) {
                forms.entry(since).or_default().push(branch.name.clone());
            }
        }
        let form = |(since, variants)| Need::Form { ty: ty.clone(), variants, since };
        needs.extend(forms.into_iter().map(form));
    }

    /// The release that brought an enum's value, if that is newer than the enum is sent.
    pub(super) fn of_value(&self, owner: &str, floor: Release, value: &str) -> Option<Release> {
        self.since(&member_path(owner, value)).filter(|since| *since > floor)
    }

    /// The release that brought a branch, if that is newer than its owner is sent.
    pub(super) fn of_branch(
        &self,
        owner: &str,
        floor: Release,
        branch: &Branch,
    ) -> Option<Release> {
        self.since(&branch_path(owner, &branch.name)).filter(|since| *since > floor)
    }

    /// The release that a union's branch needs as such, and if that is newer, the one it needs with any member: a value
    /// that used to select nothing can get a branch, which whoever knows the value takes as long as it adds nothing.
    pub(super) fn of_selected(
        &self,
        owner: &str,
        floor: Release,
        tag: &str,
        branch: &Branch,
    ) -> (Option<Release>, Option<Release>) {
        let (of_branch, of_value) =
            (self.of_branch(owner, floor, branch), self.of_value(tag, floor, &branch.name));
        let members = self.schema().members(branch.ty);
        let can_add_nothing = matches!(self.schema()[branch.ty].kind, TypeKind::Struct(_))
            && members.iter().all(|member| member.optional);
        if can_add_nothing && of_branch > of_value {
            (of_value, of_branch)
        } else {
            (of_branch.max(of_value), None)
        }
    }

    fn since(&self, path: &str) -> Option<Release> {
        self.history.life(path).map(|life| life.since)
    }
}
