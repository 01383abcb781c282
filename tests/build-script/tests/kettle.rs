//! The generated bindings read and write what the schema says.

use qga_bindings::{Any, Command, Null};
use qga_tests_build_script::kettle::commands::{AddSchedule, Boils, Heat, Pour, SwitchOff};
use qga_tests_build_script::kettle::events::{Event, EventKind};
use qga_tests_build_script::kettle::types::{
    Brew, Daily, Lid, PowerLevel, Schedule, ScheduleBranch, ScheduleKind, Target, Water,
};
use serde_json::{from_str, json, to_value};

#[test]
fn a_command_writes_the_arguments_that_are_set() {
    let lid = Lid::new(true);
    let heat = Heat::new(2).target(80.5).lids([lid]).extra(Any::new(&[1, 2]).unwrap());
    let arguments = json!({
        "liters": 2, "target": 80.5, "lids": [{ "open": true }], "extra": [1, 2]
    });
    assert_eq!(to_value(&heat).unwrap(), arguments);
    assert_eq!(to_value(Heat::new(1)).unwrap(), json!({ "liters": 1 }));
    assert_eq!(to_value(Boils::new()).unwrap(), json!({}));
    assert_eq!((Heat::NAME, Heat::SINCE), ("heat", None));
    const { assert!(Boils::SUCCESS_RESPONSE && !SwitchOff::SUCCESS_RESPONSE) };
}

#[test]
fn a_number_that_json_cannot_hold_is_not_sent() {
    let error = to_value(Heat::new(1).target(f64::NAN)).unwrap_err();
    assert!(error.to_string().contains("NaN"), "{error}");
    assert!(to_value(Pour::new(f64::INFINITY)).is_err());
    assert!(to_value(Heat::new(1).target(vec![1.0, f64::NAN])).is_err());
}

#[test]
fn an_alternate_is_told_by_its_json_type() {
    let cases = [
        ("7", Target::Degrees(7.0)),
        ("\"coffee\"", Target::Named(Brew::Coffee)),
        ("null", Target::Default(Null)),
        ("[1,2.5]", Target::Range(vec![1.0, 2.5])),
        (r#"{"temperature":9}"#, Target::from(Water::new(9.0))),
    ];
    for (text, target) in cases {
        assert_eq!(from_str::<Target>(text).unwrap(), target);
        let again = to_value(&target).unwrap().to_string();
        assert_eq!(from_str::<Target>(&again).unwrap(), target);
    }
    let error = from_str::<Target>("true").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: a boolean, expected"), "{error}");
}

#[test]
fn a_union_keeps_base_and_branch_in_one_object() {
    let text = r#"{"minute":5,"label":"tea","kind":"daily"}"#;
    let schedule: Schedule = from_str(text).unwrap();
    let mut expected = Schedule::new(ScheduleBranch::Daily(Box::new(Daily::new(5))));
    expected.label = Some("tea".to_owned());
    assert_eq!(schedule, expected);
    let object = json!({ "kind": "daily", "label": "tea", "minute": 5 });
    assert_eq!(to_value(&schedule).unwrap(), object);
    assert_eq!(to_value(AddSchedule::new(schedule)).unwrap(), object);
}

#[test]
fn a_branch_that_is_not_known_survives() {
    let object = json!({ "kind": "weekly", "weekday": 3, "also": [null] });
    let schedule: Schedule = from_str(&object.to_string()).unwrap();
    assert_eq!(schedule.branch.tag().as_str(), "weekly");
    let ScheduleBranch::Other(other) = &schedule.branch else { panic!("{schedule:?}") };
    assert_eq!(other.get("weekday").unwrap().parse::<i64>().unwrap(), 3);
    assert_eq!(to_value(&schedule).unwrap(), object);
}

#[test]
fn a_value_without_members_of_its_own_makes_a_branch() {
    let branch = ScheduleBranch::without_members(ScheduleKind::Now).unwrap();
    let schedule = Schedule::new(branch);
    assert_eq!(to_value(&schedule).unwrap(), json!({ "kind": "now" }));
    assert_eq!(from_str::<Schedule>(r#"{"kind":"now"}"#).unwrap(), schedule);
    assert!(ScheduleBranch::without_members(ScheduleKind::Daily).is_none());
}

#[test]
fn an_event_has_its_time_and_an_unknown_one_its_data() {
    let text = r#"{"event":"BOILING","data":{"water":{"temperature":100}},
                   "timestamp":{"seconds":1,"microseconds":2}}"#;
    let event: Event = from_str(text).unwrap();
    assert_eq!((event.timestamp.seconds, event.timestamp.microseconds), (1, 2));
    let EventKind::Boiling(boiling) = &event.kind else { panic!("{event:?}") };
    assert_eq!(boiling.water, Water::new(100.0));

    let text = r#"{"event":"LID_OPENED","timestamp":{"seconds":-1,"microseconds":-1}}"#;
    let event: Event = from_str(text).unwrap();
    assert!(matches!(event.kind, EventKind::LidOpened(_)), "{event:?}");
    assert_eq!(event.timestamp.to_system_time(), None);

    let object = json!({ "event": "NEW", "data": { "a": 1 },
                         "timestamp": { "seconds": 1, "microseconds": 2 } });
    let event: Event = from_str(&object.to_string()).unwrap();
    let EventKind::Other(other) = &event.kind else { panic!("{event:?}") };
    assert_eq!((other.name(), other.data().map(Any::get)), ("NEW", Some(r#"{"a":1}"#)));
    assert_eq!(to_value(&event).unwrap(), object);
}

#[test]
fn names_that_rust_reserves_or_cannot_begin_with_are_usable() {
    let mut lid = Lid::new(false);
    lid.r#type = Some("glass".to_owned());
    lid.seal = Some(Box::new(Lid::new(true)));
    let object = json!({ "open": false, "type": "glass", "seal": { "open": true } });
    assert_eq!(to_value(&lid).unwrap(), object);
    assert_eq!(PowerLevel::_2_5Kw.as_str(), "2-5-kw");
    assert_eq!(PowerLevel::from("max"), PowerLevel::Max);
}
