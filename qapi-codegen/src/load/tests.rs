//! What a schema's files make of each other.

use super::*;
use crate::diagnostic::{Format, Severity};
use crate::dialect::Allowance;

/// What loading `root.json` reports, one line each, and the tree.
fn loaded(files: &Memory, dialect: Dialect) -> (Vec<String>, Option<Tree>) {
    let mut sources = SourceMap::new();
    let mut diagnostics = Diagnostics::new();
    let tree = load_with(files, &mut sources, "root.json", dialect, &mut diagnostics);
    let report = diagnostics.render(&sources, Format::Short);
    (report.lines().map(str::to_owned).collect(), tree)
}

/// Place and code of everything that is wrong with `files`.
fn faults(files: &Memory) -> Vec<String> {
    let (report, _) = loaded(files, Dialect::strict());
    let short = |line: &String| {
        let (place, rest) = line.split_once("error[")?;
        Some(format!("{place}{}", rest.split_once(']')?.0))
    };
    report.iter().filter_map(short).collect()
}

fn faults_of(text: &str) -> Vec<String> {
    faults(&Memory::new().with("root.json", text))
}

/// The items of a tree: definitions by their first value, documentation by its symbol.
fn outline(tree: &Tree) -> Vec<String> {
    let item = |item: &Item| match item {
        Item::Include(include) => format!("include {}", include.module),
        Item::FreeForm(_) => "free-form".to_owned(),
        Item::Definition(Expression { value, doc }) => {
            let name = value.as_object().unwrap()[0].value.as_str().unwrap();
            format!("{name}{}", if doc.is_some() { " documented" } else { "" })
        }
    };
    tree.items.iter().map(item).collect()
}

#[test]
fn what_is_included_stands_where_the_directive_is() {
    let files = Memory::new()
        .with("root.json", "{'event': 'A'} {'include': 'sub/b.json'} {'event': 'D'}")
        .with("sub/b.json", "{'include': 'c.json'} {'event': 'B'}")
        .with("sub/c.json", "{'event': 'C'} {'include': '../sub/./b2.json'}")
        .with("sub/b2.json", "");
    let (report, tree) = loaded(&files, Dialect::strict());
    assert!(report.is_empty(), "{report:?}");
    let tree = tree.unwrap();
    assert_eq!(
        outline(&tree),
        ["A", "include sub/b.json", "include sub/c.json", "C", "include sub/b2.json", "B", "D"]
    );
    let modules: Vec<_> = tree.modules.iter().map(|module| module.name.as_str()).collect();
    assert_eq!(modules, ["root.json", "sub/b.json", "sub/c.json", "sub/b2.json"]);
}

#[test]
fn a_file_included_again_is_passed_over() {
    let files = Memory::new()
        .with("root.json", "{'include': 'a.json'} {'include': 'x/../a.json'}")
        .with("a.json", "{'event': 'A'}");
    let (report, tree) = loaded(&files, Dialect::strict());
    assert!(report.is_empty(), "{report:?}");
    assert_eq!(outline(&tree.unwrap()), ["include a.json", "A", "include a.json"]);
}

#[test]
fn a_cycle_is_reported_where_it_closes() {
    let files = Memory::new()
        .with("root.json", "{'include': 'a.json'}")
        .with("a.json", "\n{'include': './root.json'}");
    assert_eq!(faults(&files), ["a.json:2: include-cycle"]);
}

#[test]
fn a_missing_file_is_reported_where_it_is_included() {
    assert_eq!(faults_of("\n{'include': 'a.json'}"), ["root.json:2: unreadable"]);
    assert_eq!(faults(&Memory::new()), ["unreadable"]);
}

#[test]
fn bytes_that_are_not_utf_8_are_one_fault() {
    let root = b"{}\r\n \xff\n\xff\xff".as_slice();
    let files = Memory::new().with("root.json", root);
    assert_eq!(faults(&files), ["root.json:2:2: invalid-utf8"]);
    assert_eq!(loaded(&files, Dialect::strict()).1, None);
}

#[test]
fn files_are_read_up_to_a_limit() {
    struct Endless;
    impl Files for Endless {
        fn open(&self, _: &Path) -> std::io::Result<Box<dyn std::io::Read + '_>> {
            Ok(Box::new(std::io::repeat(b' ')))
        }
    }
    let mut diagnostics = Diagnostics::new();
    let root = load_with(&Endless, &mut SourceMap::new(), "x", Dialect::any(), &mut diagnostics);
    assert_eq!(root, None);
    let codes: Vec<_> = diagnostics.into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [Code::FileTooLarge]);
}

#[test]
fn all_files_together_are_read_up_to_a_limit() {
    let part = vec![b'\n'; usize::try_from(MAX_FILE_BYTES).unwrap()];
    let root = "{'include': 'a'} {'include': 'b'} {'include': 'c'}";
    let files = Memory::new().with("root.json", root).with("a", part.clone()).with("b", part);
    assert_eq!(faults(&files), ["root.json:1: schema-too-large", "root.json:1: unreadable"]);
}

#[test]
fn files_include_each_other_up_to_a_limit() {
    let name = |at| if at == 0 { "root.json".to_owned() } else { format!("{at}.json") };
    let files = (0..MAX_INCLUDE_DEPTH).fold(Memory::new(), |files, at| {
        files.with(name(at), format!("{{'include': '{}'}}", name(at + 1)))
    });
    assert_eq!(faults(&files), ["49.json:1: include-too-deep"]);
}

