//! Whatever a guest says, a terminal gets lines and nothing else that it acts on, and not much more than the guest said.

use std::path::Path;

use qga_cli::Question;
use qga_tests::seed::{inputs, seed};
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
    &["commands", "--agent"],
    &["time"],
    &["keys", "list", "root"],
    &["call", "guest-get-fsinfo"],
];

#[test]
fn whatever_a_guest_says_a_terminal_gets_nothing_that_it_acts_on() {
    let history = Pins::open(Path::new("../schema")).and_then(|pins| pins.history());
    let liar = Liar::possess(qga_cli::demo::the_agent(), history.expect("what is pinned reads"));
    let first = seed("what guests say");
    let mut lines = 0;
    for number in inputs(300) {
        liar.tell(&input(first.wrapping_add(number)));
        let question = QUESTIONS[usize::try_from(number).expect("few") % QUESTIONS.len()];
        for format in [None, Some("--json")] {
            let arguments = ["qga", "-c", "demo:"].iter().chain(question).copied().chain(format);
            let question = Question::new(&arguments.collect::<Vec<_>>()).expect("understood");
            let shown = question.shown();
            check_shown(&shown, liar.said());
            lines += shown.lines().count();
        }
    }
    assert!(lines > 100, "{lines} lines were shown");
}
