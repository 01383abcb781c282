//! No input makes the front end panic, pass its limits, or take long.

use std::time::Duration;

use proptest::prelude::*;
use qapi_codegen::dialect::Dialect;
use qga_tests::back_ends::check_everything;
use qga_tests::clock::computing_time;
use qga_tests::front_end::{check_front_end, read};
use qga_tests::mutate;
use qga_tests::seed::{inputs, seed};

/// Pieces that schemas are made of, in an order that they are not.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "'a'",
        "'*a'",
        "'data'",
        "'struct'",
        "'union'",
        "'enum'",
        "'command'",
        "'base'",
        "'if'",
        "'Ab'",
        "'int'",
        "'include'",
        "'pragma'",
        "true",
        "null",
        "'",
        "\\",
        "\n",
        "\r",
        "\t",
        "#",
        "##\n",
        "# @a: b\n",
        "# @Ab:\n",
        "# Features:\n",
        "# Since: 1\n",
        "#  x\n",
        "# A. B\n",
        "\u{202e}",
        "é",
        "\u{feff}",
        "{ 'struct': 'Ab', 'data': { 'a': 'int' } }\n",
        "{ 'enum': 'Cd', 'data': ['a'] }\n",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_schema_or_a_diagnostic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check_front_end(&bytes);
    }

    #[test]
    fn any_pieces_are_a_schema_or_a_diagnostic(text in pieces()) {
        check_everything(text.as_bytes(), None);
    }
}

#[test]
fn a_schema_cut_or_broken_anywhere_is_a_schema_or_a_diagnostic() {
    for at in 0..SCHEMA.len() {
        check_front_end(&SCHEMA.as_bytes()[..at]);
        for byte in [b'\'', b'\0', 0xff] {
            let mut bytes = SCHEMA.as_bytes().to_vec();
            bytes[at] = byte;
            check_front_end(&bytes);
        }
    }
}

/// How many broken schemas are tried. `cargo run --release -p qga-tests --bin fuzz` tries as many as wanted.
const INPUTS: u64 = 2000;

#[test]
fn a_broken_schema_is_a_schema_or_a_diagnostic_within_a_second() {
    let (seeds, run) = (mutate::seeds(), seed("broken schemas"));
    for number in inputs(INPUTS) {
        println!("fuzz --run {run} --from {number} --inputs 1");
        let text = mutate::input(&seeds, run, number).text;
        let took = computing_time(|| check_front_end(&text));
        assert!(took < Duration::from_secs(1), "{took:?}: {}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn what_can_be_read_can_be_shown_compared_imported_and_generated() {
    let (seeds, run) = (mutate::seeds(), seed("schemas for everything"));
    for seed in &seeds {
        println!("{}", String::from_utf8_lossy(seed));
        check_everything(seed, None);
    }
    for number in inputs(INPUTS / 10) {
        println!("fuzz --run {run} --from {number} --inputs 1");
        let input = mutate::input(&seeds, run, number);
        let older = seeds.get(input.seed).and_then(|seed| read(seed, Dialect::any()));
        check_everything(&input.text, older.as_ref());
    }
}

#[test]
fn a_struct_may_have_thousands_of_members() {
    let members: Vec<_> = (0..3000).map(|at| format!("'m{at}': 'int'")).collect();
    let members = members.join(", ");
    let text = format!(
        "{{'struct': 'Ab', 'data': {{{members}}}}}
         {{'command': 'go', 'data': 'Ab', 'returns': 'Ab'}}"
    );
    assert!(check_everything(text.as_bytes(), None));
}

#[test]
fn types_may_refer_to_each_other_in_a_long_chain() {
    let count = 1500;
    let structs = (0..count).map(|at| {
        format!("{{'struct': 'Ab{at}', 'data': {{'next': 'Ab{}'}}}}\n", (at + 1) % count)
    });
    let command = "{'command': 'go', 'returns': 'Ab0'}";
    let text = structs.chain([command.to_owned()]).collect::<String>();
    assert!(check_everything(text.as_bytes(), None));
}

const SCHEMA: &str = "\
##
# @Point:
#
# Where.  And more: e.g. This.
#
# @x: left
#     or right
#
# Features:
#
# @unstable: yes
#
# Since: 1.0
##
{ 'struct': 'Point', 'data': { 'x': 'int', '*y': { 'type': ['int'], 'if': { 'not': 'A' } } } }
{ 'enum': 'Kind', 'data': [ 'one', { 'name': 'two' } ] }
{ 'union': 'Shape', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': { 'one': 'Point' } }
{ 'alternate': 'Either', 'data': { 'p': 'Point', 'n': 'int' } }
{ 'command': 'move', 'data': 'Point', 'returns': ['Shape'], 'features': [ 'deprecated' ] }
{ 'pragma': { 'doc-required': false } }
{ 'include': 'a' }
";

#[test]
fn much_of_anything_takes_a_moment() {
    let size = 1 << 18;
    let repeated = |piece: &str| piece.repeat(size / piece.len());
    let numbered = |piece: &str| {
        let count = size / (piece.len() + 4);
        (0..count).map(|at| piece.replace('N', &at.to_string())).collect::<Vec<_>>().concat()
    };
    let mut texts: Vec<(String, String)> = [
        "[",
        "{",
        "'",
        "#",
        "##\n",
        "#\n",
        "\n",
        "\t",
        "x",
        "x\n",
        "{\n",
        "{}",
        "[],",
        "{'a':",
        "\\",
        "\0",
        ":",
        "\u{2028}",
        "{'include': 'a'}",
        "{'pragma': {'a': true}}",
        "##\n# @a:\n",
        "{'struct': 'A'}",
    ]
    .iter()
    .map(|piece| ((*piece).to_owned(), repeated(piece)))
    .collect();
    for (before, piece, after) in [
        ("{", "'aN': 'b', ", "'a': 'b'}"),
        ("{", "'a': 'b', ", "'a': 'b'}"),
        ("##\n# @a:\n#\n", "# @aN: x\n", "##\n"),
        ("##\n# @a:\n#\n", "# @a: x\n", "##\n"),
        ("##\n# @a:\n#\n", "# Since: N\n#\n", "##\n"),
        ("##\n# ", "a. B", "\n##\n"),
        ("'", "a", "'"),
        ("", "{'include': 'N'}\n", ""),
        ("", "{'struct': 'TN', 'data': {}}\n", ""),
        ("", "{'struct': 'TyN', 'data': {'a': 'TyN'}}\n", ""),
        ("{'enum': 'Ab', 'data': [", "'aN', ", "'b']}"),
        ("{'struct': 'Ab', 'data': {", "'aN': 'int', ", "'b': 'int'}}"),
        ("{'struct': 'Ab', 'data': {'a': {'type': 'int', 'if': ", "{'not': ", ""),
    ] {
        texts.push((piece.to_owned(), format!("{before}{}{after}", numbered(piece))));
    }
    for (name, text) in texts {
        let took = computing_time(|| check_front_end(text.as_bytes()));
        // Far more than it takes unoptimised, far less than a quadratic step would.
        assert!(took < Duration::from_secs(3), "{name:?} took {took:?}");
    }
}
