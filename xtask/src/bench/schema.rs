//! A crate of generated bindings, against one of the same types with serde's derive.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use qapi_codegen::Options;
use qapi_codegen::diagnostic::Format;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::History;
use qapi_codegen::source::SourceMap;
use quote::ToTokens as _;

use super::derived::Wire;
use super::measure::{Contender, Runs, side_by_side};
use super::results::Row;
use super::{Bench, cargo, generate};
use crate::pins;

/// The crate of types with derives, in tables.
pub(super) const DERIVED: &str = "the same types with serde's derive";

/// Checks and builds both, each by itself: what they depend on is compiled before.
pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>> {
    let tree = bench.source_tree()?;
    let packages = write(bench, &tree.join("qapi/qapi-schema.json"))?;
    let what = format!("types of QMP, of {}", generate::name(&tree));
    let mut rows = Vec::new();
    for (verb, done) in [("check", "checked"), ("build --release", "built")] {
        let contenders =
            [compile("ours", verb, &packages[0]), compile(DERIVED, verb, &packages[1])];
        // Once in vain: the first run compiles what they depend on.
        side_by_side(&bench.meter, 1, &contenders)?;
        let runs = side_by_side(&bench.meter, bench.rounds(3), &contenders)?;
        let [ours, theirs] = &runs[..] else { continue };
        let times = |runs: &Runs| runs.figures(|cost| cost.cpu);
        let row = Row::new(&format!("{what}, {done}, processor time"), "s", times(ours));
        rows.push(row.against(DERIVED, times(theirs)).at_most(1.0));
    }
    let sizes = packages.map(|package| size(&package));
    let [ours, theirs] = sizes;
    let row = Row::new(&format!("{what}, size of the library"), "B", vec![ours?]);
    rows.push(row.against(DERIVED, vec![theirs?]).at_most(1.0));
    Ok(rows)
}

/// Writes both packages. Neither is formatted, and both have their types from the same runtime.
fn write(bench: &Bench, schema: &Path) -> Result<[PathBuf; 2]> {
    let mut sources = SourceMap::new();
    let schema = pins::read(&mut sources, schema, Dialect::strict())?;
    let generated = Options::new().generate(&History::single(schema));
    let bindings =
        generated.map_err(|faults| anyhow!("{}", faults.render(&sources, Format::Human)))?;
    let files = ["types.rs", "commands.rs", "events.rs"].map(|name| {
        let text = bindings.files().get(name).context("a file is not generated")?;
        Ok((name, syn::parse_file(text)?))
    });
    let files: Vec<(&str, syn::File)> = files.into_iter().collect::<Result<_>>()?;
    let mut wire = Wire::default();
    for (_, file) in &files {
        wire.learn(file);
    }
    let packages = ["generated", "derived"].map(|name| bench.folder.join("schema").join(name));
    for package in &packages {
        fs::create_dir_all(package.join("src"))
            .with_context(|| format!("making {}", package.display()))?;
        fs::write(package.join("Cargo.toml"), manifest(bench, package.ends_with("derived")))?;
        fs::write(package.join("src/lib.rs"), LIB)?;
        let status =
            cargo(package).args(["fetch", "--quiet"]).status().context("starting cargo")?;
        ensure!(status.success(), "the dependencies of {} are not to be had", package.display());
    }
    let [generated, derived] = &packages;
    for (name, file) in files {
        fs::write(generated.join("src").join(name), file.to_token_stream().to_string())?;
        fs::write(derived.join("src").join(name), wire.derive(file)?)?;
    }
    Ok(packages)
}

fn manifest(bench: &Bench, derived: bool) -> String {
    let bindings = bench.root.join("qga-bindings").to_string_lossy().into_owned();
    let serde = if derived { "serde = { version = \"1\", features = [\"derive\"] }\n" } else { "" };
    format!(
        "[package]\nname = \"types\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         qga-bindings = {{ path = {bindings:?} }}\n{serde}"
    )
}

/// The modules that have types in them.
const LIB: &str = "#![allow(unused)]\npub mod types;\npub mod commands;\npub mod events;\n";

/// Compiles the package anew, and nothing that it depends on.
fn compile(name: &'static str, verb: &str, package: &Path) -> Contender {
    let script =
        format!("touch src/lib.rs; exec cargo {verb} --offline --quiet --target-dir target");
    let mut contender =
        Contender::new(name, "sh").args(["-c", &script]).env("CARGO_INCREMENTAL", "0");
    contender.command.current_dir(package);
    contender
}

/// The size of the built library, in bytes.
#[expect(clippy::cast_precision_loss, reason = "libraries are smaller")]
fn size(package: &Path) -> Result<f64> {
    let library = package.join("target/release/libtypes.rlib");
    let found = fs::metadata(&library).with_context(|| library.display().to_string())?;
    Ok(found.len() as f64)
}
