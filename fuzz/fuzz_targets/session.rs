//! Any bytes as what an agent sends: the same events however they are cut, and a session that recovers.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    qga_tests::channels::check_session(input);
});
