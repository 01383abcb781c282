//! The list of cases that may differ, each with a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;

/// Cases and the reasons why they may differ.
pub(crate) struct Exceptions(BTreeMap<String, String>);

impl Exceptions {
    /// Reads a list: a case and the reason on each line; lines that start with `#` are comments.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut list = BTreeMap::new();
        for line in
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let (name, reason) =
                line.split_once(char::is_whitespace).context("an exception needs a reason")?;
            list.insert(name.to_owned(), reason.trim().to_owned());
        }
        Ok(Self(list))
    }

    /// Why the case may differ, if it may.
    pub(crate) fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The exceptions that are not among `names`.
    pub(crate) fn unknown<'a>(
        &'a self,
        names: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = &'a str> {
        self.0.keys().filter(|name| !names.contains(*name)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_needs_a_reason() {
        assert!(Exceptions::parse("some-case").is_err());
    }

    #[test]
    fn comments_and_empty_lines_are_no_exceptions() -> anyhow::Result<()> {
        let list = Exceptions::parse("# why\n\nsome-case  it is odd\n")?;
        assert_eq!(list.reason("some-case"), Some("it is odd"));
        assert_eq!(list.unknown(&BTreeSet::new()).collect::<Vec<_>>(), ["some-case"]);
        Ok(())
    }
}
