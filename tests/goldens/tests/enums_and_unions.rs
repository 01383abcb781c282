//! Enums and unions: what is known has a name, what is not is kept.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use qga_bindings::Any;
use qga_goldens::enums::types::{Bus, Void, Width};
use qga_goldens::union_in_union::types::{Address, AddressBranch, SocketAddress};
use qga_goldens::unions::types::{Bare, Dot, Kind, Plain, Shape, ShapeBranch, Side, Sided};
use serde_core::{Serialize, de::DeserializeOwned};
use serde_json::{from_str, to_string};

/// The value that the text is of, which must give the same text.
fn round_trip<T: DeserializeOwned + Serialize>(json: &str) -> T {
    let value = from_str(json).unwrap();
    assert_eq!(to_string(&value).unwrap(), json);
    value
}

#[test]
fn a_value_of_an_enum_that_is_not_known_is_kept() {
    let bus: Bus = round_trip("\"nvme\"");
    assert_eq!((bus.as_str(), bus.to_string()), ("nvme", "nvme".to_owned()));
    assert!(matches!(bus, Bus::Unrecognized(_)));
    assert!(matches!(round_trip("\"\""), Void::Unrecognized(_)));
}

#[test]
fn a_value_called_unknown_is_one_that_is_known() {
    assert_eq!(round_trip::<Bus>("\"unknown\""), Bus::Unknown);
}

#[test]
fn names_that_begin_with_a_digit_or_would_run_together_are_set_apart() {
    let names = [Width::_8Bit, Width::_16, Width::_2_5, Width::X86_64];
    assert_eq!(names.map(|width| width.as_str().to_owned()), ["8-bit", "16", "2-5", "x86-64"]);
}

#[test]
fn what_is_no_string_is_no_value_of_an_enum() {
    let error = from_str::<Bus>("1").unwrap_err().to_string();
    assert!(error.contains("expected a string as a Bus"), "{error}");
}

#[test]
fn a_union_is_one_object() {
    assert_eq!(round_trip::<Plain>(r#"{"kind":"dot","x":4}"#), Plain::Dot(Box::new(Dot::new(4))));
    let shape: Shape =
        round_trip(r#"{"id":"a","kind":"group","rest":true,"shapes":[{"id":"b","kind":"text"}]}"#);
    assert_eq!((shape.id.as_str(), shape.rest, shape.branch.tag()), ("a", Some(true), Kind::Group));
}

#[test]
fn members_may_come_in_any_order() {
    let shape: Shape = from_str(r#"{"x":4,"rest":false,"kind":"dot","id":"a"}"#).unwrap();
    assert_eq!(shape.branch, ShapeBranch::Dot(Box::new(Dot::new(4))));
}

#[test]
fn a_branch_that_is_not_known_is_kept_with_its_members() {
    let json = r#"{"kind":"cube","edge":{"cm":5.0},"x":null}"#;
    let Plain::Other(branch) = round_trip(json) else { panic!("it is not known") };
    assert_eq!(branch.tag().as_str(), "cube");
    assert_eq!(branch.get("edge").map(Any::get), Some(r#"{"cm":5.0}"#));
    assert_eq!(branch.members().map(|(name, _)| name).collect::<Vec<_>>(), ["edge", "x"]);
}

#[test]
fn a_value_without_members_shares_a_variant_with_those_not_known() {
    let plain: Plain = round_trip(r#"{"kind":"text"}"#);
    assert_eq!(Plain::without_members(Kind::Text), Some(plain));
    assert_eq!(Plain::without_members(Kind::Dot), None);
    assert_eq!(Bare::without_members(Side::Left).map(|bare| bare.tag()), Some(Side::Left));
}

#[test]
fn branches_of_one_type_are_told_apart_by_the_value() {
    assert!(matches!(round_trip(r#"{"side":"left","x":1}"#), Sided::Left(_)));
    assert!(matches!(round_trip(r#"{"side":"right","x":1}"#), Sided::Right(_)));
}

#[test]
fn a_union_in_a_union_is_still_one_object() {
    let json = r#"{"transport":"socket","label":"a","type":"inet","host":"::1","port":65535}"#;
    let address: Address = round_trip(json);
    let AddressBranch::Socket(socket) = address.branch else { panic!("it is a socket") };
    let SocketAddress::Inet(inet) = *socket else { panic!("it is an internet address") };
    assert_eq!((inet.host.as_str(), inet.port), ("::1", 65535));
    let unknown = r#"{"transport":"socket","type":"vsock","cid":3}"#;
    let AddressBranch::Socket(socket) = round_trip::<Address>(unknown).branch else {
        panic!("it is a socket")
    };
    assert!(matches!(*socket, SocketAddress::Other(_)));
}

#[test]
fn what_is_wrong_in_a_branch_is_told_by_name() {
    let error = |json| from_str::<Address>(json).unwrap_err().to_string();
    let missing = error(r#"{ "transport": "file" }"#);
    assert!(missing.contains("missing field `filename`"), "{missing}");
    let missing = error(r#"{ "filename": "a" }"#);
    assert!(missing.contains("missing field `transport`"), "{missing}");
    let twice = error(r#"{ "transport": "none", "a": 1, "a": 2 }"#);
    assert!(twice.contains("duplicate field `a`"), "{twice}");
    let wrong = error(r#"{ "transport": "socket", "type": "inet", "host": "a", "port": 65536 }"#);
    assert!(wrong.contains("65536"), "{wrong}");
}
