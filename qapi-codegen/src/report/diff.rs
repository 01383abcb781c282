//! A list of changes as an audit report: text, Markdown, JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::history::{Bump, Change, ChangeKind, Relation, Wire, required_bump};
use crate::report::condition::condition_code;
use crate::report::conditions::{self, ConditionMove};
use crate::schema::Condition;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For a changelog or a review.
    Markdown,
    /// For programs.
    Json,
}

/// What changed between two schemas, ready to be written.
#[derive(Clone, Debug)]
pub struct DiffReport<'a> {
    /// Name of the older side.
    pub from: &'a str,
    /// Name of the newer side.
    pub to: &'a str,
    /// The changes.
    pub changes: &'a [Change],
}

impl DiffReport<'_> {
    /// How many changes break some program on the wire.
    pub fn breaking(&self) -> usize {
        self.changes.iter().filter(|change| change.rule().wire == Wire::Breaking).count()
    }

    /// The bump the bindings need for all of it.
    pub fn bump(&self) -> Bump {
        required_bump(self.changes)
    }

    /// Writes the report.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Markdown => self.markdown(),
            Format::Json => format!("{:#}\n", self.json()),
        }
    }

    fn headline(&self) -> String {
        let of_condition =
            |change: &&Change| matches!(change.kind, ChangeKind::ConditionChanged { .. });
        let conditions = self.changes.iter().filter(of_condition).count();
        let mut count = match self.changes.len() {
            0 => return format!("schema {} -> {}: no changes", self.from, self.to),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        if conditions > 0 {
            let _ = write!(count, " ({conditions} of a build condition only)");
        }
        let breaking = match self.breaking() {
            0 => "none breaking".to_owned(),
            breaking => format!("{breaking} breaking"),
        };
        let bump = match self.bump() {
            Bump::None => "bindings need no release".to_owned(),
            bump => format!("bindings need a {} release", bump.as_str()),
        };
        format!("schema {} -> {}: {count}, {breaking}; {bump}", self.from, self.to)
    }

    /// The gravest first, then by path.
    fn sorted(&self) -> Vec<&Change> {
        let mut changes = self.changes.iter().collect::<Vec<_>>();
        changes.sort_by_key(|change| {
            let rule = change.rule();
            (std::cmp::Reverse((rule.wire == Wire::Breaking, rule.api)), change.path.clone())
        });
        changes
    }

    fn text(&self) -> String {
        let mut text = self.headline() + "\n";
        let (changes, moves) = conditions::split(self.sorted());
        for change in changes {
            let (verb, what) = describe(change);
            let _ = write!(text, "\n{verb:<9} {:<9} {}{what}\n", change.item.as_str(), change.path);
            text.push_str(&impact(change));
            if !change.used_by.is_empty() {
                let users = change.used_by.join(", ");
                let _ = writeln!(text, "{INDENT}used by: {users} ({})", change.direction);
            }
        }
        for moved in &moves {
            let _ = write!(text, "\nchanged   condition {}\n", moved.codes());
            text.extend(moved.changes.first().map(|change| impact(change)));
            let _ = writeln!(text, "{INDENT}{}", moved.words());
            for (sort, paths) in moved.items() {
                let _ = writeln!(text, "{INDENT}{sort}: {}", paths.join(", "));
            }
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("{}.\n", self.headline());
        let (changes, moves) = conditions::split(self.sorted());
        if !changes.is_empty() {
            text.push_str(
                "\n| change | item | wire | API | effect | used by |\n|---|---|---|---|---|---|\n",
            );
        }
        for change in changes {
            let rule = change.rule();
            let (verb, what) = describe(change);
            let users = names(change.used_by.iter().map(String::as_str));
            let _ = writeln!(
                text,
                "| {verb} | {} `{}`{what} | {} | {} | {} | {users} |",
                change.item.as_str(),
                change.path,
                rule.wire.as_str(),
                rule.api.as_str(),
                rule.effect
            );
        }
        if !moves.is_empty() {
            text.push_str("\n| condition | means | of |\n|---|---|---|\n");
        }
        for moved in &moves {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                moved.codes(),
                moved.words(),
                markdown_items(moved)
            );
        }
        text
    }

    fn json(&self) -> Value {
        let changes = self.sorted().into_iter().map(change_json).collect::<Vec<_>>();
        json!({
            "from": self.from,
            "to": self.to,
            "breaking": self.breaking(),
            "bump": self.bump().as_str(),
            "changes": changes,
        })
    }
}

/// What stands before each line about a change but the first.
const INDENT: &str = "          ";

/// What a change means, as two lines of text.
fn impact(change: &Change) -> String {
    let rule = change.rule();
    let (wire, api) = (rule.wire.as_str(), rule.api.as_str());
    format!("{INDENT}wire: {wire}, API: {api}\n{INDENT}{}\n", rule.effect)
}

/// Names in Markdown.
fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn markdown_items(moved: &ConditionMove<'_>) -> String {
    let sorts = moved.items().into_iter().map(|(sort, paths)| format!("{sort} {}", names(paths)));
    sorts.collect::<Vec<_>>().join("; ")
}

/// The verb, and what follows the item's name.
pub(super) fn describe(change: &Change) -> (&'static str, String) {
    let optional = |optional: bool| if optional { " (optional)".to_owned() } else { String::new() };
    let ty = |ty: &Option<String>| ty.clone().unwrap_or_else(|| "nothing".to_owned());
    match &change.kind {
        ChangeKind::Added { optional: may } => ("added", optional(*may)),
        ChangeKind::Removed { optional: may } => ("removed", optional(*may)),
        ChangeKind::MadeOptional => ("changed", ": optional now".to_owned()),
        ChangeKind::MadeMandatory => ("changed", ": mandatory now".to_owned()),
        ChangeKind::Retyped { from, to, relation } => {
            let relation = match relation {
                Relation::Same => ", same values",
                Relation::Widened => ", which takes the old form too",
                Relation::Began | Relation::Unrelated => "",
            };
            ("changed", format!(": {} -> {}{relation}", ty(from), ty(to)))
        }
        ChangeKind::ReplyDropped => ("changed", ": no reply on success now".to_owned()),
        ChangeKind::ReplyAdded => ("changed", ": replies on success now".to_owned()),
        ChangeKind::KindChanged { from } => {
            ("changed", format!(": was {} {from}", article(from.as_str())))
        }
        ChangeKind::DiscriminatorChanged => ("changed", ": other discriminator".to_owned()),
        ChangeKind::ConditionChanged { from, to } => (
            "changed",
            format!(": condition {} -> {}", condition(from.as_ref()), condition(to.as_ref())),
        ),
        ChangeKind::FeatureAdded(feature) => ("changed", format!(": feature {feature} added")),
        ChangeKind::FeatureRemoved(feature) => ("changed", format!(": feature {feature} removed")),
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn condition(condition: Option<&Condition>) -> String {
    condition.map_or_else(|| "always".to_owned(), condition_code)
}

fn change_json(change: &Change) -> Value {
    let rule = change.rule();
    let (verb, what) = describe(change);
    json!({
        "path": change.path,
        "item": change.item.as_str(),
        "change": verb,
        "detail": what.trim_start_matches([':', ' ']),
        "rule": rule.name,
        "direction": { "argument": change.direction.argument, "result": change.direction.result },
        "wire": rule.wire.as_str(),
        "api": rule.api.as_str(),
        "effect": rule.effect,
        "used_by": change.used_by,
    })
}
