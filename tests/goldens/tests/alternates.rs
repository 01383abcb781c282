//! Alternates: the JSON type of a value selects the branch, and nothing is tried in vain.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use qga_bindings::Null;
use qga_goldens::alternates::types::{
    Everything, Move, MoveOrNull, NoObject, OneOrMany, Only, Position, Whence,
};
use serde_core::de::DeserializeOwned;
use serde_json::{from_str, to_string};

fn error<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
    from_str::<T>(json).unwrap_err().to_string()
}

#[test]
fn each_json_type_has_its_branch() {
    let cases = [
        ("null", Everything::Nothing(Null)),
        ("true", Everything::Flag(true)),
        ("-7", Everything::Offset(-7)),
        ("\"cur\"", Everything::Whence(Whence::Cur)),
        ("[1,2]", Everything::List(vec![1, 2])),
        (r#"{"at":3}"#, Everything::Position(Box::new(Position::new(3)))),
    ];
    for (json, value) in cases {
        assert_eq!(from_str::<Everything>(json).unwrap(), value);
        assert_eq!(to_string(&value).unwrap(), json);
    }
}

#[test]
fn white_space_in_front_of_a_value_does_not_matter() {
    assert_eq!(from_str::<Vec<Everything>>(" [ \n\t7 , true ] ").unwrap().len(), 2);
}

#[test]
fn a_type_without_a_branch_is_refused_with_those_that_have_one() {
    assert_eq!(error::<Only>("true"), "invalid type: a boolean, expected a number as a Only");
    let refused = error::<OneOrMany>("{}");
    assert!(
        refused.starts_with("invalid type: an object, expected a string or an array"),
        "{refused}"
    );
    let refused = error::<NoObject>("{}");
    assert!(refused.contains("null, a boolean, an integer, a string or an array"), "{refused}");
}

#[test]
fn a_value_that_its_branch_refuses_is_not_offered_to_another() {
    assert!(
        error::<Everything>("1.0").contains("floating point `1.0`"),
        "{}",
        error::<Everything>("1.0")
    );
    assert!(error::<NoObject>("256").contains("256"));
    assert!(error::<Everything>("[null]").contains("null"));
    assert!(error::<Everything>("{}").contains("missing field `at`"));
}

#[test]
fn a_word_that_is_not_known_is_kept() {
    let value = from_str::<Everything>("\"end\"").unwrap();
    assert_eq!(value, Everything::Whence(Whence::from("end")));
    assert_eq!(to_string(&value).unwrap(), "\"end\"");
}

#[test]
fn a_union_may_be_the_branch_for_objects() {
    let value = from_str::<MoveOrNull>(r#"{"how":"set","at":1}"#).unwrap();
    assert_eq!(value, MoveOrNull::from(Move::Set(Box::new(Position::new(1)))));
    assert_eq!(to_string(&value).unwrap(), r#"{"how":"set","at":1}"#);
}

#[test]
fn what_a_branch_holds_becomes_the_alternate() {
    assert_eq!(OneOrMany::from("a"), OneOrMany::One("a".to_owned()));
    assert_eq!(OneOrMany::from(vec!["a".to_owned()]), OneOrMany::Many(vec!["a".to_owned()]));
    assert_eq!(NoObject::from(vec![0.5]), NoObject::Numbers(vec![0.5]));
    assert!(to_string(&NoObject::from(vec![f64::INFINITY])).is_err());
}
