//! Conditions as older releases wrote them: C text such as `defined(CONFIG_X) && !defined(CONFIG_Y)`.

use crate::schema::Condition;
use crate::syntax::quote::quoted;

/// How deep parentheses and negations may nest.
const DEPTH: usize = 64;

/// Reads a C condition made of `defined`, names, `!`, `&&`, `||` and parentheses. A bare name means that
/// the macro is defined.
pub(super) fn parse(text: &str) -> Result<Condition, String> {
    let mut parser = Parser { rest: text.trim_start(), depth: 0 };
    let condition = parser.any()?;
    if parser.rest.is_empty() {
        Ok(condition)
    } else {
        Err(format!("{} is left over", quoted(parser.rest)))
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Condition, String> {
        self.list("||", Self::all, Condition::Any)
    }

    fn all(&mut self) -> Result<Condition, String> {
        self.list("&&", Self::one, Condition::All)
    }

    /// One or more parts with `operator` between them; a single part stands for itself.
    fn list(
        &mut self,
        operator: &str,
        part: fn(&mut Self) -> Result<Condition, String>,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Result<Condition, String> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(operator) {
            parts.push(part(self)?);
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => Ok(only),
            last => Ok(join(parts.into_iter().chain(last).collect())),
        }
    }

    fn one(&mut self) -> Result<Condition, String> {
        if self.depth > DEPTH {
            return Err(format!("it nests deeper than {DEPTH} levels"));
        }
        self.depth += 1;
        let condition = if self.take("!") {
            Condition::Not(Box::new(self.one()?))
        } else if self.take("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            Condition::Defined(self.macro_name()?)
        };
        self.depth -= 1;
        Ok(condition)
    }

    /// `NAME`, `defined NAME` or `defined(NAME)`.
    fn macro_name(&mut self) -> Result<String, String> {
        let word = self.word()?;
        if word != "defined" {
            return Ok(word.to_owned());
        }
        if !self.take("(") {
            return self.word().map(str::to_owned);
        }
        let name = self.word()?;
        self.expect(")")?;
        Ok(name.to_owned())
    }

    fn word(&mut self) -> Result<&'a str, String> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(match self.rest {
                "" => "it ends where a name should stand".to_owned(),
                rest => format!("a name should stand before {}", quoted(rest)),
            });
        }
        self.rest = rest.trim_start();
        Ok(word)
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("`{token}` is missing")) }
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::schema::Condition::{self, All, Any, Defined, Not};

    fn defined(name: &str) -> Condition {
        Defined(name.to_owned())
    }

    #[test]
    fn c_text_becomes_a_condition() {
        let cases = [
            ("defined(A)", defined("A")),
            ("defined A", defined("A")),
            (" A ", defined("A")),
            ("!defined( A )", Not(Box::new(defined("A")))),
            ("defined(A) && defined(B)", All(vec![defined("A"), defined("B")])),
            (
                "defined(A) || defined(B) && !defined(C)",
                Any(vec![defined("A"), All(vec![defined("B"), Not(Box::new(defined("C")))])]),
            ),
            (
                "(defined(A)||defined(B))&&defined(C)",
                All(vec![Any(vec![defined("A"), defined("B")]), defined("C")]),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_c_text_is_refused() {
        for text in ["", "1", "defined(", "defined()", "A B", "A &&", "A == 1", "(A", "A)", "A & B"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(parse(&format!("{}A", "!".repeat(100_000))).is_err());
        assert!(parse(&"(".repeat(100_000)).is_err());
    }
}
