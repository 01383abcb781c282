//! Broken schemas through the front end and, as far as they are not broken, through the generator.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| qga_tests::front_end::check_generator(text));
