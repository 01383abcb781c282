//! A record of what an agent made of every form of every command: small, the same for the same answers, and checked in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use qapi_codegen::history::Release;
use serde_json::{Map, Value, json};
use xtask::lab::agents::Fetched;
use xtask::lab::guest::Guest;
use xtask::pins::Pins;

use super::host::may_fail_here;
use super::{Form, Outcome, guest, schema};
use crate::agent::skip;
use crate::vm::Vm;

/// Outcomes, by command and form.
pub type Answers = BTreeMap<String, BTreeMap<String, Outcome>>;

/// What one agent made of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The suite of Debian that the agent is from.
    pub suite: String,
    /// The agent's version.
    pub agent: Release,
    /// The day on which it was tried, as `2026-11-25`.
    pub date: String,
    /// What came of it.
    pub answers: Answers,
}

impl Record {
    /// Tries everything on the agent of a guest, which is booted several times.
    ///
    /// # Errors
    /// What does not fit the agent's release.
    pub fn make(guest: &Guest, pins: &Pins, date: &str) -> Result<Self, String> {
        let agent = &guest.agent;
        let mut answers = Answers::new();
        for (form, outcome) in guest::try_all(|| Vm::boot(guest), agent, schema(pins, agent))? {
            answers.entry(form.command.name.to_owned()).or_default().insert(form.name(), outcome);
        }
        let (suite, date) = (agent.suite.clone(), date.to_owned());
        Ok(Self { suite, agent: agent.release, date, answers })
    }

    /// The records in a folder, that of the oldest agent first.
    ///
    /// # Errors
    /// The path of the one that cannot be read, and why.
    pub fn all(folder: &Path) -> Result<Vec<Self>, String> {
        let mut records = crate::golden::files(folder, "json")?
            .iter()
            .map(|path| {
                let text = fs::read_to_string(path).map_err(|error| error.to_string());
                let record = text.and_then(|text| Self::parse(&text));
                record.map_err(|error| format!("{}: {error}", path.display()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        records.sort_by_key(|record| record.agent);
        Ok(records)
    }

    /// Writes it to a folder, in place of the one of the same suite.
    ///
    /// # Errors
    /// The operating system's.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(format!("{}.json", self.suite)), format!("{:#}\n", self.to_json()))
    }

    fn to_json(&self) -> Value {
        let answers = self.answers.iter().map(|(command, forms)| {
            let forms: Map<_, _> = forms
                .iter()
                .map(|(form, outcome)| (form.clone(), json!(outcome.to_string())))
                .collect();
            (command.clone(), Value::Object(forms))
        });
        json!({
            "suite": self.suite,
            "agent": self.agent.to_string(),
            "date": self.date,
            "answers": answers.collect::<Map<_, _>>(),
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let word = |name: &str| json[name].as_str().ok_or(format!("no {name}")).map(str::to_owned);
        let mut answers = Answers::new();
        for (command, forms) in json["answers"].as_object().ok_or("no answers")? {
            for (form, outcome) in forms.as_object().ok_or("no forms")? {
                let outcome = outcome.as_str().unwrap_or_default().parse()?;
                answers.entry(command.clone()).or_default().insert(form.clone(), outcome);
            }
        }
        let agent = word("agent")?.parse().map_err(|_| "no version of an agent")?;
        Ok(Self { suite: word("suite")?, agent, date: word("date")?, answers })
    }

    /// Compares it with what came of the same agent, or one of another stable release, now. `same` says whether two
    /// outcomes are the same, that of now first.
    ///
    /// What is no contradiction is told loudly: that there is a newer agent, or a form that was never tried.
    ///
    /// # Errors
    /// The forms whose outcomes are different, and what to do.
    pub fn compare(
        &self,
        agent: &Fetched,
        tried: &[(Form, Outcome)],
        same: fn(&Outcome, &Outcome) -> bool,
    ) -> Result<(), String> {
        self.compare_each(agent, tried, |_, outcome, recorded| same(outcome, recorded))
    }

    /// The same with what came of it on this machine, which is no guest of the lab.
    ///
    /// # Errors
    /// As of [`compare`](Self::compare).
    pub fn compare_here(&self, agent: &Fetched, tried: &[(Form, Outcome)]) -> Result<(), String> {
        self.compare_each(agent, tried, |form, outcome, recorded| {
            outcome.is_again(recorded) || (may_fail_here(form) && outcome.is_elsewhere(recorded))
        })
    }

    fn compare_each(
        &self,
        agent: &Fetched,
        tried: &[(Form, Outcome)],
        same: impl Fn(&Form, &Outcome, &Outcome) -> bool,
    ) -> Result<(), String> {
        let suite = &self.suite;
        let again = format!("`cargo xtask compatibility {suite}` tries everything anew");
        let now = agent.release;
        if now != self.agent {
            let news =
                format!("the agent of {suite} is {now} now, the evidence is of {}", self.agent);
            skip("", &format!("{news}: {again}"));
            if (now.major, now.minor) != (self.agent.major, self.agent.minor) {
                return Ok(());
            }
        }
        let mut different = String::new();
        for (form, outcome) in tried {
            let what = format!("{} ({}) of agent {now}", form.command.name, form.name());
            match self.answer(form) {
                Some(recorded) if same(form, outcome, recorded) => {}
                Some(recorded) => {
                    let _ = writeln!(different, "{what}: {outcome}; the record says: {recorded}");
                }
                None => skip("", &format!("{what} was never tried in a guest: {again}")),
            }
        }
        if different.is_empty() { Ok(()) } else { Err(format!("{different}{again}")) }
    }

    fn answer(&self, form: &Form) -> Option<&Outcome> {
        self.answers.get(form.command.name)?.get(&form.name())
    }
}

/// The day, as `2026-11-25`.
///
/// # Errors
/// The system does not say.
pub fn today() -> std::io::Result<String> {
    let output = Command::new("date").args(["-u", "+%F"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
