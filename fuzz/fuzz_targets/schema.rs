//! Broken schemas through the front end and, as far as they are not broken, through everything else.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    qga_tests::back_ends::check_everything(text, None);
});
