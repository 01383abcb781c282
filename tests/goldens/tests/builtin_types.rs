//! The built-in types: each takes the JSON values that QEMU takes, and no other.

use qga_bindings::{Any, Null};
use qga_goldens::builtin_types::types::{Builtins, Comparable, QType};
use serde_json::{from_str, to_string};

fn decode(json: &str) -> Result<Builtins, String> {
    from_str(json).map_err(|error| error.to_string())
}

/// Whether the member takes the value, and gives the same back.
fn takes(member: &str, value: &str) -> bool {
    let json = format!("{{\"{member}\":{value}}}");
    decode(&json).is_ok_and(|decoded| to_string(&decoded).is_ok_and(|again| again == json))
}

#[test]
fn integers_have_exactly_the_range_of_their_type() {
    let cases = [
        ("int", "-9223372036854775808", "9223372036854775807"),
        ("int64", "-9223372036854775808", "9223372036854775807"),
        ("int8", "-128", "127"),
        ("int16", "-32768", "32767"),
        ("int32", "-2147483648", "2147483647"),
        ("uint8", "0", "255"),
        ("uint16", "0", "65535"),
        ("uint32", "0", "4294967295"),
        ("uint64", "0", "18446744073709551615"),
        ("size", "0", "18446744073709551615"),
    ];
    for (member, least, most) in cases {
        assert!(takes(member, least) && takes(member, most), "{member}");
        let wide = |text: &str, step: i128| (text.parse::<i128>().unwrap() + step).to_string();
        assert!(!takes(member, &wide(least, -1)), "{member} is too small");
        assert!(!takes(member, &wide(most, 1)), "{member} is too large");
    }
}

#[test]
fn an_integer_has_no_fraction_no_exponent_and_no_quotes() {
    for value in ["1.0", "1e2", "\"1\"", "true", "null"] {
        for member in ["int", "uint8", "size"] {
            assert!(!takes(member, value), "{member}: {value}");
        }
    }
}

#[test]
fn a_number_may_be_written_as_an_integer() {
    assert_eq!(decode(r#"{ "number": 7 }"#).unwrap().number, Some(7.0));
    assert_eq!(
        decode(r#"{ "numbers": [ 1, -2.5, 1e3 ] }"#).unwrap().numbers.unwrap(),
        [1.0, -2.5, 1000.0]
    );
    assert!(!takes("number", "\"7\""));
}

#[test]
fn a_number_keeps_its_last_digit() {
    assert!(takes("number", "0.00014089868359554657"));
    assert!(takes("number", "1764081234.123457"));
}

#[test]
fn any_value_is_kept_as_it_is_written() {
    let text = r#"{"any":{"big": 123456789012345678901234567890, "again": [1.0, 1e2]}}"#;
    let decoded = decode(text).unwrap();
    assert_eq!(decoded.any.as_ref().unwrap().get(), &text[7..text.len() - 1]);
    assert_eq!(to_string(&decoded).unwrap(), text);
}

#[test]
fn any_may_be_null_which_is_not_the_same_as_absent() {
    assert_eq!(decode(r#"{ "any": null }"#).unwrap().any.unwrap().get(), "null");
    assert_eq!(decode("{}").unwrap().any, None);
}

#[test]
fn values_of_any_are_equal_whatever_the_order_of_their_members() {
    let any = |text: &str| Comparable::new(from_str::<Any>(text).unwrap());
    assert_eq!(any(r#"{"a":1,"b":2}"#), any(r#"{ "b": 2, "a": 1 }"#));
    assert_ne!(any("1"), any("2"));
}

#[test]
fn null_is_a_value_of_its_own_type_only() {
    assert_eq!(decode(r#"{ "null": null }"#).unwrap().null, Some(Null));
    assert!(!takes("null", "0"));
    for member in ["str", "bool", "int", "number", "qtype", "empty"] {
        assert!(!takes(member, "null"), "{member}");
    }
}

#[test]
fn text_may_hold_any_character() {
    let text = r#"{ "str": "\u0000\ud83d\ude00\"\\\n" }"#;
    let decoded = decode(text).unwrap();
    assert_eq!(decoded.str.as_deref(), Some("\0\u{1f600}\"\\\n"));
    assert_eq!(decode(&to_string(&decoded).unwrap()), Ok(decoded));
}

#[test]
fn the_enum_of_json_types_is_predefined() {
    assert_eq!(decode(r#"{ "qtype": "qdict" }"#).unwrap().qtype, Some(QType::Qdict));
}

#[test]
fn a_number_that_json_cannot_hold_is_an_error_and_nothing_is_written() {
    let mut value = Builtins::new();
    value.numbers = Some(vec![1.0, f64::NAN]);
    let error = to_string(&value).unwrap_err().to_string();
    assert!(error.contains("NaN"), "{error}");
}
