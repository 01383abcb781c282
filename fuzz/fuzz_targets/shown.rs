//! Any text in the answers of a guest, which the tool shows: nothing is left that a terminal acts on. The first byte chooses a
//! subcommand, the next eight the rest of the answers.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use qga_cli::Question;
use qga_tests::shown::{Liar, questions};

static LIAR: LazyLock<Liar> = LazyLock::new(|| {
    let history = qga_tests::matrix::pins().history().expect("what is pinned reads");
    Liar::possess(qga_cli::demo::the_agent(), history)
});

thread_local! {
    /// The command lines are read once.
    static ASKED: Vec<Question> = questions()
        .iter()
        .map(|words| Question::new(words).expect("it is understood"))
        .collect();
}

fuzz_target!(|input: &[u8]| {
    ASKED.with(|asked| LIAR.check(input, asked.len(), |which| asked[which].shown()));
    // What is kept of each input would be looked through for what has leaked, after each input.
    qga_cli::demo::the_agent().forget_requests();
});
