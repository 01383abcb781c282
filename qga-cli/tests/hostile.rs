//! Whatever a guest says, a terminal gets lines and nothing else that it acts on, and not much more than the guest said.

use std::path::Path;
use std::time::{Duration, Instant};

use qga_tests::seed::seed;
use qga_tests::shown::{Liar, check_shown, input};
use xtask::pins::Pins;

/// What is asked of a guest that lies.
const QUESTIONS: &[&[&str]] = &[
    &["info"],
    &["hostname"],
    &["fs"],
    &["disks"],
    &["net"],
    &["routes"],
    &["users"],
    &["cpus"],
    &["mem"],
    &["load"],
    &["timezone"],
    &["devices"],
    &["list"],
    &["time"],
    &["keys", "list", "root"],
    &["call", "guest-get-fsinfo"],
];

/// How long is asked: longer where `QGA_FUZZ_SECONDS` says so.
fn time() -> Duration {
    let seconds = std::env::var("QGA_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

#[test]
fn whatever_a_guest_says_a_terminal_gets_nothing_that_it_acts_on() {
    let history = Pins::open(Path::new("../schema")).and_then(|pins| pins.history());
    let liar = Liar::possess(qga_cli::demo::the_agent(), history.expect("what is pinned reads"));
    let (first, begun) = (seed("what guests say"), Instant::now());
    let mut lines = 0;
    for number in 0.. {
        liar.tell(&input(first.wrapping_add(number)));
        let question = QUESTIONS[usize::try_from(number).expect("few") % QUESTIONS.len()];
        for format in [None, Some("--json")] {
            let arguments = ["qga", "-c", "demo:"].iter().chain(question).copied().chain(format);
            let shown = qga_cli::shown(&arguments.collect::<Vec<_>>());
            check_shown(&shown, liar.said());
            lines += shown.lines().count();
        }
        if begun.elapsed() > time() && number > 100 {
            break;
        }
    }
    assert!(lines > 100, "{lines} lines were shown");
}
