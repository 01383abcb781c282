//! Any bytes through the front end: mostly a matter of the lexer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| qga_tests::front_end::check_front_end(text));
