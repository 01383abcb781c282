//! `conformance`: runs the cases of QEMU's own front end and compares verdicts, places and structures.
//!
//! What messages say is never compared: only whether a schema is accepted, where the first complaint is, and
//! what an accepted schema consists of.

mod case;
mod exceptions;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use case::Case;
use exceptions::Exceptions;
use table::Table;

const USAGE: &str = "\
usage: cargo xtask conformance [--corpus DIR]

DIR is a folder `tests/qapi-schema` of QEMU's: NAME.json, NAME.err and NAME.out of each case, and the list of the
cases that count, in `meson.build`, or in `cases.txt`, one on each line. Without it they are fetched, as a part of a
source package of Debian's, which takes 40 MB once. Cases that may differ are listed with a reason in tests/conformance-exceptions.txt.

Exits with 0 if every case agrees, or is a listed exception that does not agree; with 1 otherwise.";

pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let corpus = match arguments {
        [] => fetched(),
        [option, corpus] if option == "--corpus" => Ok(corpus.into()),
        [option] if option.starts_with("--corpus=") => Ok(option["--corpus=".len()..].into()),
        [option] if option == "--help" || option == "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match corpus.and_then(|corpus| run(&corpus)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot run the cases: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The cases that the lab has.
#[cfg(unix)]
fn fetched() -> anyhow::Result<PathBuf> {
    use xtask::lab::{Lab, source};
    source::test_cases(&Lab::of(&xtask::root()?))
}

#[cfg(not(unix))]
fn fetched() -> anyhow::Result<PathBuf> {
    anyhow::bail!("they are fetched on Unix only: `--corpus DIR` names them")
}

/// Runs everything, prints what came of it, and says whether all is well.
fn run(corpus: &Path) -> anyhow::Result<bool> {
    let names = case_names(corpus)?;
    let list =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance-exceptions.txt"));
    let exceptions = Exceptions::read(&list)?;
    let mut table = Table::default();
    let mut complaints = Vec::new();
    let mut excused = Vec::new();
    for name in &names {
        let case = Case::read(corpus, name).with_context(|| format!("case {name}"))?;
        let outcome = case.run(corpus);
        match (outcome.complaint(), exceptions.reason(name)) {
            (None, None) => {}
            (None, Some(_)) => {
                complaints.push(format!("{name} agrees: remove it from the list of exceptions"));
            }
            (Some(complaint), None) => complaints.push(format!("{name}: {complaint}")),
            (Some(complaint), Some(reason)) => {
                excused.push(format!("{name}: {complaint} ({reason})"));
            }
        }
        table.count(category(name), &outcome);
    }
    complaints.extend(
        exceptions.unknown(&names).map(|name| format!("{name} is an exception, but no case")),
    );

    print!("{table}");
    for line in excused {
        println!("exception  {line}");
    }
    for line in &complaints {
        println!("differs    {line}");
    }
    Ok(complaints.is_empty())
}

/// The registered cases, and those that have no input on purpose.
fn case_names(corpus: &Path) -> anyhow::Result<BTreeSet<String>> {
    let lists = ["cases.txt", "meson.build"].map(|name| corpus.join(name));
    let path = lists.iter().find(|path| path.is_file());
    let path = path.with_context(|| format!("{} has no list of cases", corpus.display()))?;
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    // One on each line, between quotes and with a comma in the second, which also has other lines.
    let lines = text.lines().map(|line| line.trim().trim_end_matches(',').trim_matches('\''));
    let mut names: BTreeSet<String> = lines
        .filter_map(|line| line.strip_suffix(".json").filter(|name| is_name(name)))
        .map(str::to_owned)
        .collect();
    for entry in std::fs::read_dir(corpus)? {
        let path = entry?.path();
        let has = |extension: &str| path.with_extension(extension).exists();
        if path.extension().is_some_and(|extension| extension == "err")
            && has("out")
            && !has("json")
        {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    anyhow::ensure!(!names.is_empty(), "{} lists no cases", path.display());
    Ok(names)
}

fn is_name(text: &str) -> bool {
    text.chars().all(|each| each.is_ascii_alphanumeric() || "-_.".contains(each))
}

/// What a case is about, by its name.
fn category(name: &str) -> &'static str {
    const RULES: [(&str, &str); 45] = [
        ("doc-", "documentation"),
        ("features-", "features"),
        ("alternate-", "alternates"),
        ("union-", "unions"),
        ("enum-", "enums"),
        ("struct-", "structs"),
        ("nested-struct-", "structs"),
        ("base-cycle-", "structs"),
        ("bad-base", "structs"),
        ("bad-data", "structs"),
        ("event-", "events"),
        ("args-", "arguments"),
        ("returns-", "return types"),
        ("allow-preconfig-", "flags"),
        ("oob-", "flags"),
        ("type-bypass-", "flags"),
        ("include-", "includes"),
        ("pragma-", "pragmas"),
        ("bad-if", "conditions"),
        ("reserved-", "names"),
        ("type-case", "names"),
        ("command-int", "redefinition"),
        ("redefined-", "redefinition"),
        ("bad-ident", "names"),
        ("double-type", "top-level keys"),
        ("missing-type", "top-level keys"),
        ("unknown-expr-key", "top-level keys"),
        ("bad-type-int", "lexical"),
        ("bad-type-", "names"),
        ("comments", "lexical"),
        ("empty", "lexical"),
        ("indented-expr", "lexical"),
        ("funny-", "lexical"),
        ("ident-with-escape", "lexical"),
        ("string-code-point-", "lexical"),
        ("unknown-escape", "lexical"),
        ("unclosed-string", "lexical"),
        ("duplicate-key", "syntax"),
        ("leading-comma-", "syntax"),
        ("trailing-comma-", "syntax"),
        ("missing-", "syntax"),
        ("unclosed-", "syntax"),
        ("non-objects", "syntax"),
        ("quoted-structural-", "syntax"),
        ("qapi-schema-test", "everything"),
    ];
    RULES
        .iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map_or("other", |(_, category)| category)
}
