//! Names that Rust reserves, that generated code uses itself, or that no name should be: all of them can be used.

use qga_bindings::Command;
use qga_goldens::names::commands::{self, OrgQemuXMove, QueryIt, V};
use qga_goldens::names::events::{EventKind, OrgQemuXMoved};
use qga_goldens::names::types::{
    self, GuestNVMeSmart, Keywords, Letters, Must, Odd, OrgQemuXPoint, Words,
};
use serde_json::{from_value, json, to_value};

#[test]
fn keywords_are_members_and_values() {
    let mut keywords = Keywords::new("a");
    keywords.self_ = Some("b".to_owned());
    keywords.r#in = Some(true);
    keywords.r#dyn = Some(true);
    keywords.r#gen = Some(true);
    keywords.union = Some(false);
    let object =
        json!({ "type": "a", "self": "b", "in": true, "dyn": true, "gen": true, "union": false });
    assert_eq!(to_value(&keywords).unwrap(), object);
    assert_eq!(from_value::<Keywords>(object).unwrap(), keywords);
    let words = [Words::Self_, Words::True, Words::Fn, Words::Async, Words::None, Words::Ok];
    assert_eq!(words.map(|word| word.to_string()), ["self", "true", "fn", "async", "none", "ok"]);
}

#[test]
fn types_may_be_called_like_those_of_the_prelude_and_of_the_runtime() {
    let mut holder = types::Box::new();
    holder.into = Some(types::Vec::X);
    let text = types::String::new([holder.clone()]);
    let mut option = types::Option::new();
    option.some = Some(text);
    let command = commands::Option::new().vec(option);
    assert_eq!(
        to_value(&command).unwrap(),
        json!({ "vec": { "some": { "vec": [ { "into": "x" } ] } } })
    );
    let mut default = types::Default::new();
    default.result = Some(types::Result::Ok(Box::new(holder)));
    assert_eq!(to_value(default).unwrap(), json!({ "result": { "into": "x" } }));
    let release = types::Release::new(Must::new());
    assert_eq!(from_value::<types::Release>(json!({ "value": {} })).unwrap(), release);
}

#[test]
fn an_argument_may_be_called_like_a_method_of_every_command() {
    let command = commands::Command::new().required_release(7);
    assert_eq!(to_value(&command).unwrap(), json!({ "required-release": 7 }));
    assert_eq!(Command::required_release(&command), None);
    assert_eq!(to_value(V::new().s("a")).unwrap(), json!({ "s": "a" }));
}

#[test]
fn exceptions_from_the_rules_keep_their_spelling_on_the_wire() {
    assert_eq!(to_value(Odd::new(1, 2, 3)).unwrap(), json!({ "aB": 1, "X": 2, "c_d": 3 }));
    assert_eq!([Letters::A, Letters::BC].map(|letter| letter.to_string()), ["A", "b_c"]);
    assert_eq!(QueryIt::NAME, "query_it");
    assert_eq!(to_value(GuestNVMeSmart::new(1)).unwrap(), json!({ "x-value": 1 }));
}

#[test]
fn the_prefix_of_a_vendor_is_part_of_the_name() {
    let command = OrgQemuXMove::new(OrgQemuXPoint::new(1));
    assert_eq!(OrgQemuXMove::NAME, "__org.qemu_x-move");
    assert_eq!(to_value(command).unwrap(), json!({ "to": { "__org.qemu_x-at": 1 } }));
    let event =
        json!({ "event": "__ORG.QEMU_X-MOVED", "timestamp": { "seconds": 0, "microseconds": 0 } });
    let decoded: qga_goldens::names::events::Event = from_value(event).unwrap();
    assert_eq!(decoded.kind, EventKind::OrgQemuXMoved(Box::new(OrgQemuXMoved::new())));
}
