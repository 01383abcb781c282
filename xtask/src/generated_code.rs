//! `docs/generated-code.md`: what becomes of each kind of definition, shown by excerpts of the goldens, which compile.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::codegen::COMMAND;

/// What is shown under one title.
struct Section {
    title: &'static str,
    text: &'static str,
    /// The case, under `tests/cases/rust`, and the file of its schema.
    case: &'static str,
    schema: &'static str,
    /// What definitions begin with, after the brace.
    definitions: &'static [&'static str],
    /// What items begin with, in the golden.
    items: &'static [&'static str],
}

const SECTIONS: &[Section] = &[
    Section {
        title: "Structs",
        text: "A member becomes a field: an `Option` if it is optional. `new` takes what is mandatory; the rest is \
               assigned. A later release can add members without breaking anything, so a struct is `non_exhaustive`.",
        case: "structs",
        schema: "structs.json",
        definitions: &["'struct': 'Point'"],
        items: &["pub struct Point ", "impl Point "],
    },
    Section {
        title: "Bases",
        text: "The members of bases come first. On the wire there is no trace of a base, and in Rust there is none.",
        case: "bases",
        schema: "bases.json",
        definitions: &["'struct': 'Named'", "'struct': 'Sized'"],
        items: &["pub struct Sized "],
    },
    Section {
        title: "Types that hold themselves",
        text: "A member that would make a type hold itself is behind a pointer. A list is one already.",
        case: "recursion",
        schema: "recursion.json",
        definitions: &["'struct': 'Chain'", "'struct': 'Tree'"],
        items: &["pub struct Chain ", "pub struct Tree "],
    },
    Section {
        title: "Built-in types",
        text: "Integers have exactly the range of their type: `1.0` and `1e2` are none, and `size` is 64 bits. A \
               `number` may be written as an integer. `any` is kept as the text it came in. `null` is a value, and \
               not the same as being absent.",
        case: "builtin-types",
        schema: "builtin-types.json",
        definitions: &["'struct': 'Builtins'"],
        items: &["pub struct Builtins "],
    },
    Section {
        title: "Enums",
        text: "Agents and QEMU gain values with almost every release, so a value that is not known is kept, and \
               written as it was read. `as_str` is the name on the wire, of that too.",
        case: "enums",
        schema: "enums.json",
        definitions: &["'enum': 'Bus'", "'enum': 'Width'"],
        items: &["pub enum Bus ", "pub enum Width "],
    },
    Section {
        title: "Unions",
        text: "If only the discriminator is always there, a union is an enum. `Other` stands for values that have no \
               members of their own, and for those that are not known; it keeps what came with them, so a branch \
               that a later release adds breaks nothing.",
        case: "unions",
        schema: "unions.json",
        definitions: &["'union': 'Plain'"],
        items: &["pub enum Plain "],
    },
    Section {
        title: "Unions with more than a discriminator",
        text: "The members that are always there are fields, the others are in a field called `branch`. The \
               discriminator is no field: the branch knows it.",
        case: "unions",
        schema: "unions.json",
        definitions: &["'struct': 'Shared'", "'union': 'Shape'"],
        items: &["pub struct Shape ", "pub enum ShapeBranch "],
    },
    Section {
        title: "Alternates",
        text: "The JSON type of a value selects the branch; nothing is tried in vain, so an error says what is wrong \
               with the value. What a branch holds converts into the alternate by `From`.",
        case: "alternates",
        schema: "alternates.json",
        definitions: &["'alternate': 'OneOrMany'"],
        items: &["pub enum OneOrMany ", "impl From<Vec<String>> for OneOrMany "],
    },
    Section {
        title: "Commands",
        text: "A command is a struct of its arguments. Mandatory ones are parameters of `new`, optional ones have \
               methods; both take whatever becomes the argument. Clients execute it and return its `Output`.",
        case: "command-forms",
        schema: "command-forms.json",
        definitions: &["'command': 'tidy'", "'command': 'list'"],
        items: &[
            "pub struct Tidy ",
            "impl Tidy ",
            "impl Command for Tidy ",
            "impl Command for List ",
        ],
    },
    Section {
        title: "Commands that are a union",
        text: "Arguments that are a union stay whole.",
        case: "command-forms",
        schema: "command-forms.json",
        definitions: &["'union': 'Removal'", "'command': 'remove'"],
        items: &["pub struct Remove "],
    },
    Section {
        title: "Commands that are not answered",
        text: "Their output says how the silence ended.",
        case: "command-forms",
        schema: "command-forms.json",
        definitions: &["'command': 'halt'"],
        items: &["impl Command for Halt "],
    },
    Section {
        title: "Events",
        text: "Each event is a struct of its data, and all together are an enum. One that is not known is kept.",
        case: "event-forms",
        schema: "event-forms.json",
        definitions: &["'event': 'BLOCK_IO_ERROR'"],
        items: &["pub struct BlockIoError ", "pub type Event ", "pub enum EventKind "],
    },
    Section {
        title: "Documentation",
        text: "Comments become documentation, and so do features and conditions. Conditions remove nothing: nobody \
               knows how the other side was built.",
        case: "docs",
        schema: "docs.json",
        definitions: &["'enum': 'Colour'"],
        items: &["pub enum Colour "],
    },
    Section {
        title: "Corrections",
        text: "What a schema cannot say is said in a file of corrections: that a string is bytes, or one of a few \
               words, or secret. Secrets are not shown by `Debug`.",
        case: "encodings",
        schema: "encodings.toml",
        definitions: &[],
        items: &["pub struct Chunk ", "impl ::std::fmt::Debug for Login "],
    },
    Section {
        title: "Releases",
        text: "Of several releases of one schema, the bindings describe all. A member that one of them lacks is \
               optional, what only old ones have is kept, and each command knows which release a value needs. This \
               is the last of three; in the first, `drive` has three mandatory arguments, and `loud` is a `bool`.",
        case: "releases",
        schema: "releases/2.1.json",
        definitions: &["'enum': 'Speed'", "'alternate': 'Loudness'", "'command': 'drive'"],
        items: &["pub struct Drive {\n        /// The argument", "impl Command for Drive "],
    },
];

