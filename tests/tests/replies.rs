//! Whatever an agent says in answer to a command: reading it ends, and what was understood can be written and read again.

use std::path::Path;

use qga_tests::replies::{check_reply, input};
use qga_tests::seed::{inputs, kept, seed};
use qga_tests::values::encoded_members;
use xtask::pins::Pins;

#[test]
fn what_is_understood_of_a_damaged_reply_can_be_written_and_read_again() {
    let pins = Pins::open(Path::new("../schema")).expect("what is pinned reads");
    let history = pins.history().expect("the releases merge");
    let encoded = encoded_members(history.schema());
    let first = seed("damaged replies");
    for number in inputs(5000) {
        check_reply(&input(history.schema(), &encoded, first.wrapping_add(number)));
    }
}

#[test]
fn what_is_understood_of_replies_that_fuzzing_found_can_be_written_and_read_again() {
    for reply in kept("reply") {
        check_reply(&reply);
    }
}
