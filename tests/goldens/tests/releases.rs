//! Bindings of several releases, whose differences are of every kind.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use qapi_codegen::diagnostic::Diagnostics;
use qapi_codegen::history::{History, Release};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;
use qga_bindings::{Command, CommandVisitor};
use qga_goldens::releases::commands::{Drive, Honk, Mount, Park, Refit, Stop};
use qga_goldens::releases::info;
use qga_goldens::releases::types::{
    self, DriveBranch, Electric, Loudness, Silence, Sound, Speed, Steam, Wheel,
};
use qga_tests::compatibility::{Bindings, Releases};

fn needs(command: &impl Command) -> String {
    command.required_release().map_or_else(|| "unknown".to_owned(), |release| release.to_string())
}

#[test]
fn a_value_of_an_enum_is_as_old_as_it_says() {
    let drive = |speed| needs(&Drive::new(speed, true).distance(1));
    assert_eq!(drive(Speed::Slow), "1.0");
    assert_eq!(drive(Speed::Fast), "2.0");
    assert_eq!(drive(Speed::Faster), "2.1");
    assert_eq!(drive(Speed::from("fastest")), "unknown");
}

#[test]
fn an_argument_that_was_mandatory_once_is_left_out_for_newer_agents() {
    assert_eq!(needs(&Drive::new(Speed::Slow, true)), "2.0");
}

#[test]
fn each_form_of_an_alternate_has_its_age_and_the_form_it_came_from_that_of_the_argument() {
    let drive = |loud: Loudness| needs(&Drive::new(Speed::Slow, loud).distance(1));
    assert_eq!(drive(Loudness::Flag(false)), "1.0");
    assert_eq!(drive(Loudness::Sound(Sound::Horn)), "2.0");
    assert_eq!(drive(Loudness::Sound(Sound::Bell)), "2.1");
    assert_eq!(drive(Loudness::Decibels(3)), "2.1");
}

#[test]
fn what_is_newer_than_its_value_decides() {
    assert_eq!(needs(&Drive::new(Speed::Slow, true).distance(1).again(true)), "2.1");
    assert_eq!(needs(&Honk::new().how(true)), "2.1");
}

#[test]
fn the_newest_element_of_a_list_decides() {
    let mut spoked = Wheel::new(2);
    spoked.spokes = Some(12);
    assert_eq!(needs(&Mount::new([Wheel::new(1)])), "1.0");
    assert_eq!(needs(&Mount::new([Wheel::new(1), spoked, Wheel::new(3)])), "2.0");
}

#[test]
fn a_branch_and_what_is_in_it_decide() {
    let refit = |branch| needs(&Refit::new(types::Drive::new(9, branch)));
    let mut wet = Steam::new(1);
    wet.water = Some(2);
    let mut slow = Electric::new(3);
    slow.speed = Some(Speed::Slow);
    assert_eq!(refit(DriveBranch::Steam(Box::new(Steam::new(1)))), "1.0");
    assert_eq!(refit(DriveBranch::Steam(Box::new(wet))), "2.0");
    assert_eq!(refit(DriveBranch::Electric(Box::new(Electric::new(3)))), "2.0");
    assert_eq!(refit(DriveBranch::Electric(Box::new(slow))), "2.1");
    let warp = serde_json::from_str(r#"{ "engine": "warp", "power": 9 }"#).expect("it decodes");
    assert_eq!(needs(&Refit::new(warp)), "unknown");
}

#[test]
fn a_branch_that_a_value_got_later_needs_no_more_than_the_value_while_it_is_empty() {
    let refit =
        |silence| needs(&Refit::new(types::Drive::new(9, DriveBranch::None(Box::new(silence)))));
    let mut long = Silence::new();
    long.long = Some(true);
    assert_eq!(refit(Silence::new()), "1.0");
    assert_eq!(refit(long), "2.1");
}

#[test]
fn a_command_that_one_release_does_not_answer_is_not_waited_for() {
    const { assert!(!Stop::SUCCESS_RESPONSE && Park::SUCCESS_RESPONSE) }
}

/// The code under test.
struct Generated;

impl Bindings for Generated {
    fn visit<V: CommandVisitor>(name: &str, visitor: V) -> Option<V::Output> {
        info::visit(name, visitor)
    }
}

/// The releases of the case, and what they are together.
fn case() -> (Vec<(Release, Schema)>, History) {
    let mut sources = SourceMap::new();
    let mut read = |minor: &str| {
        let path = Path::new("../cases/rust/releases").join(format!("{minor}.json"));
        let schema = qapi_codegen::load(&mut sources, path).expect("the schema is good");
        (minor.parse::<Release>().expect("a release"), schema)
    };
    let releases = ["1.0", "2.0", "2.1"].map(&mut read).to_vec();
    let list = releases.iter().map(|(release, schema)| (*release, schema)).collect::<Vec<_>>();
    let history = History::merge(&list, list[0].0, &mut Diagnostics::new());
    (releases, history.expect("the releases merge"))
}

fn releases((releases, history): &(Vec<(Release, Schema)>, History)) -> Releases<'_> {
    let schemas = releases.iter().map(|(release, schema)| (*release, schema)).collect();
    Releases { schemas, history }
}

#[test]
fn what_any_release_may_reply_decodes_and_encodes_to_the_same() {
    releases(&case()).check_replies::<Generated>(1000);
}

#[test]
fn a_request_is_understood_from_the_release_on_that_it_says_it_needs_and_by_none_before() {
    releases(&case()).check_requests::<Generated>(1000);
}
