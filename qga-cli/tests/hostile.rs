//! Whatever a guest says, a terminal gets lines and nothing else that it acts on, and not much more than the guest said.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use qga_cli::Question;
use qga_tests::seed::{inputs, seed};
use qga_tests::shown::{Liar, check_shown, input, questions};
use xtask::pins::Pins;

/// A guest that lies, for one test at a time: there is but one guest that is made up.
fn liar() -> MutexGuard<'static, Liar> {
    static LIAR: LazyLock<Mutex<Liar>> = LazyLock::new(|| {
        let history = Pins::open(Path::new("../schema")).and_then(|pins| pins.history());
        let history = history.expect("what is pinned reads");
        Mutex::new(Liar::possess(qga_cli::demo::the_agent(), history))
    });
    LIAR.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn whatever_a_guest_says_a_terminal_gets_nothing_that_it_acts_on() {
    let (liar, first) = (liar(), seed("what guests say"));
    let questions = questions();
    let mut lines = 0;
    for number in inputs(300) {
        liar.tell(&input(first.wrapping_add(number)));
        // Two of them are the same question, for people and for programs.
        let which = usize::try_from(number).expect("few") * 2 % questions.len();
        for words in &questions[which..which + 2] {
            let shown = Question::new(words).expect("understood").shown();
            check_shown(&shown, liar.said());
            lines += shown.lines().count();
        }
    }
    assert!(lines > 100, "{lines} lines were shown");
}

#[test]
fn what_was_once_worth_keeping_harms_no_terminal() {
    let (liar, questions) = (liar(), questions());
    let seeds = fs::read_dir("../fuzz/seeds/shown").expect("they are there");
    let (mut count, mut lines) = (0, 0);
    for seed in seeds {
        let seed = fs::read(seed.expect("listed").path()).expect("read");
        liar.check(&seed, questions.len(), |which| {
            let shown = Question::new(&questions[which]).expect("understood").shown();
            lines += shown.lines().count();
            shown
        });
        count += 1;
    }
    assert!(count >= 60 && lines > count, "{lines} lines were shown of {count} inputs");
}
