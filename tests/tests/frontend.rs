//! Schemas in, goldens out: one test for each file under `cases/`.
//!
//! - `accept/NAME.json` reads in strict mode without a word; `NAME.schema` is the dump of it.
//! - `reject/NAME.json` does not; `NAME.err` is what is reported, and `NAME` starts with the code of that. Every
//!   report says what to do.
//! - `dialect/NAME.json` reads with every old form allowed, but not in strict mode; `NAME.schema` is the dump,
//!   with the warnings before it.
//! - `introspect/NAME.json` is shown as clients see it, with real and with masked names.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use qapi_codegen::diagnostic::{Code, Diagnostic, Diagnostics, Format, Severity, Stage};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::introspect::{self, Names};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;
use qga_tests::front_end::LIMITS;
use qga_tests::golden;

const COMMAND: &str = "cargo test -p qga-tests --test frontend";

/// What is done with one case.
type Check = fn(&Path) -> Result<(), String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let kinds: [(&str, Check); 4] = [
        ("accept", accept),
        ("reject", reject),
        ("dialect", dialect),
        ("introspect", introspection),
    ];
    let mut trials = vec![Trial::test("every_code_has_a_case", || Ok(every_code_has_a_case()?))];
    for (kind, check) in kinds {
        match golden::files(&Path::new("cases").join(kind), "json") {
            Ok(files) => trials.extend(files.into_iter().map(|file| trial(kind, file, check))),
            Err(complaint) => {
                trials.push(Trial::test(format!("{kind}_cases_are_there"), || {
                    Err(Failed::from(complaint))
                }));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(kind: &str, file: PathBuf, check: Check) -> Trial {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Trial::test(format!("{kind}/{stem}"), move || Ok(check(&file)?))
}

/// The schema in `file`, and all there is to say about it.
fn read(file: &Path, dialect: Dialect) -> (Option<Schema>, Diagnostics, String) {
    let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
    let schema = qapi_codegen::read(&mut sources, file, dialect, &mut diagnostics);
    let report = diagnostics.render(&sources, Format::Human);
    (schema, diagnostics, report)
}

fn accept(file: &Path) -> Result<(), String> {
    let (schema, _, report) = read(file, Dialect::strict());
    let schema = schema.filter(|_| report.is_empty()).ok_or(report)?;
    golden::compare(&file.with_extension("schema"), &schema.dump(), COMMAND)
}

fn reject(file: &Path) -> Result<(), String> {
    let (schema, diagnostics, report) = read(file, Dialect::strict());
    if schema.is_some() {
        return Err(format!("{} is accepted", file.display()));
    }
    let first = diagnostics.as_slice().iter().find(|one| one.severity == Severity::Error);
    let code = first.ok_or("rejected without an error")?.code.as_str();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    if stem.strip_prefix(code).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('-')) {
        return Err(format!(
            "the first error is `{code}`, which does not start the file's name\n{report}"
        ));
    }
    // What a syntax error expected is its own advice.
    let advises = |one: &&Diagnostic| one.help.is_some() || one.code == Code::UnexpectedToken;
    if let Some(silent) = diagnostics.as_slice().iter().find(|one| !advises(one)) {
        return Err(format!("`{}` does not say what to do: {}", silent.code, silent.message));
    }
    golden::compare(&file.with_extension("err"), &report, COMMAND)
}

fn dialect(file: &Path) -> Result<(), String> {
    if read(file, Dialect::strict()).0.is_some() {
        return Err(format!("{} is accepted in strict mode, too", file.display()));
    }
    let (schema, _, report) = read(file, Dialect::any());
    let schema = schema.ok_or_else(|| report.clone())?;
    let separator = if report.is_empty() { "" } else { "----\n" };
    let text = format!("{report}{separator}{}", schema.dump());
    golden::compare(&file.with_extension("schema"), &text, COMMAND)
}

fn introspection(file: &Path) -> Result<(), String> {
    let (schema, _, report) = read(file, Dialect::strict());
    let schema = schema.ok_or(report)?;
    for (names, extension) in [(Names::Real, "real"), (Names::Masked, "masked")] {
        let infos = introspect::introspect(&schema, names);
        let text = introspect::to_json(&infos).map_err(|error| error.to_string())?;
        golden::compare(&file.with_extension(extension), &text, COMMAND)?;
    }
    Ok(())
}

/// Every fault that a schema can have is shown by a rejected case that is named after it.
fn every_code_has_a_case() -> Result<(), String> {
    let files = golden::files(Path::new("cases/reject"), "json")?;
    let mut seen = std::collections::BTreeSet::new();
    for file in files {
        let (_, diagnostics, _) = read(&file, Dialect::strict());
        seen.extend(diagnostics.as_slice().iter().take(1).map(|first| first.code));
    }
    let lacks_case = |code: &&Code| {
        code.stage() <= Stage::Schema
            // Only a dialect can turn faults of documentation into this warning.
            && **code != Code::LegacyDocs
            // Those need more text than a file here should have; unit tests make it up.
            && !LIMITS.contains(code)
            && !seen.contains(code)
    };
    let missing: Vec<_> = Code::ALL.iter().filter(lacks_case).map(|code| code.as_str()).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("no case in cases/reject for: {}", missing.join(", ")))
    }
}
