//! Build conditions in words.

use crate::schema::Condition;

/// A condition as the schema writes it, on one line: `any(CONFIG_LINUX, CONFIG_WIN32)`.
pub fn condition_code(condition: &Condition) -> String {
    let list = |name: &str, conditions: &[Condition]| {
        let inner = conditions.iter().map(condition_code).collect::<Vec<_>>();
        format!("{name}({})", inner.join(", "))
    };
    match condition {
        Condition::Defined(name) => name.clone(),
        Condition::All(conditions) => list("all", conditions),
        Condition::Any(conditions) => list("any", conditions),
        Condition::Not(condition) => format!("not({})", condition_code(condition)),
    }
}

/// A condition for people, to follow "agents built ...": `for Linux or Windows`, `with CONFIG_FSTRIM`.
pub fn condition_words(condition: &Condition) -> String {
    match condition {
        Condition::Defined(name) => {
            platform(name).map_or_else(|| format!("with `{name}`"), |os| format!("for {os}"))
        }
        Condition::Not(condition) => match condition.as_ref() {
            Condition::Defined(name) => platform(name)
                .map_or_else(|| format!("without `{name}`"), |os| format!("for anything but {os}")),
            other => format!("not ({})", condition_words(other)),
        },
        Condition::All(conditions) => join(conditions, "and"),
        Condition::Any(conditions) => join(conditions, "or"),
    }
}

fn platform(name: &str) -> Option<&'static str> {
    Some(match name {
        "CONFIG_WIN32" => "Windows",
        "CONFIG_LINUX" => "Linux",
        "CONFIG_POSIX" => "POSIX systems",
        "CONFIG_FREEBSD" => "FreeBSD",
        "CONFIG_DARWIN" => "macOS",
        "CONFIG_BSD" => "BSD systems",
        _ => return None,
    })
}

/// Platforms side by side share their "for".
fn join(conditions: &[Condition], word: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut after_platform = false;
    for condition in conditions {
        let nested =
            matches!(condition, Condition::All(inner) | Condition::Any(inner) if inner.len() > 1);
        let words = condition_words(condition);
        let platform =
            words.strip_prefix("for ").filter(|os| !nested && !os.starts_with("anything"));
        match platform {
            Some(os) if after_platform && word == "or" => parts.push(os.to_owned()),
            _ if nested => parts.push(format!("({words})")),
            _ => parts.push(words.clone()),
        }
        after_platform = platform.is_some();
    }
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defined(name: &str) -> Condition {
        Condition::Defined(name.to_owned())
    }

    #[test]
    fn platforms_are_named_and_share_their_preposition() {
        let condition = Condition::Any(vec![defined("CONFIG_LINUX"), defined("CONFIG_WIN32")]);
        assert_eq!(condition_words(&condition), "for Linux or Windows");
        assert_eq!(condition_code(&condition), "any(CONFIG_LINUX, CONFIG_WIN32)");
        let three = ["CONFIG_WIN32", "CONFIG_LINUX", "CONFIG_FREEBSD"].map(defined);
        let condition = Condition::Any(three.to_vec());
        assert_eq!(condition_words(&condition), "for Windows, Linux or FreeBSD");
    }

    #[test]
    fn other_macros_keep_their_names() {
        let condition = Condition::Any(vec![defined("CONFIG_WIN32"), defined("CONFIG_FSTRIM")]);
        assert_eq!(condition_words(&condition), "for Windows or with `CONFIG_FSTRIM`");
    }

    #[test]
    fn negation_and_nesting_stay_unambiguous() {
        let inner = Condition::Any(vec![defined("A"), defined("CONFIG_LINUX")]);
        let condition = Condition::All(vec![Condition::Not(Box::new(defined("B"))), inner]);
        assert_eq!(condition_words(&condition), "without `B` and (with `A` or for Linux)");
    }
}
