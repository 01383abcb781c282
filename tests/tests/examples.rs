//! Every example runs as it says, against the fake agent that it has for this.

use std::path::Path;
use std::process::Command;

#[test]
fn every_example_runs_without_a_guest() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../qga-bindings/examples");
    let mut tried = 0;
    for entry in std::fs::read_dir(examples).expect("there are examples") {
        let path = entry.expect("the folder reads").path();
        if path.is_dir() {
            // What several of them share.
            continue;
        }
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let run = Command::new(env!("CARGO"))
            .args([
                "run",
                "--quiet",
                "--package",
                "qga-bindings",
                "--all-features",
                "--example",
                name,
            ])
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{name}: {said}");
        assert!(!run.stdout.is_empty(), "{name} says nothing");
        tried += 1;
    }
    assert!(tried > 0, "no example was found");
}