/// The whole document; `cases` is the folder `tests/cases/rust`.
///
/// # Errors
/// When a case cannot be read, or no longer has what is shown of it.
pub fn document(cases: &Path) -> Result<String> {
    let mut text = format!(
        "<!-- @generated by `{COMMAND}`. Do not edit. -->\n\n# What is generated\n\nFor each kind of definition, what \
         becomes of it in Rust. Everything here is taken from test cases under `tests/cases/rust`, whose Rust is \
         compiled under the lints of this workspace and tried by the tests of `qga-goldens`. What is left out: \
         `Serialize` and `Deserialize`, which every type has, and lists of commands as data.\n"
    );
    for section in SECTIONS {
        let _ = write!(text, "\n## {}\n\n{}\n", section.title, section.text);
        let schema = read(&cases.join(section.schema))?;
        let golden = read(&cases.join(section.case).with_extension("rs"))?;
        let lost = |what: &str| format!("{} of {} has no `{what}`", section.title, section.case);
        let mut definitions = String::new();
        for start in section.definitions {
            let found = definition(&schema, start).with_context(|| lost(start))?;
            let _ = writeln!(definitions, "{found}");
        }
        if section.definitions.is_empty() {
            definitions = schema;
        }
        let mut items = Vec::new();
        for start in section.items {
            items.push(item(&golden, start).with_context(|| lost(start))?);
        }
        let (definitions, items) = (definitions.trim_end(), items.join("\n\n"));
        let _ = write!(text, "\n```text\n{definitions}\n```\n\n```rust,ignore\n{items}\n```\n");
    }
    Ok(text)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// The definition that begins so: up to the brace that closes it. No string of a case has a brace in it.
fn definition<'a>(schema: &'a str, start: &str) -> Option<&'a str> {
    let (from, _) = schema.match_indices("{ ").find(|(at, brace)| {
        schema.get(at + brace.len()..).is_some_and(|rest| rest.starts_with(start))
    })?;
    let mut depth = 0_usize;
    let text = schema.get(from..)?;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    text.get(..=end?.0)
}

/// The item that begins so, with what is in front of it, out of its module.
fn item(golden: &str, start: &str) -> Option<String> {
    const INDENT: &str = "    ";
    let at = golden.find(&format!("\n{INDENT}{start}"))? + 1;
    let from = golden.get(..at)?.rfind("\n\n").map_or(0, |blank| blank + 2);
    let text = golden.get(at..)?;
    let first = text.lines().next()?;
    let closes = |line: &&str| *line == format!("{INDENT}}}");
    let length = if first.ends_with(['}', ';']) {
        first.len()
    } else {
        let inside = text.lines().take_while(|line| !closes(line));
        inside.map(|line| line.len() + 1).sum::<usize>() + INDENT.len() + 1
    };
    let lines = golden.get(from..at + length)?.lines();
    let lines = lines.map(|line| line.strip_prefix(INDENT).unwrap_or(line));
    Some(lines.collect::<Vec<_>>().join("\n"))
}
