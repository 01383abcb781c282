//! What `docs.toml` lacks, as TOML to be pasted into it and filled in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use qapi_codegen::history::{Item, items};
use qapi_codegen::schema::Schema;

/// The groups of parts that a table of `docs.toml` may have, and what stands between the names of a definition
/// and of such a part in a path.
const PARTS: [(&str, char); 4] =
    [("arguments", '.'), ("members", '.'), ("values", '.'), ("branches", '/')];

/// Tables with an empty text for each of the `missing` paths, such as `types.GuestUser.members.domain`. Where
/// `known`, the text of `docs.toml`, has the table already, the lines are said to belong there.
pub(super) fn skeleton(missing: &[String], schema: &Schema, known: &str) -> String {
    let items = items(schema);
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    for path in missing {
        let (table, key, item) = place(path);
        let lines = tables.entry(table).or_default();
        let hint = items.get(&item).map(hint).unwrap_or_default();
        let _ = writeln!(lines, "{key} = \"\"{hint}");
    }
    let mut text = String::new();
    for (table, lines) in tables {
        let head = format!("[{table}]");
        let is_there = known.lines().any(|line| line.trim() == head);
        let mark = if is_there { "# into the table that is there: " } else { "" };
        let _ = write!(text, "{mark}{head}\n{lines}");
    }
    text
}

/// The table and the key of a text, and the path of the item that it is about.
fn place(path: &str) -> (String, String, String) {
    let (group, rest) = path.split_once('.').unwrap_or((path, ""));
    for (parts, separator) in PARTS {
        if let Some((owner, part)) = rest.split_once(&format!(".{parts}.")) {
            let table = format!("{group}.{}.{parts}", key(owner));
            return (table, key(part), format!("{owner}{separator}{part}"));
        }
    }
    (format!("{group}.{}", key(rest)), "doc".to_owned(), rest.to_owned())
}

/// A name as TOML has it, quoted if it must be.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.chars().all(is_bare) { name.to_owned() } else { format!("\"{name}\"") }
}

/// What the schema says of the item, for who has to describe it.
fn hint(item: &Item) -> String {
    let ty = item.ty.as_deref().map(|ty| format!(" {ty}")).unwrap_or_default();
    let optional = if item.optional { ", optional" } else { "" };
    format!(" # {}{ty}{optional}", item.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_there_is_not_opened_again() {
        let missing =
            ["commands.guest-new", "commands.guest-new.arguments.a", "types.Old.members.x"];
        let known = "[types.Old]\ndoc = \"D\"\n[types.Old.members]\ny = \"Y\"\n";
        let text = skeleton(&missing.map(str::to_owned), &Schema::default(), known);
        assert_eq!(
            text,
            "[commands.guest-new]\ndoc = \"\"\n[commands.guest-new.arguments]\na = \"\"\n\
             # into the table that is there: [types.Old.members]\nx = \"\"\n"
        );
    }

    #[test]
    fn a_name_with_dots_is_quoted() {
        let missing = ["types.__org.qemu_x.values.on".to_owned()];
        let text = skeleton(&missing, &Schema::default(), "");
        assert_eq!(text, "[types.\"__org.qemu_x\".values]\non = \"\"\n");
    }
}
