//! QAPI's names as Rust's.
//!
//! Types keep theirs, members change `-` to `_`, everything else becomes UpperCamel. There are no heuristics:
//! a name that cannot be had this way, or two that become one, are reported, and somebody chooses another with
//! [`Options::rename`](super::Options::rename).

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span as NoSpan};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// Words that are names only when written `r#word`, in any edition up to 2024.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Words that are never names: they get a `_` at the end.
const RESERVED: [&str; 4] = ["Self", "crate", "self", "super"];

/// A type's name: verbatim where that is CamelCase already, as QAPI demands.
pub(super) fn type_name(qapi: &str) -> String {
    let qapi = qapi.strip_prefix("q_obj_").unwrap_or(qapi);
    let verbatim = qapi.starts_with(|c: char| c.is_ascii_uppercase())
        && qapi.chars().all(|c| c.is_ascii_alphanumeric());
    if verbatim { free(qapi.to_owned()) } else { upper_camel(qapi) }
}

/// The name of an event's type: `BLOCK_IO_ERROR` becomes `BlockIoError`.
pub(super) fn event_name(qapi: &str) -> String {
    upper_camel(&qapi.to_ascii_lowercase())
}

/// The name of a command's type, or of an enum's or union's variant: `guest-exec` becomes `GuestExec`.
///
/// Words keep what follows their first letter, so that `EAX` and `GenericError` stay. Where two words would
/// join a digit to a digit, or the first begins with one, a `_` stands.
pub(super) fn upper_camel(qapi: &str) -> String {
    let mut name = String::new();
    for word in qapi.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
        if starts_with_digit && name.chars().last().is_none_or(|c| c.is_ascii_digit()) {
            name.push('_');
        }
        let mut chars = word.chars();
        name.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    free(name)
}

/// The name of a member, an argument or a method: `buf-b64` becomes `buf_b64`.
pub(super) fn member_name(qapi: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for c in qapi.chars() {
        if c.is_ascii_alphanumeric() {
            // Only types on QAPI's list of exceptions have capitals in their members.
            if c.is_ascii_uppercase() && after_lower {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        after_lower = c.is_ascii_lowercase();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    free(name)
}

fn free(name: String) -> String {
    if RESERVED.contains(&name.as_str()) { name + "_" } else { name }
}

/// Whether `name` can be written as an identifier, raw or not.
pub(super) fn is_usable(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().any(|c| c != '_')
        && !RESERVED.contains(&name)
}

/// `name` as an identifier. Unusable ones were reported when they were claimed.
pub(super) fn ident(name: &str) -> Ident {
    if !is_usable(name) {
        Ident::new("unusable", NoSpan::call_site())
    } else if KEYWORDS.contains(&name) {
        Ident::new_raw(name, NoSpan::call_site())
    } else {
        Ident::new(name, NoSpan::call_site())
    }
}

/// One Rust namespace while it is being filled: who has which name.
#[derive(Debug)]
pub(super) struct Namespace {
    /// What it belongs to, for messages: "the types", "`GuestExec`".
    owner: String,
    taken: BTreeMap<String, (String, Option<Span>)>,
}

impl Namespace {
    pub(super) fn new(owner: impl Into<String>) -> Self {
        Self { owner: owner.into(), taken: BTreeMap::new() }
    }

    /// Takes a name for something that is not of the schema.
    pub(super) fn reserve(&mut self, name: &str, what: &str) {
        self.taken.insert(name.to_owned(), (what.to_owned(), None));
    }

    /// Takes `name` for the item `path`, which is written at `span`; reports it if that is not possible.
    pub(super) fn claim(
        &mut self,
        name: &str,
        path: &str,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) {
        let help = format!("choose another name for `{path}` with `Options::rename`");
        if !is_usable(name) {
            let message = format!("`{path}` cannot be named in Rust: `{name}` is no identifier");
            diagnostics.push(Diagnostic::error(Code::RustName, span, message).help(help));
            return;
        }
        if let Some((other, place)) = self.taken.get(name) {
            let owner = &self.owner;
            let message = format!("`{path}` and {other} would both be `{name}` in {owner}");
            let mut clash = Diagnostic::error(Code::RustNameClash, span, message).help(help);
            if let Some(place) = place {
                clash = clash.related(*place, "the other is here");
            }
            diagnostics.push(clash);
            return;
        }
        self.taken.insert(name.to_owned(), (format!("`{path}`"), Some(span)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_stay_as_they_are() {
        assert_eq!(type_name("GuestNVMeSmart"), "GuestNVMeSmart");
        assert_eq!(type_name("QGASeek"), "QGASeek");
        assert_eq!(type_name("X86CPURegister32"), "X86CPURegister32");
        assert_eq!(type_name("Self"), "Self_");
        assert_eq!(type_name("__org.qemu_x-Enum"), "OrgQemuXEnum");
        assert_eq!(type_name("q_obj_int-wrapper"), "IntWrapper");
    }

    #[test]
    fn values_and_commands_become_upper_camel() {
        assert_eq!(upper_camel("guest-get-osinfo"), "GuestGetOsinfo");
        assert_eq!(upper_camel("8-bit"), "_8Bit");
        assert_eq!(upper_camel("2_5"), "_2_5");
        assert_eq!(upper_camel("x-8-16"), "X8_16");
        assert_eq!(upper_camel("GenericError"), "GenericError");
        assert_eq!(upper_camel("__com.example_drive-add"), "ComExampleDriveAdd");
        assert_eq!(upper_camel("self"), "Self_");
        assert_eq!(upper_camel("x-"), "X");
        assert_eq!(upper_camel("__-"), "");
        assert_eq!(event_name("BLOCK_IO_ERROR"), "BlockIoError");
    }

    #[test]
    fn members_become_snake_case() {
        assert_eq!(member_name("buf-b64"), "buf_b64");
        assert_eq!(member_name("__org.qemu_x-member1"), "org_qemu_x_member1");
        assert_eq!(member_name("a--b"), "a_b");
        assert_eq!(member_name("UUID"), "uuid");
        assert_eq!(member_name("vhostForce"), "vhost_force");
        assert_eq!(member_name("self"), "self_");
        assert_eq!(ident("type").to_string(), "r#type");
        assert_eq!(ident("union").to_string(), "union");
    }

    #[test]
    fn every_keyword_makes_a_raw_identifier_that_parses() {
        for keyword in KEYWORDS {
            assert!(syn::parse_str::<Ident>(&ident(keyword).to_string()).is_ok(), "{keyword}");
        }
    }
}
