//! Releases merged into one schema: the real ones, and small ones made up for a rule.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;

use qapi_codegen::diagnostic::{Diagnostics, Format};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::{History, ItemKind, Release, diff, items};
use qapi_codegen::report::{self, DiffReport};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;
use qga_tests::golden;
use qga_tests::values::Random;
use xtask::pins::{Pins, read_text};

fn pins() -> Pins {
    Pins::open(Path::new("../schema")).expect("what is pinned reads")
}

/// Releases 1.0, 1.1, ... with these texts, merged.
fn merge(texts: &[&str]) -> Result<History, String> {
    let mut sources = SourceMap::new();
    let schemas = texts.iter().enumerate().map(|(minor, text)| {
        let release = Release::new(1, u16::try_from(minor).expect("few releases"), 0);
        let schema = read_text(&mut sources, &format!("{release}.json"), text, Dialect::strict());
        (release, schema.expect("the schema is good"))
    });
    let schemas = schemas.collect::<Vec<_>>();
    let releases = schemas.iter().map(|(release, schema)| (*release, schema)).collect::<Vec<_>>();
    let mut diagnostics = Diagnostics::new();
    History::merge(&releases, Release::new(1, 0, 0), &mut diagnostics)
        .ok_or_else(|| diagnostics.render(&sources, Format::Short))
}

/// Members and arguments that may be absent.
fn optional(schema: &Schema) -> BTreeSet<String> {
    items(schema).into_iter().filter(|(_, item)| item.optional).map(|(path, _)| path).collect()
}

#[test]
fn three_members_are_optional_for_the_sake_of_old_agents_and_no_other() {
    let pins = pins();
    let (_, newest) = pins.releases().pop().expect("there are releases");
    let history = pins.history().expect("the releases merge");
    let loosened =
        optional(history.schema()).difference(&optional(newest)).cloned().collect::<Vec<_>>();
    assert_eq!(
        loosened,
        [
            "GuestAgentCommandInfo.success-response",
            "GuestAgentInfo.supported_commands",
            "GuestFilesystemTrimResponse.paths"
        ]
    );
    assert!(optional(newest).is_subset(&optional(history.schema())));
}

#[test]
fn what_only_old_releases_had_is_kept_with_its_end() {
    let history = pins().history().expect("the releases merge");
    let life = history.life("GuestFsfreezeStatus.error").expect("0.15 had it");
    assert_eq!((life.since, life.until), (Release::new(0, 15, 0), Some(Release::new(1, 1, 0))));
    assert!(items(history.schema()).contains_key("GuestFsfreezeStatus.error"));
}

#[test]
fn a_form_that_came_by_widening_is_as_old_as_the_plain_type() {
    let history = pins().history().expect("the releases merge");
    let since = |path: &str| history.life(path).map(|life| life.since.to_string());
    assert_eq!(since("GuestExecCaptureOutput/flag").as_deref(), Some("2.5"));
    assert_eq!(since("GuestExecCaptureOutput/mode").as_deref(), Some("8.1"));
    assert_eq!(since("GuestFileWhence/value").as_deref(), Some("0.15"));
    assert_eq!(since("GuestFileWhence/name").as_deref(), Some("2.6"));
    let time = history.life("guest-set-time.time").expect("an argument");
    assert_eq!(time.optional_since(), Some(Release::new(2, 0, 0)));
}

#[test]
fn releases_give_the_same_pins_in_any_order() {
    let pins = pins();
    let mut waiting = pins
        .snapshots
        .iter()
        .flat_map(|snapshot| {
            snapshot
                .releases
                .iter()
                .map(|(&release, origin)| (release, origin.clone(), snapshot.text.clone()))
        })
        .collect::<Vec<_>>();
    let mut random = Random::new(7);
    let mut shuffled = Pins::empty(Path::new("../schema"), pins.oldest);
    while !waiting.is_empty() {
        let (release, origin, text) = waiting.swap_remove(random.below(waiting.len()));
        shuffled.insert(release, origin, text).expect("the snapshot reads");
    }
    assert_eq!(shuffled.list(), pins.list());
    let texts = |pins: &Pins| {
        pins.snapshots.iter().map(|one| (one.name(), one.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(texts(&shuffled), texts(&pins));
}

#[test]
fn neighbouring_releases_differ_as_they_are_known_to() {
    let pins = pins();
    let releases = pins.releases();
    let mut text = String::new();
    for pair in releases.windows(2) {
        let [(old, from), (new, to)] = [pair[0], pair[1]];
        let (old, new, changes) = (old.to_string(), new.to_string(), diff(from, to));
        let report = DiffReport { from: &old, to: &new, changes: &changes };
        text.push_str(&report.render(report::Format::Text));
        text.push('\n');
    }
    let command = "cargo test -p qga-tests --test history";
    golden::compare(Path::new("cases/history/neighbours.txt"), &text, command).unwrap();
}

#[test]
fn a_snapshot_imports_to_itself() {
    xtask::schema::verify::verify_pins(&pins()).expect("every snapshot is canonical");
}

#[test]
fn a_member_is_optional_if_one_release_lacks_it() {
    let old =
        "{ 'struct': 'State', 'data': { 'a': 'int' } } { 'command': 'get', 'returns': 'State' }";
    let new = "{ 'struct': 'State', 'data': { 'a': 'int', 'b': 'str' } } { 'command': 'get', 'returns': 'State' }";
    let history = merge(&[old, new]).expect("it merges");
    assert_eq!(optional(history.schema()), BTreeSet::from(["State.b".to_owned()]));
    let history = merge(&[new, old]).expect("it merges the other way");
    assert_eq!(optional(history.schema()), BTreeSet::from(["State.b".to_owned()]));
}

#[test]
fn definitions_that_refer_to_each_other_survive_their_removal() {
    let old = "{ 'struct': 'Left', 'data': { '*right': 'Right' } } \
               { 'struct': 'Right', 'data': { 'lefts': [ 'Left' ] } } \
               { 'command': 'get', 'returns': 'Left' }";
    let history = merge(&[old, "{ 'command': 'ping' }"]).expect("it merges");
    let kept = items(history.schema());
    assert_eq!(kept.get("Right.lefts").and_then(|item| item.ty.as_deref()), Some("[Left]"));
    assert_eq!(kept.get("get").map(|item| item.kind), Some(ItemKind::Command));
}

#[test]
fn a_type_that_changed_without_a_common_form_is_reported_with_a_way_out() {
    let old = "{ 'command': 'set', 'data': { 'value': 'bool' } }";
    let new = "{ 'command': 'set', 'data': { 'value': 'str' } }";
    let report = merge(&[old, new]).expect_err("no type is both");
    assert!(report.contains("incompatible-release"), "{report}");
    assert!(report.contains("was `bool` and became `str`"), "{report}");
}

#[test]
fn a_reply_that_one_release_does_not_send_is_not_expected() {
    let (answers, silent) =
        ("{ 'command': 'stop' }", "{ 'command': 'stop', 'success-response': false }");
    for texts in [[answers, silent], [silent, answers]] {
        let history = merge(&texts).expect("it merges");
        assert!(!history.schema().command_named("stop").expect("it is there").success_response);
    }
}
