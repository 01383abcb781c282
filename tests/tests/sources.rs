//! Schemas that are read together, and again, into one map of their texts.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::PathBuf;

use qapi_codegen::diagnostic::Diagnostics;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::read_all;
use qapi_codegen::source::SourceMap;
use qga_tests::folder::Folder;

/// Schemas in a folder, each with one command, whose name is that of its file.
fn schemas(folder: &Folder, padding: [usize; 3]) -> Vec<PathBuf> {
    let names = ["first", "second", "third"].into_iter().zip(padding);
    let written = names.map(|(name, padding)| {
        let path = folder.join(name);
        let text = format!("#{}\n{{ 'command': '{name}' }}\n", "x".repeat(padding));
        fs::write(&path, text).expect("written");
        path
    });
    written.collect()
}

#[test]
fn many_schemas_may_be_read_many_times_into_one_map() {
    let folder = Folder::new().expect("made");
    let paths = schemas(&folder, [0; 3]);
    let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
    for time in 0..300 {
        let read = read_all(&mut sources, &paths, Dialect::strict(), &mut diagnostics);
        assert_eq!(read.map(|schemas| schemas.len()), Some(3), "time {time}");
    }
    assert_eq!(sources.files().len(), 900);
}

#[test]
fn a_schema_that_does_not_fit_into_its_share_of_the_map_is_read_and_found_all_the_same() {
    let folder = Folder::new().expect("made");
    let paths = schemas(&folder, [5 << 20, 0, 5 << 20]);
    let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
    let read = read_all(&mut sources, &paths, Dialect::strict(), &mut diagnostics);
    let schemas = read.expect("nothing is wrong");
    assert_eq!(sources.files().len(), 3);
    for (schema, path) in schemas.iter().zip(&paths) {
        let (_, command) = schema.commands().next().expect("there is one");
        let place = sources.locate(command.meta.span).expect("it is somewhere");
        assert_eq!((place.path, place.line), (&*path.display().to_string(), 2));
    }
}
