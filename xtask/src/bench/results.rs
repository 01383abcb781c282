//! What was measured: rows of a table, and how costs grow; kept as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// The last run of each family, and on what.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Results {
    /// What the machine is, and the versions of what ran on it.
    pub(super) machine: BTreeMap<String, String>,
    /// By name.
    pub(super) families: BTreeMap<String, Family>,
}

/// What belongs together and is measured together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Family {
    /// The day it was measured.
    pub(super) day: String,
    /// Whether it was a short run.
    pub(super) quick: bool,
    pub(super) rows: Vec<Row>,
    pub(super) growth: Vec<Growth>,
}

/// One figure, and what it is held against.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: String,
    /// One value per round.
    pub(super) ours: Vec<f64>,
    pub(super) against: String,
    /// One value per round, taken right after ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) theirs: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) goal: Option<Goal>,
    /// Why there is nothing to hold it against, or what else should be known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
}

/// What a figure must reach: as a multiple of the other, or by itself where there is none.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// How a cost grows with something.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Growth {
    pub(super) what: String,
    /// What it is per, and the unit of the cost.
    pub(super) per: String,
    pub(super) unit: String,
    /// How much there is of it, and what that costs.
    pub(super) points: Vec<(f64, f64)>,
}

impl Row {
    pub(super) fn new(what: &str, unit: &str, ours: Vec<f64>) -> Self {
        Self { what: what.into(), unit: unit.into(), ours, ..Self::default() }
    }

    /// Holds the figure against another's, of the same rounds.
    pub(super) fn against(mut self, name: &str, theirs: Vec<f64>) -> Self {
        self.against = name.into();
        self.theirs = theirs;
        self
    }

    pub(super) fn at_most(mut self, limit: f64) -> Self {
        self.goal = Some(Goal::AtMost(limit));
        self
    }

    pub(super) fn at_least(mut self, limit: f64) -> Self {
        self.goal = Some(Goal::AtLeast(limit));
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// What is held to the goal: the figure divided by the other's of the same round, or by itself.
    pub(super) fn ratios(&self) -> Vec<f64> {
        if self.theirs.is_empty() {
            return self.ours.clone();
        }
        self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours / theirs).collect()
    }

    /// Whether the goal was reached; nothing if there is none, or nothing was measured.
    pub(super) fn reached(&self) -> Option<bool> {
        let ratio = median(&self.ratios())?;
        self.goal.map(|goal| match goal {
            Goal::AtMost(limit) => ratio <= limit,
            Goal::AtLeast(limit) => ratio >= limit,
        })
    }
}

/// The value in the middle.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

impl Results {
    /// What is in the file; nothing if there is none.
    pub(super) fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&rounded(serde_json::to_value(self)?))? + "\n")
    }
}

/// The same with four digits to each number: more says nothing.
fn rounded(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) => {
            let short = number.as_f64().and_then(|number| format!("{number:.3e}").parse().ok());
            short
                .and_then(|number: f64| serde_json::Number::from_f64(number))
                .map_or(Value::Null, Value::Number)
        }
        Value::Array(values) => Value::Array(values.into_iter().map(rounded).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, rounded(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_and_of_nothing_there_is_none() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, f64::NAN, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_goal_is_for_the_ratio_of_the_same_rounds() {
        let row = Row::new("x", "s", vec![1.0, 30.0, 1.0]).against("y", vec![2.0, 60.0, 2.0]);
        assert_eq!(row.clone().at_most(0.5).reached(), Some(true));
        assert_eq!(row.clone().at_most(0.4).reached(), Some(false));
        assert_eq!(row.reached(), None);
        assert_eq!(Row::new("x", "s", Vec::new()).at_most(1.0).reached(), None);
    }
}
