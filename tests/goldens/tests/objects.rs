//! Structs: their members, those of their bases, and what happens when something is not as it should be.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use qga_goldens::bases::commands::AddFile;
use qga_goldens::bases::types::File;
use qga_goldens::encodings::commands::{Stop, Upload};
use qga_goldens::encodings::types::{Chunk, Login, StopMode};
use qga_goldens::many_members::types::Counters;
use qga_goldens::recursion::types::{Chain, Node, Right, Tree};
use qga_goldens::structs::types::{Hints, Line, Nothing, Point};
use serde_core::{Serialize, de::DeserializeOwned};
use serde_json::{from_str, json, to_string, to_value};

fn error<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
    from_str::<T>(json).unwrap_err().to_string()
}

/// The value that the text is of, which must give the same text.
fn round_trip<T: DeserializeOwned + Serialize>(json: &str) -> T {
    let value = from_str(json).unwrap();
    assert_eq!(to_string(&value).unwrap(), json);
    value
}

#[test]
fn members_that_are_not_set_are_not_written() {
    let mut point = Point::new(-3);
    assert_eq!(to_string(&point).unwrap(), r#"{"x":-3}"#);
    point.label = Some("here".to_owned());
    assert_eq!(to_string(&point).unwrap(), r#"{"x":-3,"label":"here"}"#);
    assert_eq!(to_string(&Hints::new()).unwrap(), "{}");
    assert_eq!(to_string(&Nothing::new()).unwrap(), "{}");
}

#[test]
fn lists_and_structs_are_within_structs() {
    let line: Line = round_trip(r#"{"ends":[{"x":1},{"x":2,"label":""}],"tags":[]}"#);
    assert_eq!((line.ends.len(), line.middle, line.tags), (2, None, Some(Vec::new())));
}

#[test]
fn members_that_the_schema_does_not_have_are_skipped() {
    assert_eq!(from_str::<Point>(r#"{ "y": [ {} ], "x": 1, "z": null }"#).unwrap(), Point::new(1));
}

#[test]
fn a_mandatory_member_that_is_missing_is_named() {
    assert!(error::<Point>("{}").starts_with("missing field `x`"), "{}", error::<Point>("{}"));
}

#[test]
fn a_member_that_is_there_twice_is_named() {
    let error = error::<Point>(r#"{ "x": 1, "x": 1 }"#);
    assert!(error.starts_with("duplicate field `x`"), "{error}");
}

#[test]
fn null_is_not_the_same_as_absent() {
    let error = error::<Point>(r#"{ "x": 1, "label": null }"#);
    assert!(error.starts_with("invalid type: null, expected a string"), "{error}");
}

#[test]
fn what_is_no_object_is_told_with_what_it_should_have_been() {
    let error = error::<Point>("[ 1 ]");
    assert!(error.contains("expected an object of type Point"), "{error}");
}

#[test]
fn members_of_bases_come_first() {
    let file: File = round_trip(r#"{"name":"a","bytes":5,"blocks":1}"#);
    assert_eq!(File::new("a", 1).bytes, None);
    let mut add = AddFile::new("a", 1);
    add.bytes = file.bytes;
    assert_eq!(to_value(&add).unwrap(), to_value(&file).unwrap());
}

#[test]
fn a_type_may_hold_itself() {
    let chain: Chain = round_trip(r#"{"depth":1,"next":{"depth":2,"next":{"depth":3}}}"#);
    assert_eq!(chain.next.unwrap().next.unwrap().depth, 3);
    let tree: Tree = round_trip(r#"{"children":[{"children":[]},{"children":[]}]}"#);
    assert_eq!(tree.children.len(), 2);
    let right: Right = round_trip(r#"{"left":{"right":{}}}"#);
    assert_eq!(right.left.unwrap().right.unwrap(), Box::new(Right::new()));
    let json = r#"{"kind":"pair","first":{"kind":"leaf"},"second":{"kind":"pair","first":{"kind":"leaf"},"second":{"kind":"leaf"}}}"#;
    assert!(matches!(round_trip(json), Node::Pair(_)));
}

#[test]
fn a_value_nested_without_end_is_an_error_and_not_the_end_of_the_stack() {
    let chain = "{\"depth\":1,\"next\":".repeat(100_000);
    assert!(error::<Chain>(&chain).contains("recursion limit"));
    let node = "{\"kind\":\"pair\",\"first\":".repeat(100_000);
    assert!(from_str::<Node>(&node).is_err());
    let closed = format!(
        "{}{{\"kind\":\"leaf\"}}{}",
        "{\"kind\":\"pair\",\"second\":{\"kind\":\"leaf\"},\"first\":".repeat(5000),
        "}".repeat(5000)
    );
    assert!(from_str::<Node>(&closed).is_err());
}

#[test]
fn a_struct_may_have_more_members_than_a_tuple() {
    let members = ('a'..='n').map(|name| format!("\"{name}\":1")).collect::<Vec<_>>();
    let counters: Counters = round_trip(&format!("{{{}}}", members.join(",")));
    assert_eq!((counters.a, counters.n), (1, Some(1)));
    assert!(error::<Counters>("{}").starts_with("missing field `a`"));
}

#[test]
fn bytes_are_text_on_the_wire() {
    let mut chunk = Chunk::new(b"\xff\0".to_vec(), 2);
    chunk.more = Some(Vec::new());
    assert_eq!(to_value(&chunk).unwrap(), json!({ "data": "/wA=", "more": "", "size": 2 }));
    assert_eq!(from_str::<Chunk>(&to_string(&chunk).unwrap()).unwrap(), chunk);
    let error = error::<Chunk>(r#"{ "data": "/w", "size": 2 }"#);
    assert!(error.contains("invalid base64"), "{error}");
}

#[test]
fn a_secret_is_written_but_not_shown() {
    let login = Login::new("root", "hunter2");
    let upload = Upload::new(Chunk::new("x", 1)).login(login.clone()).key("hunter2");
    for shown in [format!("{login:?}"), format!("{upload:?}")] {
        assert!(shown.contains("[secret]") && !shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains("104, 117"), "{shown}");
    }
    assert_eq!(to_value(&login).unwrap()["password"], "hunter2");
}

#[test]
fn a_string_that_a_correction_made_an_enum_stays_a_string() {
    assert_eq!(to_value(Stop::new().mode(StopMode::Soon)).unwrap(), json!({ "mode": "soon" }));
    assert_eq!(to_value(Stop::new().mode("later".into())).unwrap(), json!({ "mode": "later" }));
}
