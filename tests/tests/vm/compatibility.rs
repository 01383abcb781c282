//! Every command in a guest, where it may do what it does: as its release defines it, and as docs/compatibility.md says.

use qga_tests::matrix::{
    Outcome, Record, evidence, forms, is_about_power, is_pinned, pins, schema, try_in_guest,
};

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![every_command_is_answered_as_the_record_says];

fn every_command_is_answered_as_the_record_says(slot: &mut Slot) {
    let (agent, pins) = (slot.guest.agent.clone(), pins());
    if !is_pinned(&agent, &pins) {
        return;
    }
    let schema = schema(&pins, &agent);
    // Those that end a machine have tests of their own.
    let tried = forms().filter(|form| !is_about_power(form)).map(|form| {
        let outcome = try_in_guest(&form, slot.vm(), &agent, schema).expect("as it is defined");
        (form, outcome)
    });
    let tried: Vec<_> = tried.collect();
    let records = Record::all(&evidence()).expect("the records read");
    let record = records.iter().find(|record| record.suite == agent.suite).expect("there is one");
    record.compare(&agent, &tried, Outcome::is_again).expect("as it was");
}
