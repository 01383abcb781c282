//! What the page knows, as it is embedded in it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::history::{
    Bump, Change, Item, ItemKind, Life, RULES, Release, Rule, Wire, items, owner_path,
};
use crate::report::condition::{condition_code, condition_words};
use crate::report::diff::describe;
use crate::report::history::{tell_arrival, tell_change};
use crate::report::html::HtmlReport;
use crate::report::html::builds::{Presence, builds, platforms};
use crate::report::html::outcome::{Outcome, outcomes};
use crate::schema::{Condition, Schema};

/// Every bump, the least first, as the page compares them.
const BUMPS: [Bump; 4] = [Bump::None, Bump::Patch, Bump::Minor, Bump::Major];

/// Everything.
#[derive(Debug, Serialize)]
pub(super) struct Data<'a> {
    title: &'a str,
    /// Oldest first. Others name a release by its place here.
    releases: Vec<String>,
    /// The schema of each release. Releases that share one have the same number.
    schemas: Vec<usize>,
    platforms: Vec<&'static str>,
    bumps: Vec<&'static str>,
    rules: Vec<RuleData>,
    conditions: Vec<ConditionData>,
    /// By path.
    items: Vec<ItemData>,
}

#[derive(Debug, Serialize)]
struct RuleData {
    name: &'static str,
    wire: &'static str,
    breaking: bool,
    /// Place among the bumps.
    api: usize,
    effect: &'static str,
}

#[derive(Debug, Serialize)]
struct ConditionData {
    code: String,
    words: String,
    /// For each platform.
    builds: Vec<Presence>,
}

#[derive(Debug, Serialize)]
struct ItemData {
    path: String,
    kind: &'static str,
    /// The definition it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// The first release that takes its values, if that was before it had a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    usable: Option<usize>,
    /// What it was from which release on.
    spans: Vec<SpanData>,
    /// `[schema, class]` wherever the class differs from that of the schema before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    classes: Vec<(usize, usize)>,
    /// `[class, class, changes]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moves: Vec<(usize, usize, Vec<ChangeData>)>,
}

#[derive(Debug, Serialize)]
struct SpanData {
    from: usize,
    /// What happened.
    told: String,
    /// Nothing while it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<FactData>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct FactData {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    optional: bool,
    /// A command without reply on success.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    silent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    discriminator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    features: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
}

#[derive(Debug, Serialize)]
struct ChangeData {
    item: &'static str,
    verb: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    rule: usize,
    argument: bool,
    result: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    used_by: Vec<usize>,
}

impl<'a> Data<'a> {
    pub(super) fn of(report: &HtmlReport<'a>) -> Self {
        let mut releases = report.releases.to_vec();
        releases.sort_by_key(|&(release, _)| release);
        let (distinct, schemas) = distinct(&releases);
        let mut builder = Builder {
            report,
            releases: releases.iter().map(|&(release, _)| release).collect(),
            places: BTreeMap::new(),
            conditions: Vec::new(),
        };
        let tracks = tracks(&distinct, &schemas);
        builder.places = tracks.keys().cloned().zip(0..).collect();
        let mut outcomes = outcomes(&distinct);
        let items = tracks
            .into_iter()
            .map(|(path, track)| {
                let outcome = outcomes.remove(&path).unwrap_or_default();
                builder.item(path, &track, &outcome)
            })
            .collect();
        Self {
            title: report.title,
            releases: releases.iter().map(|(release, _)| release.to_string()).collect(),
            schemas,
            platforms: platforms(),
            bumps: BUMPS.iter().map(|bump| bump.as_str()).collect(),
            rules: RULES.iter().map(rule_data).collect(),
            conditions: builder.conditions.iter().map(condition_data).collect(),
            items,
        }
    }
}

/// The schemas without repetition, and which of them each release has.
fn distinct<'a>(releases: &[(Release, &'a Schema)]) -> (Vec<&'a Schema>, Vec<usize>) {
    let mut distinct: Vec<&Schema> = Vec::new();
    let mut places = Vec::new();
    for &(_, schema) in releases {
        let known = distinct.iter().position(|&known| std::ptr::eq(known, schema));
        places.push(known.unwrap_or_else(|| {
            distinct.push(schema);
            distinct.len() - 1
        }));
    }
    (distinct, places)
}

/// What an item was from a release on; nothing while it is gone.
type Track = Vec<(usize, Option<Item>)>;

