//! `schema compile`: bindings of any schema, generated into a throw-away package and compiled without a warning.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use qapi_codegen::diagnostic::Format;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, items};
use qapi_codegen::source::SourceMap;
use qapi_codegen::{Bindings, Options};

use crate::{pins, root};

/// Where the package is, in the target folder.
const PACKAGE: &str = "schema-compile";

/// Generates the bindings of each schema, all into one package, and compiles that under the lints of the workspace. Items
/// that `renames` names have the name next to them.
///
/// # Errors
/// What is wrong with a schema, or that its bindings do not compile or not without warnings; cargo has said why.
pub fn run(files: &[&str], dialect: Dialect, renames: &[(&str, &str)]) -> Result<()> {
    let root = root()?;
    let package = target(&root).join(PACKAGE);
    let mut modules = BTreeMap::new();
    for file in &schemas(files)? {
        let begun = Instant::now();
        let bindings = generate(Path::new(file), dialect, renames).with_context(|| file.clone())?;
        let lines: usize = bindings.files().values().map(|text| text.lines().count()).sum();
        println!("{} {lines} lines from {file}", seconds(begun.elapsed()));
        modules.insert(module_name(file, &modules), bindings);
    }
    write(&root, &package, &modules)?;
    // Everything but this package has been looked at elsewhere.
    cargo(
        &root,
        &package,
        "linted",
        &["clippy", "--no-deps", "--quiet"],
        &["--", "-D", "warnings"],
    )?;
    cargo(&root, &package, "compiled", &["build", "--quiet"], &[])
}

/// These files, and for a folder all schemas in it.
fn schemas(paths: &[&str]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for path in paths {
        if !Path::new(path).is_dir() {
            files.push((*path).to_owned());
            continue;
        }
        let first = files.len();
        for entry in fs::read_dir(path).with_context(|| format!("listing {path}"))? {
            let entry = entry.with_context(|| format!("listing {path}"))?.path();
            if entry.extension().is_some_and(|extension| extension == "json") {
                files.push(entry.to_string_lossy().into_owned());
            }
        }
        files[first..].sort();
    }
    ensure!(!files.is_empty(), "no schema in {}", paths.join(", "));
    Ok(files)
}

/// Where cargo builds.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

fn generate(file: &Path, dialect: Dialect, renames: &[(&str, &str)]) -> Result<Bindings> {
    let mut sources = SourceMap::new();
    let schema = pins::read(&mut sources, file, dialect)?;
    let items = items(&schema);
    let renames = renames.iter().filter(|(item, _)| items.contains_key(*item));
    let options =
        renames.fold(Options::new(), |options, (item, name)| options.rename(*item, *name));
    let generated = options.generate(&History::single(schema));
    generated.map_err(|faults| anyhow!("{}", faults.render(&sources, Format::Human)))
}

/// A name for the module of the schema in `file` that no other has.
fn module_name(file: &str, taken: &BTreeMap<String, Bindings>) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_ascii_lowercase();
    let numbered = (2..).map(|number| format!("of_{name}_{number}"));
    let mut names = std::iter::once(format!("of_{name}")).chain(numbered);
    names.find(|name| !taken.contains_key(name)).unwrap_or_default()
}

/// Writes the package anew.
fn write(root: &Path, package: &Path, modules: &BTreeMap<String, Bindings>) -> Result<()> {
    let io = |path: &Path| format!("writing {}", path.display());
    let source = package.join("src");
    if source.exists() {
        fs::remove_dir_all(&source).with_context(|| io(&source))?;
    }
    // Each level of nested types takes two of what rustc does to see that a future is `Send`; it stops at 128.
    let mut lib =
        "//! Bindings of schemas, to see whether they compile.\n#![recursion_limit = \"4096\"]\n"
            .to_owned();
    for (name, bindings) in modules {
        bindings.write_to(source.join(name))?;
        writeln!(lib, "\n/// A schema's.\npub mod {name};")?;
    }
    fs::write(source.join("lib.rs"), lib).with_context(|| io(&source))?;
    let manifest = package.join("Cargo.toml");
    fs::write(&manifest, self::manifest(root)?).with_context(|| io(&manifest))?;
    // The same versions of everything, so that nothing is downloaded or built twice.
    let lock = package.join("Cargo.lock");
    fs::copy(root.join("Cargo.lock"), &lock).with_context(|| io(&lock))?;
    Ok(())
}

/// The manifest of the package: a workspace of its own, with the lints and profiles of this one.
fn manifest(root: &Path) -> Result<String> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let tables = text.split_inclusive('\n').scan(false, |wanted, line| {
        if line.starts_with('[') {
            *wanted = line.starts_with("[workspace.lints") || line.starts_with("[profile");
        }
        Some(if *wanted { line } else { "" })
    });
    let tables: String = tables.collect();
    ensure!(!tables.is_empty(), "{} has no lints", path.display());
    let bindings = root.join("qga-bindings").to_string_lossy().into_owned();
    Ok(format!(
        "[workspace]\n\n[package]\nname = \"{PACKAGE}\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n\
         qga-bindings = {{ path = {bindings:?} }}\n\n[lints]\nworkspace = true\n\n{tables}"
    ))
}

/// Runs cargo on the package and says how long that took.
fn cargo(root: &Path, package: &Path, done: &str, verb: &[&str], rest: &[&str]) -> Result<()> {
    let begun = Instant::now();
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(verb)
        .arg("--manifest-path")
        .arg(package.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target(root))
        .args(rest)
        // It is compiled once, and what would make the next time quicker takes gigabytes.
        .env("CARGO_INCREMENTAL", "0")
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "what was generated in {} is not {done}", package.display());
    println!("{} {done}", seconds(begun.elapsed()));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:>6.1} s ", time.as_secs_f64())
}
