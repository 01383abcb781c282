//! `cargo xtask package`: the published crates as they would be published, and a program that depends on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// What is published, and what depends on others last.
const PUBLISHED: [&str; 2] = ["qga-bindings", "qga-cli"];

/// What every crate has.
const EXPECTED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// What else a crate may have, by how its path begins.
const ALLOWED: [&str; 6] =
    ["src/", "examples/", "schemas/", "Cargo.lock", "Cargo.toml.orig", ".cargo_vcs_info.json"];

/// How large a crate may be, in bytes, compressed.
const LARGEST: u64 = 1 << 20;

/// A program that depends on the bindings, and tries that they work.
const DEPENDANT: &str = r#"use qga_bindings::blocking::Client;
use qga_bindings::{Commands as _, fake};

fn main() -> Result<(), qga_bindings::Error> {
    let agent = fake::Agent::new();
    agent.set_version("11.1.3");
    let mut client = Client::new(agent.connect());
    client.guest_ping()?;
    println!("an agent of {} answers", client.guest_info()?.version);
    Ok(())
}
"#;

/// Packs what is published, looks at what is in it, and builds what depends on it, away from the workspace.
///
/// # Errors
/// What is missing, what does not belong there, or what does not build.
pub fn run(root: &Path) -> Result<()> {
    let metadata = cargo(root, &["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let target = metadata["target_directory"].as_str().context("cargo names no target folder")?;
    let folder = Path::new(target).join("package");
    for name in PUBLISHED {
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let package = packages.into_iter().find(|package| package["name"] == name);
        check_manifest(package.with_context(|| format!("there is no package {name}"))?)?;
        let list = cargo(root, &["package", "--list", "--allow-dirty", "--package", name])?;
        check_files(name, &String::from_utf8_lossy(&list.stdout))?;
    }
    let mut pack = vec!["package", "--no-verify", "--allow-dirty", "--quiet"];
    pack.extend(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    cargo(root, &pack)?;
    let unpacked = folder.join("unpacked");
    drop(fs::remove_dir_all(&unpacked));
    fs::create_dir_all(&unpacked)?;
    let version = metadata["packages"][0]["version"].as_str().unwrap_or_default();
    for name in PUBLISHED {
        let archive = folder.join(format!("{name}-{version}.crate"));
        let size = fs::metadata(&archive).with_context(|| archive.display().to_string())?.len();
        ensure!(
            size <= LARGEST,
            "{name} is packed into {size} bytes: something does not belong in it"
        );
        println!("{name} {version}: {} kB", size / 1000);
        let unpack =
            Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&unpacked).status();
        ensure!(unpack.context("starting tar")?.success(), "{} is no archive", archive.display());
    }
    let crates = PUBLISHED.map(|name| unpacked.join(format!("{name}-{version}")));
    build(&folder, &crates)
}

/// The folder of the bindings as they are packed, after [`run`].
pub(crate) fn unpacked_bindings(root: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(root.join("target/package/unpacked")).ok()?.flatten();
    let mut folders = folders.map(|entry| entry.path());
    folders.find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PUBLISHED[0]))
    })
}

/// A registry shows what a manifest says.
fn check_manifest(package: &Value) -> Result<()> {
    let is_there = |field: &&str| match &package[*field] {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    let fields = ["description", "license", "readme", "rust_version", "keywords", "categories"];
    let missing: Vec<_> = fields.iter().filter(|field| !is_there(field)).collect();
    let docs = &package["metadata"]["docs"]["rs"]["all-features"];
    ensure!(missing.is_empty(), "the manifest of {} lacks {missing:?}", package["name"]);
    ensure!(*docs == true, "the manifest of {} has no package.metadata.docs.rs", package["name"]);
    Ok(())
}

fn check_files(name: &str, list: &str) -> Result<()> {
    for expected in EXPECTED {
        ensure!(list.lines().any(|file| file == expected), "{name} is packed without {expected}");
    }
    let belongs = |file: &&str| {
        EXPECTED.contains(file)
            || ALLOWED.iter().any(|start| file.replace('\\', "/").starts_with(start))
    };
    match list.lines().find(|file| !belongs(file)) {
        None => Ok(()),
        Some(file) => bail!("{file} does not belong in {name}: see `include` in its manifest"),
    }
}

/// Builds a program that depends on the first crate, and the second with the first in place of the one of a registry.
fn build(folder: &Path, crates: &[PathBuf; 2]) -> Result<()> {
    let [bindings, tool] = crates;
    let program = folder.join("dependant");
    fs::create_dir_all(program.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"dependant\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         qga-bindings = {{ path = {:?}, features = [\"fake\"] }}\n\n[workspace]\n",
        bindings.display().to_string()
    );
    fs::write(program.join("Cargo.toml"), manifest)?;
    fs::write(program.join("src/main.rs"), DEPENDANT)?;
    let target = folder.join("target").display().to_string();
    let output = cargo(&program, &["run", "--quiet", "--target-dir", &target])?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    let patch = format!("patch.crates-io.qga-bindings.path={:?}", bindings.display().to_string());
    cargo(tool, &["check", "--quiet", "--config", &patch, "--target-dir", &target])?;
    println!("{} builds from what is packed", PUBLISHED[1]);
    Ok(())
}

/// Runs cargo without a network, and with one if it has to.
fn cargo(folder: &Path, arguments: &[&str]) -> Result<Output> {
    let run = |offline: &[&str]| {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What one workspace wants of the compiler is no matter of another's.
        cargo.args(arguments).args(offline).current_dir(folder).env_remove("RUSTFLAGS");
        cargo.output().context("starting cargo")
    };
    let mut output = run(&["--offline"])?;
    if !output.status.success() {
        output = run(&[])?;
    }
    ensure!(
        output.status.success(),
        "cargo {} failed in {}:\n{}",
        arguments.join(" "),
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_licence_or_with_tests_is_refused() {
        let good = "Cargo.toml\nLICENSE-APACHE\nLICENSE-MIT\nREADME.md\nsrc/lib.rs\n";
        check_files("a", good).expect("complete");
        check_files("a", &good.replace("LICENSE-MIT\n", "")).expect_err("a licence is missing");
        check_files("a", &format!("{good}tests/cases/a.json\n")).expect_err("tests are no part");
    }

    #[test]
    fn a_manifest_that_says_too_little_is_refused() {
        let mut package = serde_json::json!({
            "name": "a", "description": "b", "license": "MIT", "readme": "README.md", "rust_version": "1.85",
            "keywords": ["a"], "categories": ["b"], "metadata": { "docs": { "rs": { "all-features": true } } },
        });
        check_manifest(&package).expect("complete");
        package["keywords"] = serde_json::json!([]);
        check_manifest(&package).expect_err("no keywords");
    }
}
