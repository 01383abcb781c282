//! How the names of a schema may be spelt.

use std::borrow::Cow;

use super::Checker;
use crate::diagnostic::Code;
use crate::dialect::Allowance;
use crate::source::Spanned;
use crate::syntax::quote::quoted;

/// The rule that a name has to follow, beyond being a name at all.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    /// Events: no lower case, no `-`.
    Upper,
    /// Commands, members, values, branches, features: no upper case, no `_`, unless permitted.
    Lower { upper: bool, underscore: bool },
    /// Types.
    Camel,
}

impl Style {
    pub(super) const LOWER: Self = Self::Lower { upper: false, underscore: false };

    /// The style of members and values of a type, which pragma may exempt.
    pub(super) const fn member(exempt: bool) -> Self {
        Self::Lower { upper: exempt, underscore: exempt }
    }

    /// How `stem` would be right.
    fn advice(self, stem: &str) -> String {
        match self {
            Self::Upper => format!("write `{}`", upper(stem)),
            Self::Lower { .. } => {
                format!("write `{}`", upper(stem).replace('_', "-").to_ascii_lowercase())
            }
            Self::Camel => {
                "write it like `GuestDiskInfo`: capitals begin words, other letters are small, \
                            nothing stands between"
                    .to_owned()
            }
        }
    }

    /// What is wrong with `stem`, if anything.
    fn complaint(self, stem: &str) -> Option<&'static str> {
        let has = |wanted: fn(&u8) -> bool| stem.bytes().any(|byte| wanted(&byte));
        match self {
            Self::Upper if has(u8::is_ascii_lowercase) || stem.contains('-') => {
                Some("must not have lower case or `-`")
            }
            Self::Lower { upper, underscore }
                if (!upper && has(u8::is_ascii_uppercase))
                    || (!underscore && stem.contains('_')) =>
            {
                Some(if upper == underscore {
                    "must not have upper case or `_`"
                } else {
                    "must not have upper case"
                })
            }
            Self::Camel if !is_camel_case(stem) => Some("must be in CamelCase"),
            _ => None,
        }
    }
}

/// A name as C sees it: whatever is no letter or digit becomes `_`. Names that are equal then are the same.
pub(crate) fn c_name(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(plain) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.chars().map(|c| if plain(c) { c } else { '_' }).collect())
    }
}

/// The part of a name that style rules apply to: without a vendor's prefix and without `x-`.
/// `None` if this is no name.
pub(crate) fn stem(name: &str) -> Option<&str> {
    let own = match name.strip_prefix("__") {
        Some(rest) => {
            let (vendor, own) = rest.split_once('_')?;
            let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
            (!vendor.is_empty() && vendor.bytes().all(valid)).then_some(own)?
        }
        None => name,
    };
    let starts_well =
        |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let experimental = own.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    let stem = own.get(2..).filter(|rest| experimental && starts_well(rest)).unwrap_or(own);
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (starts_well(stem) && stem.bytes().all(valid)).then_some(stem)
}

/// The words of `stem` in capitals, with `_` between.
fn upper(stem: &str) -> String {
    let mut name = String::with_capacity(stem.len() + 4);
    let mut after_small = false;
    for c in stem.chars() {
        if c.is_ascii_uppercase() && after_small {
            name.push('_');
        }
        after_small = c.is_ascii_lowercase();
        name.push(if c == '-' { '_' } else { c.to_ascii_uppercase() });
    }
    name
}

fn is_camel_case(stem: &str) -> bool {
    stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && stem.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase())
        && stem.bytes().any(|byte| byte.is_ascii_lowercase())
}

impl Checker<'_> {
    /// Checks the name of `what`, such as "member".
    pub(super) fn check_name(&mut self, name: &Spanned<String>, what: &str, style: Style) {
        self.check_stem(name, &name.value, what, style);
    }

    /// The same for an enum value, which may start with a digit.
    pub(super) fn check_value_name(&mut self, name: &Spanned<String>, style: Style) {
        if name.value.starts_with(|c: char| c.is_ascii_digit()) {
            self.check_stem(name, &format!("d{}", name.value), "value", style);
        } else {
            self.check_name(name, "value", style);
        }
    }

    /// The same for a member, which has some reserved names.
    pub(super) fn check_member_name(&mut self, name: &Spanned<String>, style: Style) {
        self.check_name(name, "member", style);
        let plain = c_name(&name.value);
        if plain == "u" || plain.starts_with("has_") {
            let message =
                format!("{} is reserved and cannot be a member name", quoted(&name.value));
            let diagnostic = self
                .fault(Code::NameReserved, message)
                .label(name.span, "")
                .help("`u`, `has-...` and `has_...` are names in the C code that QEMU generates");
            self.report_unless(Allowance::LooseNames, diagnostic);
        }
    }

    fn check_stem(&mut self, name: &Spanned<String>, spelling: &str, what: &str, style: Style) {
        let Some(stem) = stem(spelling) else {
            let message = format!("{} is not a valid {what} name", quoted(&name.value));
            let diagnostic = self.fault(Code::NameInvalid, message).label(name.span, "").help(
                "a name is a letter followed by letters, digits, `-` and `_`; \
                 `__VENDOR_` and `x-` may stand before it",
            );
            return if name.value.is_empty() {
                self.report(diagnostic);
            } else {
                self.report_unless(Allowance::LooseNames, diagnostic);
            };
        };
        if c_name(spelling).starts_with("q_") {
            let message =
                format!("{} is reserved and cannot be a {what} name", quoted(&name.value));
            let diagnostic = self
                .fault(Code::NameReserved, message)
                .label(name.span, "")
                .help("names that start with `q-` or `q_` belong to QAPI itself");
            self.report_unless(Allowance::LooseNames, diagnostic);
        }
        if let Some(complaint) = style.complaint(stem) {
            let message = format!("the name of {what} {} {complaint}", quoted(&name.value));
            let diagnostic = self.fault(Code::NameStyle, message).label(name.span, "");
            let diagnostic = diagnostic.help(style.advice(stem));
            self.report_unless(Allowance::LooseNames, diagnostic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{c_name, stem};

    #[test]
    fn a_stem_is_what_remains_without_vendor_and_experimental_prefix() {
        let cases = [
            ("guest-info", Some("guest-info")),
            ("x-blockdev", Some("blockdev")),
            ("X-blockdev", Some("blockdev")),
            ("x-1", Some("x-1")),
            ("x-", Some("x-")),
            ("__org.qemu_x-Enum", Some("Enum")),
            ("__org.qemu_foo_bar", Some("foo_bar")),
            ("___foo", None),
            ("__com.redhat", None),
            ("__com redhat_x", None),
            ("1a", None),
            ("", None),
            ("a.b", None),
            ("_a", None),
            ("ä", None),
        ];
        for (name, expected) in cases {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_differ_in_punctuation_only_are_one_name_in_c() {
        assert_eq!(c_name("a-b.c"), c_name("a_b-c"));
        assert_eq!(c_name("a_b"), "a_b");
    }
}
