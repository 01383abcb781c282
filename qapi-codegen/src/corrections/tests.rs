use super::*;
use crate::diagnostic::Diagnostics;
use crate::dialect::Dialect;
use crate::load::{Memory, load_with};
use crate::source::SourceMap;

const SCHEMA: &str = "
    { 'struct': 'Chunk', 'data': { 'count': 'int', 'buf-b64': 'str', 'eof': 'bool' } }
    { 'enum': 'Whence', 'data': [ 'set', 'cur' ] }
    { 'command': 'seek', 'data': { 'whence': 'str', '*mode': 'str' } }
    { 'command': 'store', 'data': 'Chunk' }
    { 'event': 'STOPPED', 'data': { 'mode': 'str' } }";

fn schema() -> Schema {
    let files = Memory::new().with("a.json", SCHEMA);
    let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
    let tree = load_with(&files, &mut sources, "a.json", Dialect::strict(), &mut diagnostics);
    let schema = tree.and_then(|tree| crate::resolve(tree, Dialect::strict(), &mut diagnostics));
    schema.expect("the schema is good")
}

fn correction(at: &str, rest: &str) -> String {
    format!("[[correction]]\nat = '{at}'\nreason = 'so it is'\n{rest}\n")
}

fn apply(text: &str) -> Result<String, String> {
    let mut schema = schema();
    let corrections = Corrections::parse(text).map_err(|error| error.to_string())?;
    corrections.apply(&mut schema).map_err(|error| error.to_string())?;
    Ok(schema.dump())
}

#[test]
fn a_string_gets_an_encoding() {
    let dump = apply(&correction("Chunk.buf-b64", "encoding = 'base64'")).expect("applies");
    assert!(dump.contains("member buf-b64: str in Base64\n"), "{dump}");
}

#[test]
fn a_member_is_marked_as_secret_alone_or_with_more() {
    let text = correction("seek.mode", "secret = true")
        + &correction("Chunk.buf-b64", "encoding = 'base64'\nsecret = true");
    let dump = apply(&text).expect("applies");
    assert!(dump.contains("member mode?: str, secret\n"), "{dump}");
    assert!(dump.contains("member buf-b64: str in Base64, secret\n"), "{dump}");
}

#[test]
fn a_string_becomes_an_enum_that_several_members_can_share() {
    let rest = "as = 'Mode'\nvalues = ['halt', 'reboot']";
    let text = correction("seek.mode", rest) + &correction("STOPPED.mode", rest);
    let dump = apply(&text).expect("applies");
    assert!(dump.contains("member mode?: Mode\n"), "{dump}");
    assert!(dump.contains("member mode: Mode\n"), "{dump}");
    assert_eq!(dump.matches("enum Mode\n    value halt\n    value reboot\n").count(), 1, "{dump}");
}

#[test]
fn a_string_becomes_an_enum_of_the_schema() {
    let dump = apply(&correction("seek.whence", "as = 'Whence'")).expect("applies");
    assert!(dump.contains("member whence: Whence\n"), "{dump}");
}

#[test]
fn a_member_of_whatever_type_can_hold_any_value() {
    let dump = apply(&correction("Chunk.count", "as = 'any'")).expect("applies");
    assert!(dump.contains("member count: any\n"), "{dump}");
}

#[test]
fn what_does_not_fit_is_an_error() {
    let cases = [
        ("Nothing.x", "encoding = 'base64'", "does not define"),
        ("Chunk.x", "encoding = 'base64'", "no member"),
        ("Chunk.count", "encoding = 'base64'", "not of type `str`"),
        ("store.buf-b64", "encoding = 'base64'", "correct them there"),
        ("Whence.set", "encoding = 'base64'", "no members"),
        ("Chunk.buf-b64", "encoding = 'hex'", "unknown encoding"),
        ("Chunk.buf-b64", "", "says nothing"),
        ("Chunk.buf-b64", "values = ['a']", "no name"),
        ("Chunk.buf-b64", "as = 'Missing'", "there is no enum"),
        ("Chunk.buf-b64", "as = 'Chunk'", "not an enum"),
        ("Chunk.buf-b64", "as = 'seek'\nvalues = ['a']", "not an enum"),
        ("Chunk.buf-b64", "as = 'Whence'\nvalues = ['a']", "values of its own"),
        ("Chunk.buf-b64", "as = 'A'\nvalues = ['a', 'a']", "distinct"),
        ("Chunk.buf-b64", "encoding = 'base64'\nas = 'A'", "both"),
        ("buf-b64", "encoding = 'base64'", "an owner and a member"),
        ("Chunk.buf-b64", "encoding = 'base64'\nwhy = 'x'", "unknown field"),
    ];
    for (at, rest, expected) in cases {
        let error = apply(&correction(at, rest)).expect_err(at);
        assert!(error.contains(expected), "{at}: {error}");
    }
    let twice = correction("Chunk.buf-b64", "encoding = 'base64'").repeat(2);
    assert!(apply(&twice).expect_err("twice").contains("corrected twice"));
}
