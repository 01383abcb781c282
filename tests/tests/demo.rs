//! The demonstration, where there is no agent.

use std::process::Command;

#[test]
fn the_demonstration_needs_no_agent() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_demo")).arg("--recorded").output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "system    Debian GNU/Linux 12 (bookworm), kernel 6.1.0-18-amd64",
        "host name guest",
        ", of 1000",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
}
