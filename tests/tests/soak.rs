//! Clients used for a while, in a process of their own, whose memory is measured.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use qga_tests::agent::skip;

/// The variable that has this done.
const REQUIRED: &str = "QGA_REQUIRE_SOAK";

#[test]
fn nothing_grows_hangs_or_goes_to_another_call_in_a_short_soak() {
    if std::env::var_os(REQUIRED).is_none() {
        skip(
            "",
            "a soak takes half a minute: QGA_REQUIRE_SOAK=1 runs it, as `cargo xtask test` does",
        );
        return;
    }
    let mut soak = Command::new(env!("CARGO_BIN_EXE_soak"));
    // What it leaves out is to be seen.
    let output = soak.arg("--short").stderr(Stdio::inherit()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}");
    assert!(output.status.success(), "{said}");
}
