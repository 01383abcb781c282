//! A command line as a shell reads it, and words as a shell has to be given them.

/// The words before the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Those that are complete, without the program.
    pub(super) before: Vec<String>,
    /// The one that is not.
    pub(super) typed: Typed,
}

/// A word that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// What it means so far.
    pub(super) text: String,
    /// The quotes that are open at its end.
    quote: Option<char>,
    /// Whether there are quotes elsewhere in it, which cannot be completed.
    is_mixed: bool,
    /// How much of the text the shell takes for an earlier word.
    settled: usize,
}

impl Words {
    /// Words that were told apart already.
    pub(super) fn new(before: &[String], typed: Typed) -> Self {
        Self { before: before.iter().skip(1).cloned().collect(), typed }
    }

    /// Reads a line up to the cursor. What is before the program does not matter.
    pub(super) fn of_line(program: &str, line: &str, breaks: &str) -> Self {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        loop {
            let (word, after) = split(rest);
            let typed = Typed::read(word, breaks);
            match after {
                None => {
                    let program = words.iter().position(|word| word == program);
                    let before = words.split_off(program.map_or(words.len().min(1), |at| at + 1));
                    return Self { before, typed };
                }
                Some(after) => {
                    words.push(typed.text);
                    rest = after;
                }
            }
        }
    }
}

/// The first word of a line, and what follows its end if that is there.
fn split(line: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', None | Some('"')) => escaped = true,
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            (_, None) if c.is_whitespace() => {
                let (word, rest) = line.split_at(at);
                return (word, Some(rest.trim_start()));
            }
            _ => {}
        }
    }
    (line, None)
}

impl Typed {
    /// A word without quotes.
    pub(super) fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Reads a word with the shell's quotes in it. After each of `breaks`, outside of quotes, the shell begins a new one.
    pub(super) fn read(word: &str, breaks: &str) -> Self {
        let mut typed = Self::default();
        let mut escaped = false;
        for (at, c) in word.char_indices() {
            match (c, typed.quote) {
                _ if escaped => {
                    escaped = false;
                    typed.text.push(c);
                }
                ('\\', None | Some('"')) => escaped = true,
                ('\'' | '"', None) => {
                    typed.quote = Some(c);
                    typed.is_mixed |= at > 0;
                }
                (_, Some(open)) if open == c => {
                    typed.quote = None;
                    typed.is_mixed = true;
                }
                _ => {
                    typed.text.push(c);
                    if typed.quote.is_none() && breaks.contains(c) {
                        typed.settled = typed.text.len();
                    }
                }
            }
        }
        typed
    }

    /// What the shell has to be given for the word to become this, or nothing if that cannot be done safely.
    pub(super) fn quoted(&self, value: &str, is_open: bool) -> Option<String> {
        let value = value.get(self.settled..).filter(|_| !self.is_mixed)?;
        match self.quote {
            None => {
                let mut word = String::new();
                for c in value.chars() {
                    if !is_plain(c) {
                        word.push('\\');
                    }
                    word.push(c);
                }
                // Where the word is complete, the next one can begin.
                Some(if is_open { word } else { word + " " })
            }
            // The shell closes them.
            Some(quote) => {
                let special = if quote == '"' { "\"$`\\!" } else { "'" };
                (!value.contains(|c| special.contains(c))).then(|| value.to_owned())
            }
        }
    }
}

/// Whether a shell sees nothing in it but itself, wherever in a word it is.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "_/.,:=+@%-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'><=;|&(:";

    #[test]
    fn a_line_is_read_as_a_shell_reads_it() {
        let words = Words::of_line("qga", r#"A=b qga -c 'my vm' cp a\ b "guest:/e"#, BREAKS);
        assert_eq!(words.before, ["-c", "my vm", "cp", "a b"]);
        assert_eq!((words.typed.text.as_str(), words.typed.quote), ("guest:/e", Some('"')));
        let words = Words::of_line("qga", "qga ", BREAKS);
        assert!(words.before.is_empty() && words.typed.text.is_empty(), "{words:?}");
    }

    #[test]
    fn a_word_is_given_back_from_where_the_shell_begins_it_with_everything_quoted() {
        let quoted = |typed: &str, value: &str| Typed::read(typed, BREAKS).quoted(value, false);
        assert_eq!(quoted("guest:/e", "guest:/etc"), Some("/etc ".to_owned()));
        assert_eq!(
            quoted("gu", "guest:/$(touch x)`y`"),
            Some(r"guest:/\$\(touch\ x\)\`y\` ".to_owned())
        );
        assert_eq!(quoted("'/a", "/a;b"), Some("/a;b".to_owned()));
        assert_eq!(quoted("\"/a", "/a;b"), Some("/a;b".to_owned()));
    }

    #[test]
    fn what_quotes_would_not_hold_is_not_offered() {
        for (typed, value) in
            [("\"/", "/$(x)"), ("\"/", "/`x`"), ("'/", "/'$(x)"), ("a'b'c", "abcd")]
        {
            assert_eq!(Typed::read(typed, BREAKS).quoted(value, false), None);
        }
    }
}