#[test]
fn a_schema_has_a_limited_number_of_files() {
    let directives: Vec<_> = (0..MAX_FILES).map(|at| format!("{{'include': '{at}'}}\n")).collect();
    let files = (0..MAX_FILES).fold(Memory::new(), |files, at| files.with(at.to_string(), ""));
    assert_eq!(
        faults(&files.with("root.json", directives.concat())),
        ["root.json:1000: schema-too-large"]
    );
}

#[test]
fn a_schema_has_a_limited_number_of_values() {
    let part = "[".to_owned() + &"[],".repeat(MAX_NODES / 2) + "[]]";
    let files = Memory::new()
        .with("root.json", "{'include': 'a'}\n{'include': 'b'}\n{'event': 'A'}")
        .with("a", part.clone())
        .with("b", part);
    assert_eq!(faults(&files), ["a:1: top-level-not-object", "b:1: schema-too-large"]);
}

#[test]
fn documentation_goes_with_the_definition_below() {
    let text = "##\n# @a:\n##\n# no matter\n{'event': 'A'}\n##\n# free\n##\n##\n# free\n##\n";
    let files = Memory::new().with("root.json", text);
    let (report, tree) = loaded(&files, Dialect::strict());
    assert!(report.is_empty(), "{report:?}");
    assert_eq!(outline(&tree.unwrap()), ["A documented", "free-form", "free-form"]);
}

#[test]
fn documentation_without_its_definition_is_a_fault() {
    let doc = "##\n# @a:\n##\n";
    assert_eq!(faults_of(doc), ["root.json:1: doc-stranded"]);
    assert_eq!(faults_of(&format!("{doc}{{'pragma': {{}}}}")), ["root.json:1: doc-stranded"]);
    assert_eq!(faults_of(&format!("{doc}{doc}{{'event': 'A'}}")), ["root.json:1: doc-stranded"]);
    assert_eq!(faults_of("##\n# a\n##\n{'event': 'A'}"), ["root.json:1: doc-symbol-missing"]);
}

#[test]
fn directives_stand_alone_and_have_values_of_their_type() {
    for (text, code) in [
        ("{'include': 'a', 'event': 'A'}", "include-invalid"),
        ("{'include': ['a']}", "include-invalid"),
        ("{'pragma': {}, 'event': 'A'}", "pragma-invalid"),
        ("{'pragma': []}", "pragma-invalid"),
        ("{'pragma': {'doc-required': 'yes'}}", "pragma-value"),
        ("{'pragma': {'documentation-exceptions': ['a', true]}}", "pragma-value"),
        ("{'pragma': {'returns-whitelist': []}}", "pragma-unknown"),
        ("'event'", "top-level-not-object"),
    ] {
        assert_eq!(faults_of(text), [format!("root.json:1: {code}")], "{text}");
    }
}

#[test]
fn the_last_assignment_of_a_pragma_wins() {
    let text = "{'pragma': {'doc-required': true, 'member-name-exceptions': ['A', 'B']}}
                {'pragma': {'member-name-exceptions': ['C']}}";
    let (_, tree) = loaded(&Memory::new().with("root.json", text), Dialect::strict());
    let pragma = tree.unwrap().pragma;
    assert!(pragma.doc_required);
    assert_eq!(pragma.member_name_exceptions, ["C"]);
}

#[test]
fn pragmas_had_other_names() {
    let text = "{'pragma': {'returns-whitelist': ['a'], 'name-case-whitelist': ['B']}}";
    let dialect = Dialect::strict().with(Allowance::WhitelistPragmas);
    let (report, tree) = loaded(&Memory::new().with("root.json", text), dialect);
    assert!(report.is_empty(), "{report:?}");
    let pragma = tree.unwrap().pragma;
    assert_eq!(pragma.command_returns_exceptions, ["a"]);
    assert_eq!(pragma.member_name_exceptions, ["B"]);
}

#[test]
fn a_fault_of_the_next_token_comes_before_one_of_the_directive() {
    assert_eq!(
        faults_of("{'pragma': []}\n\"\n{'include': []}"),
        [
            "root.json:2:1: stray-text",
            "root.json:1: pragma-invalid",
            "root.json:3: include-invalid"
        ]
    );
}

#[test]
fn old_documentation_is_one_warning() {
    let text = "##\n# @a: text\n# Note: x\n##\n{'event': 'A'}\n{'event': ## no doc\n'B'}\n## x\n";
    let mut sources = SourceMap::new();
    let mut diagnostics = Diagnostics::new();
    let files = Memory::new().with("root.json", text);
    let dialect = Dialect::strict().with(Allowance::LegacyDocs);
    let tree = load_with(&files, &mut sources, "root.json", dialect, &mut diagnostics);
    assert_eq!(outline(&tree.unwrap()), ["A documented", "B"]);
    assert!(!diagnostics.has_errors());
    let list: Vec<_> = diagnostics.into_iter().map(|one| (one.code, one.severity)).collect();
    assert_eq!(list, [(Code::LegacyDocs, Severity::Warning)]);
}

#[test]
fn reading_stops_when_there_are_too_many_faults() {
    let files = Memory::new().with("root.json", "{x\n".repeat(Diagnostics::LIMIT + 100));
    assert_eq!(faults(&files).len(), Diagnostics::LIMIT);
}
