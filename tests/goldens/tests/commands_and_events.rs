//! Commands and events: what goes over the wire for them, and back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;

use qga_bindings::{Command, CommandVisitor, Execute, NoReply, Reply as _};
use qga_goldens::command_forms::commands::{
    Add, Count, Halt, Item as ItemCommand, Remove, Replace, Tidy,
};
use qga_goldens::command_forms::info;
use qga_goldens::command_forms::stubs::Commands;
use qga_goldens::command_forms::types::{Item, ItemOrName, Removal, Way};
use qga_goldens::event_forms::events::{BlockIoError, Event, EventKind};
use qga_goldens::event_forms::types::Turn;
use serde_core::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_str, from_value, json, to_value};

#[test]
fn an_argument_takes_whatever_becomes_it() {
    let add = Add::new("a", "b", ["c", "d"], [Item::new("e")])
        .size(5)
        .to(Item::new("f"))
        .also(["g".into(), ItemOrName::from(Item::new("h"))])
        .old(Item::new("i"));
    let arguments = json!({
        "name": "a", "like": "b", "tags": [ "c", "d" ], "parts": [ { "name": "e" } ], "size": 5,
        "to": { "name": "f" }, "also": [ "g", { "name": "h" } ], "old": { "name": "i" }
    });
    assert_eq!(to_value(&add).unwrap(), arguments);
    assert_eq!(from_value::<Add>(arguments).unwrap(), add);
}

#[test]
fn a_union_as_arguments_is_one_object() {
    let remove = Remove::new(Removal::Path(Box::new(Item::new("a"))));
    let arguments = json!({ "way": "path", "name": "a" });
    assert_eq!(to_value(&remove).unwrap(), arguments);
    assert_eq!(from_value::<Remove>(arguments).unwrap(), remove);
    let all = Remove::new(Removal::without_members(Way::All).unwrap());
    assert_eq!(to_value(&all).unwrap(), json!({ "way": "all" }));
}

#[test]
fn a_command_says_what_it_returns_and_whether() {
    const { assert!(Count::SUCCESS_RESPONSE && !Halt::SUCCESS_RESPONSE) }
    assert_eq!((ItemCommand::NAME, ItemCommand::SINCE), ("item", None));
    assert_eq!(<Count as Command>::Output::decode("7").unwrap(), 7);
    assert_eq!(<Halt as Command>::Output::decode("7").unwrap(), NoReply::Accepted);
}

#[test]
fn nothing_is_known_of_the_releases_of_a_schema_without_a_past() {
    assert_eq!(Tidy::new().deep(true).required_release(), None);
}

/// Remembers what it was asked to execute, and answers with what is sent.
struct Recorder(RefCell<Vec<Value>>);

impl Execute for Recorder {
    type Error = String;

    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Output, String> {
        self.0.borrow_mut().push(json!([C::NAME, command]));
        C::Output::decode(r#"{"name":"z"}"#).map_err(|error| error.to_string())
    }
}

#[test]
fn every_command_is_a_method_of_what_can_execute_it() {
    let mut recorder = Recorder(RefCell::default());
    recorder.ping().unwrap();
    assert_eq!(recorder.item(), Ok(Item::new("z")));
    recorder.replace(Replace::new("a")).unwrap();
    assert!(recorder.count().is_err());
    let sent = json!([["ping", {}], ["item", {}], ["replace", { "name": "a" }], ["count", {}]]);
    assert_eq!(to_value(recorder.0.into_inner()).unwrap(), sent);
}

#[test]
fn a_name_leads_to_its_type_and_an_unknown_one_nowhere() {
    struct Answers;

    impl CommandVisitor for Answers {
        type Output = (&'static str, bool);

        fn visit<C: Command<Output: Serialize> + DeserializeOwned>(self) -> Self::Output {
            (C::NAME, C::SUCCESS_RESPONSE)
        }
    }

    assert_eq!(info::visit("halt", Answers), Some(("halt", false)));
    assert_eq!(info::visit("", Answers), None);
    for command in info::COMMANDS {
        let found = info::visit(command.name, Answers);
        assert_eq!(found, Some((command.name, command.success_response)));
    }
}

/// The event that the JSON is of, which must give the same JSON.
fn round_trip(event: &Value) -> EventKind {
    let decoded: Event = from_str(&event.to_string()).unwrap();
    assert_eq!(to_value(&decoded).unwrap(), *event);
    assert_eq!(decoded.timestamp.seconds, 1);
    decoded.kind
}

fn event(name: &str, data: Option<Value>) -> Value {
    let mut event = json!({ "event": name, "timestamp": { "seconds": 1, "microseconds": 2 } });
    if let Some(data) = data {
        event["data"] = data;
    }
    event
}

#[test]
fn events_are_known_by_name() {
    assert!(matches!(round_trip(&event("STARTED", None)), EventKind::Started(_)));
    let kind = round_trip(&event("BLOCK_IO_ERROR", Some(json!({ "device": "a" }))));
    assert_eq!(kind, EventKind::BlockIoError(Box::new(BlockIoError::new("a"))));
    assert!(matches!(
        round_trip(&event("MOVED", Some(json!({ "room": "a" })))),
        EventKind::Moved(_)
    ));
}

#[test]
fn an_event_may_carry_a_union() {
    let kind = round_trip(&event("TURNED", Some(json!({ "way": "up", "metres": 1.5 }))));
    let EventKind::Turned(turned) = kind else { panic!("it is known") };
    assert!(matches!(turned.content, Turn::Up(_)));
}

#[test]
fn an_event_that_is_not_known_is_kept() {
    for data in [None, Some(json!({ "a": [ null ] }))] {
        let EventKind::Other(other) = round_trip(&event("NEW", data.clone())) else {
            panic!("it is not known")
        };
        assert_eq!(other.name(), "NEW");
        assert_eq!(other.data().map(|data| data.parse::<Value>().unwrap()), data);
    }
}

#[test]
fn what_is_wrong_in_an_event_is_told_with_its_name() {
    let text = event("MOVED", Some(json!({}))).to_string();
    let error = from_str::<Event>(&text).unwrap_err().to_string();
    assert!(error.starts_with("MOVED: missing field `room`"), "{error}");
}
