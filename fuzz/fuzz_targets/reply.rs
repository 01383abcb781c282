//! Any bytes as the answer to a command, which the first byte chooses: what is understood can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| qga_tests::replies::check_reply(input));
