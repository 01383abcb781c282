//! Pragma directives: the value of one to the state of the schema.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Allowance, Dialect};
use crate::source::Span;
use crate::syntax::quote::quoted;
use crate::syntax::tree::{Entry, Pragma, Value};

/// Sets what the directive at `at` says: `value` is what stands for `pragma`.
pub(crate) fn apply(
    pragma: &mut Pragma,
    value: &Value,
    at: Span,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) {
    let Some(entries) = value.as_object() else {
        return diagnostics.push(
            Diagnostic::error(Code::PragmaInvalid, at, "the value of `pragma` must be an object")
                .label(value.span, "not an object")
                .help("write `{ 'pragma': { 'NAME': VALUE } }`"),
        );
    };
    for entry in entries {
        diagnostics.extend(set(pragma, entry, at, dialect).err());
    }
}

fn set(pragma: &mut Pragma, entry: &Entry, at: Span, dialect: Dialect) -> Result<(), Diagnostic> {
    let list = match entry.key.value.as_str() {
        "doc-required" => {
            pragma.doc_required = flag(entry, at)?;
            return Ok(());
        }
        "command-name-exceptions" => &mut pragma.command_name_exceptions,
        "command-returns-exceptions" => &mut pragma.command_returns_exceptions,
        "documentation-exceptions" => &mut pragma.documentation_exceptions,
        "member-name-exceptions" => &mut pragma.member_name_exceptions,
        "returns-whitelist" if dialect.allows(Allowance::WhitelistPragmas) => {
            &mut pragma.command_returns_exceptions
        }
        "name-case-whitelist" if dialect.allows(Allowance::WhitelistPragmas) => {
            &mut pragma.member_name_exceptions
        }
        unknown => return Err(unknown_pragma(unknown, entry, at)),
    };
    *list = names(entry, at)?;
    Ok(())
}

fn flag(entry: &Entry, at: Span) -> Result<bool, Diagnostic> {
    entry
        .value
        .as_bool()
        .ok_or_else(|| wrong_value(entry, entry.value.span, at, "`true` or `false`"))
}

fn names(entry: &Entry, at: Span) -> Result<Vec<String>, Diagnostic> {
    let wrong = |span| wrong_value(entry, span, at, "a list of strings");
    let elements = entry.value.as_array().ok_or_else(|| wrong(entry.value.span))?;
    elements
        .iter()
        .map(|element| element.as_str().map(str::to_owned).ok_or_else(|| wrong(element.span)))
        .collect()
}

fn wrong_value(entry: &Entry, culprit: Span, at: Span, wanted: &str) -> Diagnostic {
    let name = quoted(&entry.key.value);
    let help = match entry.key.value.as_str() {
        "doc-required" => "write `'doc-required': true`".to_owned(),
        key => format!("write `'{key}': [ 'NAME', ... ]`"),
    };
    Diagnostic::error(Code::PragmaValue, at, format!("the pragma {name} takes {wanted}"))
        .label(culprit, format!("not {wanted}"))
        .help(help)
}

fn unknown_pragma(name: &str, entry: &Entry, at: Span) -> Diagnostic {
    let fault =
        Diagnostic::error(Code::PragmaUnknown, at, format!("there is no pragma {}", quoted(name)))
            .label(entry.key.span, "unknown");
    match name {
        "returns-whitelist" => {
            fault.help("since QEMU 6.0 it is called `command-returns-exceptions`")
        }
        "name-case-whitelist" => fault.help("since QEMU 6.0 it is called `member-name-exceptions`"),
        _ => fault.help(
            "known are `doc-required`, `command-name-exceptions`, `command-returns-exceptions`, \
             `documentation-exceptions` and `member-name-exceptions`",
        ),
    }
}
