//! What is generated and checked in is what would be generated now.

use std::path::Path;

use xtask::codegen::{COMMAND, outputs};
use xtask::pins::Pins;

#[test]
fn nothing_that_is_checked_in_is_stale() {
    let root = Path::new("..");
    let pins = Pins::open(&root.join("schema")).expect("what is pinned reads");
    let stale =
        outputs(root, &pins).expect("it can be generated").stale().expect("the files can be read");
    let list = stale.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(stale.is_empty(), "{list}\nrun `{COMMAND}`");
}

#[test]
fn generating_twice_gives_the_same() {
    let root = Path::new("..");
    let generate = || {
        let pins = Pins::open(&root.join("schema")).expect("what is pinned reads");
        xtask::codegen::bindings(&pins).expect("it can be generated").files().clone()
    };
    assert_eq!(generate(), generate());
}
