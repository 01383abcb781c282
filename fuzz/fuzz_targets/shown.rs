//! Any text in the answers of a guest, which the tool shows: nothing is left that a terminal acts on. The first byte chooses a
//! subcommand, the next eight the rest of the answers.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use qga_cli::Question;
use qga_tests::shown::{Liar, check_shown};

static LIAR: LazyLock<Liar> = LazyLock::new(|| {
    let history = qga_tests::matrix::pins().history().expect("what is pinned reads");
    Liar::possess(qga_cli::demo::the_agent(), history)
});

const QUESTIONS: &[&str] = &[
    "info",
    "hostname",
    "fs",
    "disks",
    "net",
    "routes",
    "users",
    "cpus",
    "mem",
    "load",
    "timezone",
    "devices",
    "commands --agent",
    "time",
    "keys list root",
    "call guest-get-fsinfo",
];

/// How much of an input counts. Each text of an answer is made of it, of which there may be hundreds.
const ENOUGH: usize = 256;

thread_local! {
    /// Each of them for people and for programs. The command line is read once.
    static ASKED: Vec<Question> = QUESTIONS
        .iter()
        .flat_map(|question| [(*question).to_owned(), format!("{question} --json")])
        .map(|question| {
            let words: Vec<_> = "qga -c demo:".split(' ').chain(question.split(' ')).collect();
            Question::new(&words).expect("it is understood")
        })
        .collect();
}

fuzz_target!(|input: &[u8]| {
    let Some((first, input)) = input.split_first() else { return };
    LIAR.tell(&input[..input.len().min(ENOUGH)]);
    ASKED.with(|asked| check_shown(&asked[usize::from(*first) % asked.len()].shown(), LIAR.said()));
    // What is kept of each input would be looked through for what has leaked, after each input.
    qga_cli::demo::the_agent().forget_requests();
});
