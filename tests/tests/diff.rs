//! What changed between two schemas, and what that means: one test for each folder under `cases/diff`.
//!
//! A folder holds `old.json`, `new.json` and the report. One named like a rule shows that rule, and every rule
//! has one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use qapi_codegen::history::{Change, RULES, diff};
use qapi_codegen::report::{DiffReport, Format};
use qapi_codegen::source::SourceMap;
use qga_tests::golden;

const COMMAND: &str = "cargo test -p qga-tests --test diff";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("every_rule_has_a_case", || {
        every_rule_has_a_case().map_err(Failed::from)
    })];
    trials.extend(folders().into_iter().map(|folder| {
        let name = name(&folder);
        Trial::test(name, move || case(&folder).map_err(Failed::from))
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir("cases/diff").into_iter().flatten().flatten();
    let mut folders =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>();
    folders.sort();
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn every_rule_has_a_case() -> Result<(), String> {
    let cases = folders().iter().map(|folder| name(folder)).collect::<BTreeSet<_>>();
    let missing = RULES
        .iter()
        .map(|rule| rule.name)
        .filter(|rule| !cases.contains(*rule))
        .collect::<Vec<_>>();
    if missing.is_empty() { Ok(()) } else { Err(format!("no case for {}", missing.join(", "))) }
}

fn case(folder: &Path) -> Result<(), String> {
    let changes = changes(folder)?;
    let case = name(folder);
    let is_rule = RULES.iter().any(|rule| rule.name == case);
    if is_rule && !changes.iter().any(|change| change.rule().name == case) {
        return Err(format!("the rule {case} applies to nothing here: {changes:#?}"));
    }
    let report = DiffReport { from: "old", to: "new", changes: &changes };
    golden::compare(&folder.join("report.txt"), &report.render(Format::Text), COMMAND)
}

fn changes(folder: &Path) -> Result<Vec<Change>, String> {
    let mut sources = SourceMap::new();
    let old = qapi_codegen::load(&mut sources, folder.join("old.json"))
        .map_err(|error| error.to_string())?;
    let new = qapi_codegen::load(&mut sources, folder.join("new.json"))
        .map_err(|error| error.to_string())?;
    Ok(diff(&old, &new))
}
