//! Any text in the answers of a guest, which the tool shows: nothing is left that a terminal acts on. The first byte chooses a
//! subcommand, the next eight the rest of the answers.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use qga_tests::shown::{Liar, check_shown};

static LIAR: LazyLock<Liar> = LazyLock::new(|| {
    let history = qga_tests::matrix::pins().history().expect("what is pinned reads");
    Liar::possess(qga_cli::demo::the_agent(), history)
});

const QUESTIONS: &[&str] = &[
    "info", "hostname", "fs", "disks", "net", "routes", "users", "cpus", "mem", "load", "timezone",
    "devices", "list", "time",
];

fuzz_target!(|input: &[u8]| {
    let Some((first, input)) = input.split_first() else { return };
    LIAR.tell(input);
    let question = QUESTIONS[usize::from(first >> 1) % QUESTIONS.len()];
    let json = (first & 1 == 1).then_some("--json");
    let arguments: Vec<_> = ["qga", "-c", "demo:", question].into_iter().chain(json).collect();
    check_shown(&qga_cli::shown(&arguments), LIAR.said());
});