/// Follows every item through the releases.
fn tracks(distinct: &[&Schema], schemas: &[usize]) -> BTreeMap<String, Track> {
    let tables = distinct.iter().map(|schema| items(schema)).collect::<Vec<_>>();
    let mut tracks: BTreeMap<String, Track> = BTreeMap::new();
    for (release, table) in schemas.iter().filter_map(|&at| tables.get(at)).enumerate() {
        for (path, item) in table {
            let track = tracks.entry(path.clone()).or_default();
            let last = track.last().and_then(|(_, item)| item.as_ref());
            if last.is_none_or(|last| !last.says_the_same(item)) {
                track.push((release, Some(item.clone())));
            }
        }
        for (path, track) in &mut tracks {
            if !table.contains_key(path) && track.last().is_some_and(|(_, item)| item.is_some()) {
                track.push((release, None));
            }
        }
    }
    tracks
}

struct Builder<'a, 'b> {
    report: &'b HtmlReport<'a>,
    releases: Vec<Release>,
    /// Where each path stands among the items.
    places: BTreeMap<String, usize>,
    conditions: Vec<Condition>,
}

impl Builder<'_, '_> {
    fn item(&mut self, path: String, track: &Track, outcome: &Outcome) -> ItemData {
        let newest = track.iter().rev().find_map(|(_, item)| item.as_ref());
        let kind = newest.map_or(ItemKind::Struct, |item| item.kind);
        let owner = Some(owner_path(&path)).filter(|_| !kind.is_definition());
        ItemData {
            kind: kind.as_str(),
            owner: owner.and_then(|owner| self.places.get(owner).copied()),
            summary: self.report.summaries.get(&path).cloned(),
            usable: self.usable(self.report.history.life(&path), track),
            spans: self.spans(track),
            classes: steps(&outcome.classes),
            moves: outcome
                .moves
                .iter()
                .map(|(&(from, to), changes)| {
                    (from, to, changes.iter().map(|change| self.change(change)).collect())
                })
                .collect(),
            path,
        }
    }

    /// The life of a branch may begin before its name: when a type was widened to take more than it did.
    fn usable(&self, life: Option<&Life>, track: &Track) -> Option<usize> {
        let since =
            self.releases.iter().position(|&release| Some(release) == life.map(|l| l.since))?;
        track.first().is_some_and(|&(first, _)| since < first).then_some(since)
    }

    fn spans(&mut self, track: &Track) -> Vec<SpanData> {
        let mut spans = Vec::new();
        let mut before: Option<&Item> = None;
        for (from, item) in track {
            let told = match (before, item) {
                (_, None) => "removed".to_owned(),
                (None, Some(item)) => tell_arrival(item),
                (Some(old), Some(item)) => tell_change(old, item),
            };
            let facts = item.as_ref().map(|item| self.facts(item));
            spans.push(SpanData { from: *from, told, facts });
            before = item.as_ref();
        }
        spans
    }

    fn facts(&mut self, item: &Item) -> FactData {
        FactData {
            ty: item.ty.clone(),
            optional: item.optional,
            silent: !item.success_response,
            discriminator: item.discriminator.clone(),
            condition: item.condition.as_ref().map(|condition| self.condition(condition)),
            features: item.features.clone(),
            via: item.via.clone(),
        }
    }

    fn condition(&mut self, condition: &Condition) -> usize {
        let known = self.conditions.iter().position(|known| known == condition);
        known.unwrap_or_else(|| {
            self.conditions.push(condition.clone());
            self.conditions.len() - 1
        })
    }

    fn change(&self, change: &Change) -> ChangeData {
        let (verb, detail) = describe(change);
        let rule = change.rule();
        ChangeData {
            item: change.item.as_str(),
            verb,
            detail: detail.trim_start_matches([':', ' ']).to_owned(),
            rule: RULES.iter().position(|known| *known == rule).unwrap_or(RULES.len()),
            argument: change.direction.argument,
            result: change.direction.result,
            used_by: change
                .used_by
                .iter()
                .filter_map(|user| self.places.get(user).copied())
                .collect(),
        }
    }
}

/// The places at which a value differs from the one before, each with the value.
fn steps(values: &[usize]) -> Vec<(usize, usize)> {
    let mut steps: Vec<(usize, usize)> = Vec::new();
    for (at, &value) in values.iter().enumerate() {
        if steps.last().is_none_or(|&(_, last)| last != value) {
            steps.push((at, value));
        }
    }
    steps
}

fn rule_data(rule: &Rule) -> RuleData {
    RuleData {
        name: rule.name,
        wire: rule.wire.as_str(),
        breaking: rule.wire == Wire::Breaking,
        api: BUMPS.iter().position(|bump| *bump == rule.api).unwrap_or(BUMPS.len()),
        effect: rule.effect,
    }
}

fn condition_data(condition: &Condition) -> ConditionData {
    ConditionData {
        code: condition_code(condition),
        words: condition_words(condition),
        builds: builds(condition),
    }
}
