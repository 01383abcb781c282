//! What the published crate brings into a build.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use serde_json::Value;

/// What cargo says, run with these arguments.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {complaint}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// The packages that `qga-bindings` is built from with these features, a line each.
fn built_from(features: &str) -> String {
    let package = ["--package", "qga-bindings", "--edges", "normal,build", "--prefix", "none"];
    let choice = ["--no-default-features", "--features", features];
    cargo(&[&["tree", "--locked"], &package[..], &choice[..]].concat())
}

/// The names of the features.
fn features() -> Vec<String> {
    let text = cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let bindings = packages.iter().find(|package| package["name"] == "qga-bindings").unwrap();
    bindings["features"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn no_feature_of_the_bindings_brings_a_procedural_macro() {
    let features = features();
    assert!(features.iter().any(|feature| feature == "tokio"), "{features:?}");
    for chosen in features.iter().cloned().chain([String::new(), features.join(",")]) {
        let tree = built_from(&chosen);
        assert!(tree.contains("serde_json v"), "{tree}");
        let macros: Vec<_> = tree.lines().filter(|line| line.contains("(proc-macro)")).collect();
        assert!(macros.is_empty(), "with the features `{chosen}`: {macros:?}");
    }
}

#[test]
fn a_procedural_macro_would_be_seen() {
    let tree = cargo(&["tree", "--locked", "--package", "qapi-codegen", "--prefix", "none"]);
    assert!(tree.contains("(proc-macro)"), "{tree}");
}
