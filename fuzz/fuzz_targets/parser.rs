//! Pieces of the language in any order through the front end: most of them get past the lexer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qga_tests::mutate::PIECES;

fuzz_target!(|choice: &[u8]| {
    let piece =
        |&byte: &u8| PIECES.get(usize::from(byte) % PIECES.len()).copied().unwrap_or_default();
    let text: String = choice.iter().map(piece).collect();
    qga_tests::front_end::check_front_end(text.as_bytes());
});
