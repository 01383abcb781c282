//! The bindings against every pinned release, with random values.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use qapi_codegen::history::History;
use qga_bindings::{CommandVisitor, info};
use qga_tests::compatibility::{Bindings, Releases};
use xtask::pins::Pins;

/// How many replies and how many requests are tried of each command.
const VALUES: usize = 10_000;

/// The bindings that are checked in.
struct Generated;

impl Bindings for Generated {
    fn visit<V: CommandVisitor>(name: &str, visitor: V) -> Option<V::Output> {
        info::visit(name, visitor)
    }
}

fn pinned() -> (Pins, History) {
    let pins = Pins::open(Path::new("../schema")).expect("what is pinned reads");
    let history = pins.history().expect("the releases merge");
    (pins, history)
}

fn releases((pins, history): &(Pins, History)) -> Releases<'_> {
    let schemas = pins.snapshots.iter().map(|snapshot| {
        let first = snapshot.releases.keys().next().expect("a snapshot is of some release");
        (*first, &snapshot.schema)
    });
    Releases { schemas: schemas.collect(), history }
}

#[test]
fn what_any_release_may_reply_decodes_and_encodes_to_the_same() {
    releases(&pinned()).check_replies::<Generated>(VALUES);
}

#[test]
fn a_request_is_understood_from_the_release_on_that_it_says_it_needs_and_by_none_before() {
    releases(&pinned()).check_requests::<Generated>(VALUES);
}
