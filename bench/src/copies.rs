//! A schema of several times the size: the same definitions again, under other names.

use std::collections::BTreeSet;
use std::ops::Range;

use qapi_codegen::load::Memory;
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;

/// The path of the schema that includes all copies.
pub const ROOT: &str = "all.json";

/// The files of a schema, up to four times over, and their length in bytes. What is defined gets other names in each copy, and so
/// does whatever is called like it.
pub fn copies(schema: &Schema, sources: &SourceMap, count: usize) -> (Memory, usize) {
    let names: BTreeSet<&str> = schema
        .types()
        .map(|(_, ty)| ty.name.as_str())
        // Those that are built in remain what they are.
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
        .chain(schema.commands().map(|(_, command)| command.name.as_str()))
        .chain(schema.events().map(|(_, event)| event.name.as_str()))
        .collect();
    let (mut files, mut root, mut bytes) = (Memory::new(), String::new(), 0);
    let first = sources.files().first().map(|file| file.path().to_owned()).unwrap_or_default();
    for copy in 0..count {
        for file in sources.files() {
            // The last list of exceptions is for all copies.
            let is_list = file.text().contains("'pragma'");
            let copies = if is_list { 0..count } else { copy..copy + 1 };
            let text = renamed(file.text(), &names, &copies);
            bytes += text.len();
            // A copy is a folder, whatever the path looked like.
            let path = format!("{copy}/{}", file.path().trim_start_matches('/'));
            files = files.with(path, text);
        }
        let inside = first.trim_start_matches('/');
        root.extend(["{ 'include': '", &copy.to_string(), "/", inside, "' }\n"]);
    }
    (files.with(ROOT, root), bytes)
}

/// The text, with the names of these copies wherever one stands in quotes, or behind the `@` of a comment.
fn renamed(text: &str, names: &BTreeSet<&str>, copies: &Range<usize>) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '@']) {
        let (before, marked) = rest.split_at(at + 1);
        let end = marked.find(|c| !is_name(c)).unwrap_or(marked.len());
        let (name, after) = marked.split_at(end);
        out.push_str(before);
        if names.contains(name) && !after.starts_with(".json") {
            let names = copies.clone().map(|copy| of_copy(name, copy));
            out.push_str(&names.collect::<Vec<_>>().join("', '"));
        } else {
            out.push_str(name);
        }
        rest = after;
    }
    out + rest
}

/// What something is called in a copy. It is as long as before: there is a rule about the length of lines.
fn of_copy(name: &str, copy: usize) -> String {
    const LETTERS: [[&str; 2]; 3] = [["q", "Q"], ["z", "Z"], ["w", "W"]];
    let upper = name.chars().nth(1).is_some_and(|c| c.is_ascii_uppercase());
    let letter = copy.checked_sub(1).and_then(|copy| LETTERS.get(copy)?.get(usize::from(upper)));
    match (name.get(..1), letter, name.get(2..)) {
        (Some(first), Some(letter), Some(others)) => [first, letter, others].concat(),
        _ => name.to_owned(),
    }
}
